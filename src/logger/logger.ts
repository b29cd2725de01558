import type { Intake } from '../core/intake.ts';
import type { TimeSource } from '../core/clock.ts';
import type { Scope } from '../core/record.ts';
import { parseLevel, SEVERITY, SEVERITY_OFF } from '../core/level.ts';
import type { Level } from '../core/level.ts';
import { Bound } from './bound-fields.ts';
import { RunningCall } from './call.ts';
import type { Attempt, CallOptions } from './call.ts';
import { thrownValue } from './exception.ts';
import type { Fields, MadeFields } from './fields.ts';
import { RunningFlow } from './flow.ts';
import type { Flow } from './flow.ts';
import type { LevelTable } from './level-table.ts';
import { misplacedFunction } from './merged-fields.ts';
import type { LazyFields } from './merged-fields.ts';
import type { TimingOptions } from './outcome.ts';
import { isTemplate, TemplateCall } from './template.ts';
import { RunningTimer } from './timing.ts';
import type { Timer } from './timing.ts';
import { logTransition } from './transition.ts';
import type { Transitions } from './transition.ts';
import { watched } from './watch.ts';

/** Fields, a function that makes them when the record is kept, or the error itself. */
export type FieldsArgument = Fields | Error | (() => MadeFields) | undefined;

/** What a log method takes: an event or a message, its fields, and an error; or a template behind it. */
export interface LogMethod {
  (event: string | Error, fields?: FieldsArgument, error?: unknown): void;
  /**
   * As a template tag: ``log.info`charged ${{ amount }} to ${{ userId }}` ``. The text becomes the body; `amount` and `userId`
   * become fields; `log.template` says `charged {amount} to {userId}`, by which records group alike.
   *
   * A value without a name stands in the text alone, an Error becomes the error, a function runs when the record is kept.
   */
  (template: TemplateStringsArray, ...values: readonly unknown[]): void;
}

/**
 * A named logger. Names are hierarchical: `checkout.payments` takes its level from `checkout` unless it has its own.
 *
 * An event is a name like `payment_failed` (letters, digits, `_`, `-`, `.`; at most 64): it becomes the OTel EventName,
 * so that backends can group by it. Anything else is a message. No method ever throws.
 */
export interface Logger {
  readonly name: string;
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** Logs a caught error at ERROR; the event is `exception` unless given. */
  readonly exception: (error: unknown, event?: string, fields?: Fields) => void;
  /** True when a record of this level would be made, or held by the flight recorder. */
  isEnabled(level: Level): boolean;
  /** A logger of the same name whose records all carry `fields`; they are read, redacted and encoded once. */
  child(fields: Fields): Logger;
  /**
   * Measures until the timer ends, and logs once, with `duration_ms`: `using t = log.time('db_query')`.
   *
   * @param options `slowMs` raises the level to WARN, `level` is that of an end without failure
   */
  time(event: string, fields?: LazyFields, options?: TimingOptions): Timer;
  /**
   * Runs `fn` and logs its end once: `duration_ms` and `outcome`, at ERROR with the exception when it fails. Promises,
   * iterators and streams end when they are done. What `fn` returns and throws passes through.
   */
  timed<T>(event: string, fields: LazyFields, fn: () => T, options?: TimingOptions): T;
  /**
   * Runs `fn`, a call of something outside of the process, and logs each of its attempts as `dependency_call`, with
   * `dependency`, `attempt`, `outcome`, `status` and `duration_ms`.
   */
  call<T>(dependency: string, fields: LazyFields, fn: (attempt: Attempt) => T, options?: CallOptions): T;
  /** Logs the life of an operation: `flow_started`, each `flow_step`, then `flow_completed` or `flow_failed`. */
  flow(name: string, fields?: LazyFields, options?: TimingOptions): Flow;
  /** Logs a change of state as `state_changed`; at ERROR when the table that `defineTransitions` made does not allow it. */
  transition<State extends string>(
    entity: string | Transitions<State>,
    id: string | number,
    from: NoInfer<State>,
    to: NoInfer<State>,
    fields?: LazyFields,
  ): void;
}

/** Where a logger's calls go: the hub, seen from below. */
export interface LogTarget {
  readonly intake: Intake;
  /** By which durations are measured. */
  readonly time: TimeSource;
  readonly levels: Pick<LevelTable, 'eventLevels' | 'severityOf'>;
  /** @param isHeld the call is below its logger's level, and for the flight recorder */
  log(
    scope: Scope,
    bound: Bound | undefined,
    severity: number,
    event: unknown,
    fields: unknown,
    error: unknown,
    isHeld?: boolean,
  ): void;
  /** An audit record, which passes whatever its level is. */
  isAudit(scope: Scope, event: unknown): boolean;
  /** Whether a call of that severity, below the level of its logger, would be held here. */
  isRecording(severity: number, level: number): boolean;
}

/** What all loggers of one name share. Both numbers are replaced when levels change, so children follow at once. */
export interface LoggerState {
  readonly scope: Scope;
  /**
   * Lowest severity that a call looks at: the level, or lower where a record below it may be wanted for its event, or by the
   * flight recorder.
   */
  threshold: number;
  /** Lowest severity that is logged. */
  level: number;
}

/**
 * Methods are functions of their own, so that `promise.catch(log.error)` and `const { info } = log` work.
 *
 * A disabled call is one load and one comparison (R1.6); nothing is read or allocated before it. The rest parameter is
 * for templates: as it is only spread, V8 makes no array of it (measured: 24 ns a call with it and without).
 */
export class HubLogger implements Logger {
  readonly #hub: LogTarget;
  readonly #state: LoggerState;
  readonly #bound: Bound | undefined;

  readonly trace: LogMethod = (event: unknown, fields?: unknown, error?: unknown, ...more: readonly unknown[]) => {
    if (SEVERITY.trace < this.#state.threshold) return;
    if (typeof event === 'string') this.#log(SEVERITY.trace, event, fields, error);
    else this.#logOther(SEVERITY.trace, event, fields, error, ...more);
  };

  readonly debug: LogMethod = (event: unknown, fields?: unknown, error?: unknown, ...more: readonly unknown[]) => {
    if (SEVERITY.debug < this.#state.threshold) return;
    if (typeof event === 'string') this.#log(SEVERITY.debug, event, fields, error);
    else this.#logOther(SEVERITY.debug, event, fields, error, ...more);
  };

  readonly info: LogMethod = (event: unknown, fields?: unknown, error?: unknown, ...more: readonly unknown[]) => {
    if (SEVERITY.info < this.#state.threshold) return;
    if (typeof event === 'string') this.#log(SEVERITY.info, event, fields, error);
    else this.#logOther(SEVERITY.info, event, fields, error, ...more);
  };

  readonly warn: LogMethod = (event: unknown, fields?: unknown, error?: unknown, ...more: readonly unknown[]) => {
    if (SEVERITY.warn < this.#state.threshold) return;
    if (typeof event === 'string') this.#log(SEVERITY.warn, event, fields, error);
    else this.#logOther(SEVERITY.warn, event, fields, error, ...more);
  };

  readonly error: LogMethod = (event: unknown, fields?: unknown, error?: unknown, ...more: readonly unknown[]) => {
    if (SEVERITY.error < this.#state.threshold) return;
    if (typeof event === 'string') this.#log(SEVERITY.error, event, fields, error);
    else this.#logOther(SEVERITY.error, event, fields, error, ...more);
  };

  readonly fatal: LogMethod = (event: unknown, fields?: unknown, error?: unknown, ...more: readonly unknown[]) => {
    if (SEVERITY.fatal < this.#state.threshold) return;
    if (typeof event === 'string') this.#log(SEVERITY.fatal, event, fields, error);
    else this.#logOther(SEVERITY.fatal, event, fields, error, ...more);
  };

  readonly exception: Logger['exception'] = (error, event = 'exception', fields) => {
    if (SEVERITY.error >= this.#state.threshold) this.#log(SEVERITY.error, event, fields, thrownValue(error));
  };

  constructor(hub: LogTarget, state: LoggerState, bound: Bound | undefined) {
    this.#hub = hub;
    this.#state = state;
    this.#bound = bound;
  }

  get name(): string {
    return this.#state.scope.name;
  }

  isEnabled(level: Level): boolean {
    const severity = parseLevel(level);
    if (severity === undefined || severity >= SEVERITY_OFF) return false;
    const { level: own } = this.#state;
    return severity >= own || this.#hub.isRecording(severity, own);
  }

  child(fields: Fields): Logger {
    return new HubLogger(this.#hub, this.#state, Bound.create(this.#hub.intake, this.#bound, fields));
  }

  time(event: string, fields?: LazyFields, options?: TimingOptions): Timer {
    return new RunningTimer(this, this.#hub.time, event, fields, options);
  }

  timed<T>(event: string, fields: LazyFields, fn: () => T, options?: TimingOptions): T {
    if (typeof fn !== 'function') {
      const { fields: given, run } = misplacedFunction(fn, fields);
      return this.timed(event, given, run, options) as T;
    }
    return watched(fn, new RunningTimer(this, this.#hub.time, event, fields, options));
  }

  call<T>(dependency: string, fields: LazyFields, fn: (attempt: Attempt) => T, options?: CallOptions): T {
    if (typeof fn !== 'function') {
      const { fields: given, run } = misplacedFunction(fn, fields);
      return this.call(dependency, given, run, options) as T;
    }
    const call = new RunningCall(this, this.#hub.time, dependency, fields, options);
    return watched(() => fn(call), call);
  }

  flow(name: string, fields?: LazyFields, options?: TimingOptions): Flow {
    return new RunningFlow(this, this.#hub.time, name, fields, options);
  }

  transition<State extends string>(
    entity: string | Transitions<State>,
    id: string | number,
    from: NoInfer<State>,
    to: NoInfer<State>,
    fields?: LazyFields,
  ): void {
    logTransition(this, entity, id, from, to, fields);
  }

  /** Off the fast path: a template, an error in the event's place, or what the types refuse. */
  #logOther(severity: number, event: unknown, ...values: readonly unknown[]): void {
    if (isTemplate(event)) this.#log(severity, new TemplateCall(event, values), undefined, undefined);
    else this.#log(severity, event, values[0], values[1]);
  }

  #log(severity: number, event: unknown, fields: unknown, error: unknown): void {
    const { levels } = this.#hub;
    if (levels.eventLevels === undefined) this.#logAt(severity, event, fields, error);
    else {
      const own = levels.severityOf(event, severity);
      const isOff = own >= SEVERITY_OFF;
      if (!isOff) this.#logAt(own, event, fields, error);
      else if (this.#hub.isAudit(this.#state.scope, event)) this.#logAt(severity, event, fields, error);
    }
  }

  #logAt(severity: number, event: unknown, fields: unknown, error: unknown): void {
    const { scope, level } = this.#state;
    if (severity >= level || this.#hub.isAudit(scope, event)) {
      this.#hub.log(scope, this.#bound, severity, event, fields, error);
    } else if (this.#hub.isRecording(severity, level)) {
      this.#hub.log(scope, this.#bound, severity, event, fields, error, true);
    }
  }
}
