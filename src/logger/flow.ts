import { randomUUID } from 'node:crypto';
import type { TimeSource } from '../core/clock.ts';
import type { LevelName } from '../core/level.ts';
import { keyText } from '../core/object-kind.ts';
import { thrownValue } from './exception.ts';
import type { Logger } from './logger.ts';
import type { LazyFields } from './merged-fields.ts';
import { mergedFields, problemOfName } from './merged-fields.ts';
import { levelOfEnd, measuredFields, outcomeOf, readTiming, roundedMs } from './outcome.ts';
import type { Outcome, Timing, TimingOptions } from './outcome.ts';

/**
 * The life of one operation: started, its steps, and one end. With `using`, one that is left open is reported at WARN
 * when its block ends; without, when it is garbage collected, should the process live that long.
 */
export interface Flow extends Disposable {
  /** On each of its records, as `flow_id`. */
  readonly id: string;
  /** A logger whose records carry `flow`, `flow_id` and the flow's fields. */
  readonly log: Logger;
  /** The next step begins, and with it ends the one before. */
  step(name: string, fields?: LazyFields): void;
  completed(fields?: LazyFields): void;
  /** ERROR, with the exception and the step that it stopped at as `stage`. An `AbortError` cancels instead. */
  failed(error: unknown, fields?: LazyFields): void;
}

/** The stage of a flow that has had no step. */
const NO_STEP = 'started';
/** Steps whose durations are kept for the last record. */
const MAX_STEPS = 64;

/** Reports flows that nobody can end any more. */
const unreachable = new FinalizationRegistry<FlowLife>((life) => life.forget());

/** Thin, so that it can be collected while its life is known. */
export class RunningFlow implements Flow {
  readonly #life: FlowLife;

  constructor(log: Logger, time: TimeSource, name: string, fields: unknown, options: TimingOptions | undefined) {
    this.#life = new FlowLife(log, time, name, fields, options);
    unreachable.register(this, this.#life, this.#life);
  }

  get id(): string {
    return this.#life.id;
  }

  get log(): Logger {
    return this.#life.log;
  }

  step(name: string, fields?: LazyFields): void {
    this.#life.step(name, fields);
  }

  completed(fields?: LazyFields): void {
    this.#life.end('flow_completed', 'success', fields, undefined);
  }

  failed(error: unknown, fields?: LazyFields): void {
    const outcome = outcomeOf(error);
    this.#life.end(outcome === 'failure' ? 'flow_failed' : 'flow_cancelled', outcome, fields, thrownValue(error));
  }

  [Symbol.dispose](): void {
    this.#life.abandon();
  }
}

class FlowLife {
  readonly id: string = randomUUID();
  readonly log: Logger;
  readonly #time: TimeSource;
  readonly #timing: Timing;
  readonly #startedMs: number;
  readonly #stepsMs = new Map<string, number>();
  #stage: string | undefined;
  #stageStartedMs: number;
  #ended = false;

  constructor(log: Logger, time: TimeSource, name: string, fields: unknown, options: TimingOptions | undefined) {
    this.#time = time;
    this.#timing = readTiming(options);
    const own = { ...problemOfName('the name of a flow', name), flow: name, flow_id: this.id };
    this.log = log.child(mergedFields(own, [fields]));
    this.#startedMs = this.#stageStartedMs = time.monotonicMs();
    this.log[this.#timing.level]('flow_started');
  }

  step(name: string, fields: unknown): void {
    if (this.#ended) return;
    const nowMs = this.#time.monotonicMs();
    const before: Record<string, unknown> = { ...problemOfName('the name of a step', name), step: name };
    if (this.#stage !== undefined) {
      before.previous_step = this.#stage;
      before.previous_step_ms = roundedMs(this.#endStage(nowMs));
    }
    before.elapsed_ms = roundedMs(nowMs - this.#startedMs);
    this.#stage = name;
    this.#stageStartedMs = nowMs;
    this.log[this.#timing.level]('flow_step', () => mergedFields(before, [fields]));
  }

  end(event: string, outcome: Outcome | undefined, fields: unknown, error: unknown, level?: LevelName): void {
    if (this.#ended) return;
    this.#ended = true;
    unreachable.unregister(this);
    const nowMs = this.#time.monotonicMs();
    const durationMs = nowMs - this.#startedMs;
    if (this.#stage !== undefined) this.#endStage(nowMs);
    const measured = measuredFields(this.#timing, outcome, durationMs);
    if (outcome !== 'success') measured.stage = this.#stage ?? NO_STEP;
    if (this.#stepsMs.size > 0) measured.steps = this.#stepsMs;
    this.log[level ?? levelOfEnd(this.#timing, outcome, durationMs)](
      event,
      () => mergedFields(measured, [fields]),
      error,
    );
  }

  /** Left open: nobody said how it ended. */
  abandon(): void {
    this.end('flow_abandoned', undefined, undefined, undefined, 'warn');
  }

  /**
   * Left open, and collected: when it was left nobody knows, so the record says no duration that would only tell how long
   * the garbage lay.
   */
  forget(): void {
    if (this.#ended) return;
    this.#ended = true;
    const known: Record<string, unknown> = { stage: this.#stage ?? NO_STEP };
    if (this.#stepsMs.size > 0) known.steps = this.#stepsMs;
    this.log.warn('flow_abandoned', known);
  }

  /** How long the step took that ends now; a step that comes again adds up. */
  #endStage(nowMs: number): number {
    const tookMs = nowMs - this.#stageStartedMs;
    // The unit is part of the key: `reset_password` alone would be taken for the name of a password, and hidden.
    const key = `${keyText(this.#stage)}_ms`;
    const before = this.#stepsMs.get(key);
    if (before !== undefined || this.#stepsMs.size < MAX_STEPS) {
      this.#stepsMs.set(key, roundedMs((before ?? 0) + tookMs));
    }
    return tookMs;
  }
}
