import { LEVEL_NAMES, levelOf } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import type { Drops } from '../core/sink.ts';

/** Counts drops until somebody tells of them. */
export class DropTally {
  /** Called at the first drop after a `take`. */
  onFirst: () => void = () => undefined;
  readonly #reason: string;
  readonly #counts = new Uint32Array(25);
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
    this.#lastMs = Date.now();
    if (this.#count++ > 0) return;
    this.#firstMs = this.#lastMs;
    this.onFirst();
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
}
