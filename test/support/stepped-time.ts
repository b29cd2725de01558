import type { TimeSource } from '../../src/core/clock.ts';

/** A clock that stands still until a test moves it. */
export class SteppedTime implements TimeSource {
  #monotonicMs = 1_000;

  wallMs(): number {
    return 1_763_700_000_000 + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  pass(durationMs: number): void {
    this.#monotonicMs += durationMs;
  }
}
