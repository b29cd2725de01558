import type { TimeSource } from '../core/clock.ts';
import { thrownValue } from './exception.ts';
import { PROBLEM_KEY } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Logger } from './logger.ts';
import { GivenFields, mergedFields, problemOfName } from './merged-fields.ts';
import type { LazyFields } from './merged-fields.ts';
import { levelOfEnd, measuredFields, outcomeOf, readOption, readTiming, roundedMs } from './outcome.ts';
import type { Outcome, Timing, TimingOptions } from './outcome.ts';
import { statusOfError, statusOfResult } from './status.ts';
import type { Status } from './status.ts';
import type { Watch } from './watch.ts';

/** The event of every record about a call of something outside of the process. */
const CALL_EVENT = 'dependency_call';

/** One try of a call of something outside, as the code that retries sees it. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** What the other side answered; else it is read from the result or the error. */
  status(status: Status): void;
  /** Adds fields to the record of this attempt. */
  add(fields: LazyFields): void;
  /** This attempt has failed and there will be another one: logged at WARN, now. To be called before waiting. */
  failed(error?: unknown): void;
  /** The next attempt begins; this one is logged as failed unless `failed` was called. */
  next(error?: unknown): void;
}

export interface CallOptions extends TimingOptions {
  /** Which attempt this is, when each one is a `call` of its own; 1 unless given. */
  readonly attempt?: number;
  /** How many there will be at most: a failure before the last one is WARN, since it will be tried again. */
  readonly maxAttempts?: number;
}

const NEXT_FORGOTTEN = 'attempt.next() was not called after attempt.failed(): this attempt is timed from there on';

/** From here on an HTTP status says that the other side failed (RFC 9110, 15.6). */
const SERVER_ERROR = 500;

/** Makes one record of each attempt. */
export class RunningCall implements Attempt, Watch {
  readonly #log: Logger;
  readonly #time: TimeSource;
  readonly #dependency: string;
  readonly #timing: Timing;
  readonly #fields: unknown;
  readonly #maxAttempts: number;
  readonly #startedMs: number;
  #number: number;
  #attemptStartedMs: number;
  /** Given for this attempt alone. */
  #added = new GivenFields();
  #status: Status | undefined;
  /** The failure that is logged, until the next attempt begins. */
  #logged: { readonly error: unknown; readonly atMs: number } | undefined;
  /** What is wrong with how this attempt was told of. */
  #problem: Readonly<Record<string, string>> | undefined;
  #isRetried = false;
  #ended = false;

  constructor(log: Logger, time: TimeSource, dependency: string, fields: unknown, options: CallOptions | undefined) {
    this.#log = log;
    this.#time = time;
    this.#dependency = dependency;
    this.#fields = fields;
    this.#timing = readTiming(options);
    this.#number = countOf(readOption(options, 'attempt')) ?? 1;
    this.#maxAttempts = countOf(readOption(options, 'maxAttempts')) ?? 1;
    this.#startedMs = this.#attemptStartedMs = time.monotonicMs();
  }

  get number(): number {
    return this.#number;
  }

  status(status: Status): void {
    this.#status = status;
  }

  add(fields: LazyFields): void {
    this.#added.add(fields);
  }

  failed(error?: unknown): void {
    if (this.#ended) return;
    if (this.#logged !== undefined) {
      // Said twice of the same failure.
      if (error === undefined || error === this.#logged.error) return;
      this.#beginUnsaid();
    }
    this.#report('failure', error, true);
    this.#logged = { error, atMs: this.#time.monotonicMs() };
    // What is added from now on is about the next one.
    this.#added = new GivenFields();
    this.#status = undefined;
  }

  next(error?: unknown): void {
    if (this.#ended) return;
    if (this.#logged === undefined) this.failed(error);
    this.#begin(this.#time.monotonicMs());
  }

  #begin(nowMs: number): void {
    this.#logged = this.#problem = undefined;
    this.#isRetried = true;
    this.#number++;
    this.#attemptStartedMs = nowMs;
  }

  /** `failed` has said that there would be another attempt: what ends now is that one. */
  #beginUnsaid(): void {
    this.#begin(this.#logged?.atMs ?? this.#attemptStartedMs);
    this.#problem = { [PROBLEM_KEY]: NEXT_FORGOTTEN };
  }

  /** The call returned. An answer that says the other side failed is WARN: what it means, the caller decides. */
  done(result: unknown): void {
    this.#status ??= statusOfResult(result);
    const hasFailed = typeof this.#status === 'number' && this.#status >= SERVER_ERROR;
    this.#finish(hasFailed ? 'failure' : 'success', undefined, hasFailed);
  }

  fail(error: unknown): void {
    const outcome = outcomeOf(error);
    this.#finish(outcome, thrownValue(error), outcome === 'failure' && this.#number < this.#maxAttempts);
  }

  cancel(): void {
    this.#finish('cancelled', undefined, false);
  }

  #finish(outcome: Outcome, error: unknown, isMild: boolean): void {
    if (this.#ended) return;
    // Whoever stops while waiting, or throws what has failed, has not tried again.
    const isOver = outcome === 'cancelled' || (error !== undefined && error === this.#logged?.error);
    if (this.#logged !== undefined && !isOver) this.#beginUnsaid();
    this.#ended = true;
    this.#report(outcome, error, isMild);
  }

  /** @param isMild a failure that is not the last word */
  #report(outcome: Outcome, error: unknown, isMild: boolean): void {
    const nowMs = this.#time.monotonicMs();
    const durationMs = nowMs - this.#attemptStartedMs;
    const level = isMild ? 'warn' : levelOfEnd(this.#timing, outcome, durationMs);
    const totalMs = this.#isRetried && this.#ended ? nowMs - this.#startedMs : undefined;
    const merged = (): Fields => {
      const measured: Record<string, unknown> = {
        ...this.#problem,
        ...problemOfName('the name of a dependency', this.#dependency),
        dependency: this.#dependency,
        attempt: this.#number,
        ...measuredFields(this.#timing, outcome, durationMs),
      };
      const status = this.#status ?? (outcome === 'failure' ? statusOfError(error) : undefined);
      if (status !== undefined) measured.status = status;
      if (totalMs !== undefined) measured.total_duration_ms = roundedMs(totalMs);
      const willRetry = outcome === 'failure' && (!this.#ended || this.#number < this.#maxAttempts);
      if (willRetry) measured.will_retry = true;
      return mergedFields(measured, [this.#fields, ...this.#added.parts]);
    };
    this.#log[level](CALL_EVENT, merged, error);
  }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 ? Math.floor(value) : undefined;
}
