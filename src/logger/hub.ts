import type { SpanContext } from '@opentelemetry/api';
import { SYSTEM_TIME } from '../core/clock.ts';
import type { TimeSource } from '../core/clock.ts';
import type { Intake } from '../core/intake.ts';
import { SEVERITY, SEVERITY_OFF, severityText } from '../core/level.ts';
import type { LogRecord, Scope } from '../core/record.ts';
import type { Recorder } from '../core/recorder.ts';
import { createRecord, NO_BOUND } from '../core/record.ts';
import { ValueMap } from '../core/value.ts';
import { activeSpan } from './active-span.ts';
import type { Bound } from './bound-fields.ts';
import { LogContext } from './context.ts';
import { fillRecord, fillUnread, NO_EVENT, readEventName } from './fill-record.ts';
import { HubLogger } from './logger.ts';
import type { Logger, LoggerState, LogTarget } from './logger.ts';
import type { LevelTable } from './level-table.ts';
import { markedBody } from './marked-fields.ts';

/**
 * Records that may be in the making at once: code that runs while a record is read (a getter, a `toJSON`) may log, and so
 * may what that record holds. One that logs itself would go on until the stack ends, or for longer than anyone waits,
 * since what throws is read a second time.
 */
const MAX_NESTED = 8;

/** Places for fields that a record keeps between calls. */
const MAX_KEPT_FIELDS = 32;

const NO_ATTRIBUTES = new ValueMap();

/** Names of loggers are kept for good; one made per request would fill the memory. */
const MAX_LOGGERS = 10_000;
/** The logger that all further names share. */
const OVERFLOW_NAME = 'spanlog.too_many_loggers';

/** What a bridge hands over: an OTel Logs API record, by its shape. */
export interface ForeignRecord {
  readonly eventName: string;
  readonly severity: number;
  readonly severityText: string;
  readonly body: unknown;
  readonly attributes: unknown;
  readonly error: unknown;
  /** Undefined means: not given, use the observed time. */
  readonly time: { seconds: number; nanos: number } | undefined;
  readonly span: SpanContext | undefined;
}

/**
 * All loggers of a process and the one intake they share. There is one hub per process, in the registry; it lives from
 * the first `getLogger`, so that loggers made before `register` follow when the intake changes.
 */
export class Hub implements LogTarget {
  /** Where records go now. Replaced by `register`. */
  intake: Intake;
  readonly context: LogContext = new LogContext();
  readonly levels: LevelTable;
  /** Scopes by id, for those who group encoded records. */
  readonly scopes: Scope[] = [];
  /** Holds what is below its logger's level; undefined when that is nobody's wish. */
  #recorder: Recorder | undefined;
  /** Called when a logger's name is one too many; what it logs then comes from the overflow logger. */
  onTooManyLoggers: () => void = () => undefined;
  readonly #loggers = new Map<string, { readonly state: LoggerState; readonly logger: Logger }>();
  /** Records not in use. One is enough unless a getter or a thunk logs while its record is being filled. */
  readonly #free: LogRecord[] = [];
  /** Records that exist; while it is past MAX_NESTED, so is the depth of the call that runs. */
  #made = 0;

  readonly time: TimeSource;

  /** @param time by which durations are measured; records have their time from the intake */
  constructor(intake: Intake, levels: LevelTable, time: TimeSource = SYSTEM_TIME) {
    this.intake = intake;
    this.levels = levels;
    this.time = time;
  }

  /** The logger of that name; the same one each time. An empty name is an error, since nothing could be found by it. */
  getLogger(name: string): Logger {
    const known = this.#loggers.get(name);
    if (known !== undefined) return known.logger;
    if (typeof name !== 'string' || name.trim() === '') {
      throw new TypeError(
        `getLogger needs a name such as 'checkout.payments', got ${typeof name === 'string' ? JSON.stringify(name) : typeof name}: give each module its own, so that levels and searches can name it`,
      );
    }
    if (this.#loggers.size >= MAX_LOGGERS && name !== OVERFLOW_NAME) {
      this.onTooManyLoggers();
      return this.getLogger(OVERFLOW_NAME);
    }
    const state: LoggerState = { scope: this.createScope(name), threshold: SEVERITY_OFF, level: SEVERITY_OFF };
    this.levels.attach(state);
    const logger = new HubLogger(this, state, undefined);
    this.#loggers.set(name, { state, logger });
    return logger;
  }

  createScope(name: string, version = '', schemaUrl = '', attributes: ValueMap = NO_ATTRIBUTES): Scope {
    const scope: Scope = { id: this.scopes.length, name, version, schemaUrl, attributes };
    this.scopes.push(scope);
    return scope;
  }

  /**
   * One log call. Never throws: what fails in here costs this record, and is counted and said.
   *
   * @param isHeld it is below the level of its logger, and for the flight recorder
   */
  log(
    scope: Scope,
    bound: Bound | undefined,
    severity: number,
    event: unknown,
    fields: unknown,
    error: unknown,
    isHeld = false,
  ): void {
    const { intake } = this;
    const record = this.#free.pop() ?? this.#make(scope);
    try {
      const span = activeSpan();
      record.scope = scope;
      record.severity = severity;
      record.severityText = severityText(severity);
      record.spanContext = span;
      record.isHeld = isHeld;
      if (!isHeld && !intake.admit(scope, severity, typeof event === 'string' ? event : '', span, record)) return;
      const context = this.context.active(intake);
      if (this.#made > MAX_NESTED) fillUnread(record, intake, context, bound?.under(intake), event);
      else fillRecord(record, intake, context, bound?.under(intake), event, fields, error);
      // An error that is expected has made it quieter than its logger is.
      const isQuieter = record.severity < severity && record.severity < this.levels.thresholdOf(scope.name);
      // A getter or a function for the fields has called `register`: the rules in force are others now.
      if (this.intake !== intake) this.log(scope, bound, severity, event, fields, error, isHeld);
      else if (isHeld || (isQuieter && !record.isAudit)) this.#hold(record);
      else this.#submit(record);
    } catch (failure) {
      intake.fail(failure, record);
    } finally {
      this.#release(record);
    }
  }

  isAudit(scope: Scope, event: unknown): boolean {
    return this.levels.isAudit(scope.name, event);
  }

  /** A logger that is off is not recorded either. @param span the active one unless given */
  isRecording(severity: number, level: number, span?: SpanContext): boolean {
    const recorder = this.#recorder;
    if (recorder === undefined || severity < recorder.level || level >= SEVERITY_OFF) return false;
    return recorder.covers(this.context.recording(), span ?? activeSpan());
  }

  get recorder(): Recorder | undefined {
    return this.#recorder;
  }

  /** From now on `recorder` holds what is below its logger's level. What the one before still held is discarded. */
  useRecorder(recorder: Recorder | undefined): void {
    this.#recorder?.end();
    this.#recorder = this.context.recorder = recorder;
    this.levels.record(recorder?.level);
  }

  #hold(record: LogRecord): void {
    const recorder = this.#recorder;
    // Unspecified severity counts as INFO, as backends show it.
    const severity = record.severity === 0 ? SEVERITY.info : record.severity;
    if (recorder !== undefined && severity >= recorder.level) recorder.hold(this.context.recording(), record);
  }

  #submit(record: LogRecord): void {
    if (this.#recorder !== undefined && record.severity >= SEVERITY.error) {
      this.#recorder.release(this.context.recording(), record.spanContext);
    }
    this.intake.submit(record);
  }

  /**
   * A record from a bridge, which has asked for its level.
   *
   * @param isBelow it is below that, and for the flight recorder
   */
  emit(scope: Scope, given: ForeignRecord, isBelow = false): void {
    const foreign = this.levels.eventLevels === undefined ? given : this.#atOwnLevel(scope, given);
    if (foreign === undefined) return;
    const isHeld = isBelow || (foreign !== given && foreign.severity < this.levels.bridgedLevelOf(scope.name));
    const { intake } = this;
    const record = this.#free.pop() ?? this.#make(scope);
    try {
      record.scope = scope;
      record.severity = foreign.severity;
      record.severityText = foreign.severityText === '' ? severityText(foreign.severity) : foreign.severityText;
      record.spanContext = foreign.span;
      record.isHeld = isHeld;
      if (!isHeld && !intake.admit(scope, foreign.severity, foreign.eventName, foreign.span, record)) return;
      const context = this.context.active(intake);
      // Before the attributes: what is left of the budget for text is theirs.
      const { reader } = intake;
      reader.begin();
      const eventName = readEventName(record, intake, foreign.eventName);
      if (this.#made > MAX_NESTED) {
        fillUnread(record, intake, context, undefined, foreign.body);
      } else {
        const body =
          foreign.body === undefined
            ? null
            : reader.readBody(markedBody(intake.events.bridgedKeysOf(foreign.eventName).classes, foreign.body));
        record.eventName = typeof eventName === 'string' ? eventName : '';
        fillRecord(record, intake, context, undefined, NO_EVENT, foreign.attributes, foreign.error);
        record.body = body;
      }
      record.eventName = eventName;
      if (foreign.time !== undefined) {
        record.time.seconds = foreign.time.seconds;
        record.time.nanos = foreign.time.nanos;
      }
      if (this.intake !== intake) this.emit(scope, foreign, isHeld);
      else if (isHeld) this.#hold(record);
      else this.#submit(record);
    } catch (failure) {
      intake.fail(failure, record);
    } finally {
      this.#release(record);
    }
  }

  /** As the event's own level has it; undefined when that is off. */
  #atOwnLevel(scope: Scope, foreign: ForeignRecord): ForeignRecord | undefined {
    const severity = this.levels.severityOf(foreign.eventName, foreign.severity);
    if (severity === foreign.severity || this.isAudit(scope, foreign.eventName)) return foreign;
    if (severity >= SEVERITY_OFF) return undefined;
    return { ...foreign, severity, severityText: '' };
  }

  #make(scope: Scope): LogRecord {
    this.#made++;
    return createRecord(scope);
  }

  /** Empties the record, so that it holds on to nothing, and keeps it for the next call. */
  #release(record: LogRecord): void {
    if (this.#made > MAX_NESTED) {
      this.#made--;
      return;
    }
    record.eventName = '';
    record.body = null;
    record.bound = NO_BOUND;
    // The arrays of a large record are let go, or they would hold on to its texts.
    if (record.fieldCount > MAX_KEPT_FIELDS) record.fieldKeys.length = record.fieldValues.length = 0;
    record.fieldCount = 0;
    record.isAudit = false;
    record.error = undefined;
    record.droppedAttributes = 0;
    record.time.seconds = 0;
    record.time.nanos = 0;
    record.samplingThreshold = '';
    record.samplingRandomness = '';
    this.#free.push(record);
  }
}
