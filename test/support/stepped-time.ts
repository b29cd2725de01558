import type { TimeSource } from '../../src/core/clock.ts';

/** A clock that stands still until a test moves it. */
export class SteppedTime implements TimeSource {
  #monotonicMs = 1_000;
  #startMs = 1_763_700_000_000;

  wallMs(): number {
    return this.#startMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  pass(durationMs: number): void {
    this.#monotonicMs += durationMs;
  }

  /** Sets the wall clock forward, or back. */
  setWall(byMs: number): void {
    this.#startMs += byMs;
  }
}
