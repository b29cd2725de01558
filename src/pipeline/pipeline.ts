import type { SpanContext } from '@opentelemetry/api';
import type { AuditRules } from '../core/audit-rules.ts';
import type { Batch } from '../core/batch.ts';
import { Classified } from '../core/classified.ts';
import { SYSTEM_TIME } from '../core/clock.ts';
import type { Clock, TimeSource } from '../core/clock.ts';
import { EVENT_NAME, EventNames } from '../core/event-names.ts';
import type { EventRounds, KnownKeys } from '../core/event-names.ts';
import type { Diag } from '../core/diag.ts';
import type { Intake } from '../core/intake.ts';
import { severityText } from '../core/level.ts';
import { textOf } from '../core/object-kind.ts';
import type { ValueReader } from '../core/read-value.ts';
import { appendField, attributeOf, attributesOf, createRecord, NO_BOUND, TEMPLATE_KEY } from '../core/record.ts';
import type { LogRecord, Scope } from '../core/record.ts';
import { limitFields, settleRepeats } from '../core/record-fields.ts';
import type { ErrorRules } from '../core/error-rules.ts';
import type { RecordSink, Sink } from '../core/sink.ts';
import { toPlain, ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { completeRecord, UID } from './complete-record.ts';
import type { Completion } from './complete-record.ts';
import type { After } from './dedupe.ts';
import type { OwnRecord } from './own-record.ts';
import { createRateNotice } from './rate-notice.ts';
import { sortSinks } from './sorted-sinks.ts';
import type { EncoderGroup, SortedSinks } from './sorted-sinks.ts';
import type { Sampler } from './sample.ts';
import { Volume } from './volume.ts';
import type { VolumeSettings } from './volume.ts';

export interface PipelineParts extends Completion {
  readonly reader: ValueReader;
  readonly attributeLimit: number;
  readonly epoch: number;
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly sinks: readonly Sink[];
  readonly diag: Diag;
  readonly errors?: ErrorRules | undefined;
  /** Which records nothing keeps out; undefined where none is. */
  readonly audit?: AuditRules | undefined;
  /** Knows the event catalogue, when there is one. */
  readonly events?: EventNames | undefined;
  /** What holds records back, and what tells of them; all pass when left out. */
  readonly volume?: PipelineVolume | undefined;
}

export interface PipelineVolume {
  readonly settings: VolumeSettings;
  readonly after: After;
  /** The scope of records of our own. */
  readonly scope: Scope;
  readonly time?: TimeSource;
}

/**
 * The way of a record from admission to the queues: sample, stamp, encode once per format, hand the bytes to each
 * destination. Everything happens in the caller's tick, and nothing of the record is kept after it.
 */
export class Pipeline implements Intake {
  readonly reader: ValueReader;
  readonly events: EventNames;
  readonly attributeLimit: number;
  readonly epoch: number;
  readonly errors: ErrorRules | undefined;
  readonly #sampler: Sampler;
  readonly #audit: AuditRules | undefined;
  readonly #clock: Clock;
  readonly #diag: Diag;
  readonly #completion: Completion;
  readonly #sinks: SortedSinks;
  readonly #volume: Volume | undefined;
  /** The scope of records of our own: neither sampling nor limits nor dedupe is for them. */
  readonly #ownScope: Scope | undefined;

  constructor(parts: PipelineParts) {
    this.reader = parts.reader;
    this.attributeLimit = parts.attributeLimit;
    this.epoch = parts.epoch;
    this.errors = parts.errors;
    this.events = parts.events ?? new EventNames();
    this.#sampler = parts.sampler;
    this.#audit = parts.audit;
    this.#clock = parts.clock;
    this.#diag = parts.diag;
    this.#completion = { uids: parts.uids, retention: parts.retention };
    this.#sinks = sortSinks(parts.sinks);
    this.events.rounds = parts.volume && this.#createNotice(parts.volume);
    this.#ownScope = parts.volume?.scope;
    this.#volume = parts.volume && this.#createVolume(parts.volume);
  }

  #createNotice({ settings, scope, time = SYSTEM_TIME }: PipelineVolume): EventRounds | undefined {
    return createRateNotice(settings.rateLimit.noticePerMinute, time, (record) => this.#tell(scope, record));
  }

  #createVolume({ settings, after, scope, time = SYSTEM_TIME }: PipelineVolume): Volume | undefined {
    const { events, reader } = this;
    return Volume.create({
      settings,
      time,
      after,
      isHarmless: (name) => events.knows(name) || (EVENT_NAME.test(name) && reader.policy.text(name) === name),
      tell: (record) => this.#tell(scope, record),
      tellRepeats: (record) => this.#release(record),
    });
  }

  admit(scope: Scope, severity: number, eventName: string, span: SpanContext | undefined, record: LogRecord): boolean {
    if (this.#audit !== undefined) {
      record.isAudit = this.#audit.has(scope.name, eventName);
      if (record.isAudit) return true;
    }
    if (scope === this.#ownScope) return true;
    if (this.#sampler.active) {
      const decision = this.#sampler.decide(scope.name, severity, eventName, span);
      if (!decision.keep) {
        for (const { account } of this.#sinks.ordinary) {
          account.sampledOut++;
          account.emitted++;
        }
        return false;
      }
      record.samplingThreshold = decision.threshold;
      record.samplingRandomness = decision.randomness;
    }
    if (this.#volume === undefined || this.#volume.admits(scope.name, severity, eventName)) return true;
    for (const { account } of this.#sinks.ordinary) {
      account.limited++;
      account.emitted++;
    }
    return false;
  }

  submit(record: LogRecord): void {
    this.#clock.stamp(record.observed);
    if (this.#volume === undefined) this.#passFirst(record);
    else this.#passOnce(record, this.#volume);
  }

  #passFirst(record: LogRecord): void {
    this.#pass(record);
    if (record.error !== undefined) this.#remember(record.error, record);
  }

  /** An error whose record is held back has not been told of: the next record of it carries its stack. */
  #passOnce(record: LogRecord, volume: Volume): void {
    const isKept = record.isAudit || record.scope === this.#ownScope;
    if (!isKept && volume.holds(record)) {
      for (const { account } of this.#sinks.ordinary) {
        account.deduplicated++;
        account.emitted++;
      }
    } else {
      this.#passFirst(record);
    }
    volume.tellDue();
  }

  /** Tells of what is held back; after the `last` time nothing is. */
  tellHeld(last: boolean): void {
    this.#volume?.tellHeld(last);
  }

  /** A record of our own. Never throws. */
  #tell(scope: Scope, { eventName, severity, body, fields }: OwnRecord): void {
    const record = createRecord(scope);
    record.severity = severity;
    record.severityText = severityText(severity);
    record.eventName = eventName;
    record.body = body;
    for (const [key, value] of fields) appendField(record, key, value);
    this.#release(record);
  }

  /** Passes a record that was judged before, or is ours. */
  #release(record: LogRecord): void {
    try {
      this.#clock.stamp(record.observed);
      this.#pass(record);
    } catch (error) {
      this.fail(error, record);
    }
  }

  #remember(error: object, record: LogRecord): void {
    const uid = this.#completion.uids === undefined ? undefined : attributeOf(record, UID);
    this.errors?.remember(error, record, typeof uid === 'string' ? uid : undefined);
    record.error = undefined;
  }

  /** Takes a record that was made before this pipeline stood: judged anew by the rules in force now. */
  resume(record: LogRecord): void {
    if (!this.admit(record.scope, record.severity, record.eventName, record.spanContext, record)) return;
    const { reader } = this;
    reader.begin();
    const isEvent = record.eventName !== '' && record.eventName === record.body;
    const eventName = reader.readBody(record.eventName);
    record.body = reader.readBody(markedBody(record.body, this.events.otherKeys));
    record.eventName =
      typeof eventName === 'string' && (!isEvent || this.events.judge(eventName, eventName)) ? eventName : '';
    const attributes = [...attributesOf(record)];
    record.bound = NO_BOUND;
    record.fieldCount = 0;
    const known = this.events.keysOf(record.eventName) ?? this.events.otherKeys;
    const template = attributes.find(([key]) => key === TEMPLATE_KEY)?.[1];
    for (const [key, value] of attributes) {
      const verdict = reader.policy.key(key);
      const name = known.nameOf(verdict.shown);
      const hides = known.hidesUnder(name, verdict.hides);
      const given = toPlain(value);
      appendField(record, name, reader.readUnder(key, hides, given));
      // Its text was made when nobody knew that this field is to be hidden.
      if ((hides ?? reader.policy.path?.([key])) !== undefined && stands(key, given, template)) {
        record.body = reader.readBody(template);
      }
    }
    settleRepeats(record);
    limitFields(record, this.attributeLimit);
    if (isEvent) known.check?.see(record);
    if (this.#volume === undefined) this.#pass(record);
    else this.#passOnce(record, this.#volume);
  }

  /**
   * Counts records that were lost before they reached this pipeline.
   *
   * @param audit whether they may have been audit records
   */
  lose(reason: string, count: number, audit = true): void {
    for (const { account } of audit ? [...this.#sinks.ordinary, ...this.#sinks.audit] : this.#sinks.ordinary) {
      // In this order: where the stack ends in between, nothing was counted.
      account.drop(reason, count);
      account.emitted += count;
    }
  }

  #pass(record: LogRecord): void {
    completeRecord(record, this.#completion);
    if (record.isAudit) for (const sink of this.#sinks.audit) writeWhole(sink, record);
    for (const group of this.#sinks.groups) encodeInto(group, record);
    for (const sink of this.#sinks.whole) writeWhole(sink, record);
  }

  fail(error: unknown, record?: LogRecord): void {
    this.lose('internal_error', 1, record?.isAudit === true);
    this.#diag.error('internal_error', `a record was lost to a fault of ours: ${stackOf(error)}. Please report it`);
  }
}

/** A body that is an object has what its author took for fields. */
function markedBody(body: Value, { classes }: KnownKeys): unknown {
  const plain = toPlain(body);
  if (!(body instanceof ValueMap) || classes === undefined) return plain;
  const marked = plain as Record<string, unknown>;
  for (const key of body.keys) {
    const known = classes.get(key);
    if (known !== undefined && marked[key] !== null) marked[key] = new Classified(known, marked[key]);
  }
  return marked;
}

/** True for a field that the text of a template shows; one that was hidden before is a mark in the text as well. */
function stands(key: string, value: unknown, template: unknown): boolean {
  if (value === null || (typeof value === 'string' && value.startsWith('[REDACTED'))) return false;
  return typeof template === 'string' && template.includes(`{${key}}`);
}

/** What was thrown may be the application's, and throw when it is looked at. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? textOf(error.stack ?? error.message) : 'unknown';
  } catch {
    return 'unreadable';
  }
}

function writeWhole(sink: RecordSink, record: LogRecord): void {
  sink.write(record);
  sink.account.emitted++;
}

/** Encodes the record once, into the batch of the first sink that takes it; the others get a copy of the bytes. */
function encodeInto({ encoder, sinks }: EncoderGroup, record: LogRecord): void {
  let first: Batch | undefined;
  let from = 0;
  let to = 0;
  for (const sink of sinks) {
    const batch = sink.open(record);
    if (batch !== undefined) {
      if (first === undefined) {
        from = batch.length;
        encoder.encode(record, batch);
        to = batch.length;
        first = batch;
      } else {
        batch.append(first.bytes, from, to);
      }
      sink.commit(record, batch);
    }
    // Last, so that a record which failed on the way is counted once, by whoever catches that.
    sink.account.emitted++;
  }
}
