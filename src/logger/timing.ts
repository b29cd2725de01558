import type { TimeSource } from '../core/clock.ts';
import { thrownValue } from './exception.ts';
import type { Fields } from './fields.ts';
import type { Logger } from './logger.ts';
import type { LazyFields } from './merged-fields.ts';
import { GivenFields, mergedFields } from './merged-fields.ts';
import { levelOfEnd, measuredFields, outcomeOf, readTiming } from './outcome.ts';
import type { Outcome, Timing, TimingOptions } from './outcome.ts';
import type { Watch } from './watch.ts';

/**
 * Measures one thing and logs it once, when it ends; whatever is called after that is ignored. `using` ends it with its
 * block: the record then has no `outcome`, since a block does not tell how it was left.
 */
export interface Timer extends Disposable {
  /** Adds fields to the record that is to come. */
  add(fields: LazyFields): void;
  /** It succeeded. */
  end(fields?: LazyFields): void;
  /** It failed: ERROR with the exception. An `AbortError` cancels instead. */
  fail(error: unknown, fields?: LazyFields): void;
  /** Nobody wanted the result any more. */
  cancel(fields?: LazyFields): void;
}

export class RunningTimer implements Timer, Watch {
  readonly #log: Logger;
  readonly #time: TimeSource;
  readonly #startedMs: number;
  readonly #event: string;
  readonly #timing: Timing;
  readonly #given: GivenFields;
  #ended = false;

  constructor(log: Logger, time: TimeSource, event: string, fields: unknown, options: TimingOptions | undefined) {
    this.#log = log;
    this.#time = time;
    this.#event = event;
    this.#timing = readTiming(options);
    this.#given = new GivenFields(fields);
    this.#startedMs = time.monotonicMs();
  }

  add(fields: LazyFields): void {
    if (!this.#ended) this.#given.add(fields);
  }

  end(fields?: LazyFields): void {
    this.#report('success', fields, undefined);
  }

  /** What was made is not logged: nobody chose it for that. */
  done(): void {
    this.end();
  }

  fail(error: unknown, fields?: LazyFields): void {
    this.#report(outcomeOf(error), fields, thrownValue(error));
  }

  cancel(fields?: LazyFields): void {
    this.#report('cancelled', fields, undefined);
  }

  [Symbol.dispose](): void {
    this.#report(undefined, undefined, undefined);
  }

  #report(outcome: Outcome | undefined, fields: unknown, error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = this.#time.monotonicMs() - this.#startedMs;
    const timing = this.#timing;
    const merged = (): Fields =>
      mergedFields(measuredFields(timing, outcome, durationMs), [...this.#given.parts, fields]);
    this.#log[levelOfEnd(timing, outcome, durationMs)](this.#event, merged, error);
  }
}
