import type { Batch } from '../core/batch.ts';
import { LEVEL_NAMES, levelOf } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import type { Drops } from '../core/sink.ts';

const SEVERITIES = 25;

/** How many records of each severity number are in a batch, from record `from` up to `to`. */
export function severitiesOf(batch: Batch, from: number, to: number): Uint32Array {
  const counts = new Uint32Array(SEVERITIES);
  for (let i = from; i < to; i++) (counts[batch.severity(i)] as number)++;
  return counts;
}

/** Counts drops until somebody tells of them. */
export class DropTally {
  /** Called at the first drop after a `take`. */
  onFirst: () => void = () => undefined;
  readonly #reason: string;
  readonly #counts = new Uint32Array(SEVERITIES);
  #count = 0;
  #firstMs = 0;
  #lastMs = 0;

  constructor(reason: string) {
    this.#reason = reason;
  }

  /** Drops that were not told of. */
  get count(): number {
    return this.#count;
  }

  add(severity: number): void {
    (this.#counts[severity] as number)++;
    this.#added(1);
  }

  /** The same for many, by severity number. */
  addAll(counts: Uint32Array): void {
    let sum = 0;
    for (let severity = 0; severity < SEVERITIES; severity++) {
      const count = counts[severity] as number;
      (this.#counts[severity] as number) += count;
      sum += count;
    }
    if (sum > 0) this.#added(sum);
  }

  /** What was dropped since the last call, or `undefined`. */
  take(): Drops | undefined {
    if (this.#count === 0) return undefined;
    const levels: Partial<Record<LevelName, number>> = {};
    for (const name of LEVEL_NAMES) {
      const dropped = this.#counts.reduce(
        (sum, count, severity) => (levelOf(severity) === name ? sum + count : sum),
        0,
      );
      if (dropped > 0) levels[name] = dropped;
    }
    const drops = { reason: this.#reason, count: this.#count, levels, firstMs: this.#firstMs, lastMs: this.#lastMs };
    this.#counts.fill(0);
    this.#count = 0;
    return drops;
  }

  #added(count: number): void {
    this.#lastMs = Date.now();
    const isFirst = this.#count === 0;
    this.#count += count;
    if (!isFirst) return;
    this.#firstMs = this.#lastMs;
    this.onFirst();
  }
}
