import { LEVEL_NAMES, levelOf } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';

/** Records that one part of a destination had to drop for want of room, and has not told of yet. */
export interface Drops {
  readonly reason: string;
  readonly count: number;
  /** By level; levels of which nothing was dropped are left out. */
  readonly levels: Readonly<Partial<Record<LevelName, number>>>;
  /** Wall clock, ms since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Counts drops until somebody tells of them. */
export class DropTally {
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
    if (this.#count++ === 0) this.#firstMs = this.#lastMs;
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
