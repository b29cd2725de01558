import type { Outcome } from '../core/transport.ts';
import { backoffMs, DEFAULT_RETRY, requestedWaitMs } from './retry.ts';
import type { RetryPolicy } from './retry.ts';

/** An answer that asks for patience is told only when it goes on; no answer at all is told at once. */
const PATIENT_FAILURES = 3;
/** Flushes in quick succession, with nobody there, come down to an attempt in this time. */
const MIN_GAP_MS = 250;

/** How often the other side failed in a row, and how long it is left alone for that. */
export class Patience {
  readonly #policy: RetryPolicy;
  readonly #random: () => number;
  #failures = 0;
  #lastAt = 0;
  /** The other side asked to be left alone until then. */
  #notBefore = -Infinity;

  /** @param random 0 ≤ r < 1 */
  constructor(policy: RetryPolicy = DEFAULT_RETRY, random: () => number = Math.random) {
    this.#policy = policy;
    this.#random = random;
  }

  /** An attempt failed. Says how many ms to wait, and whether people should hear of it. */
  failed(
    { reason, retryAfterMs }: Extract<Outcome, { kind: 'retry' }>,
    now: number,
  ): { waitMs: number; isNews: boolean } {
    this.#failures++;
    this.#lastAt = now;
    this.#notBefore = retryAfterMs === undefined ? -Infinity : now + retryAfterMs;
    const waitMs =
      retryAfterMs === undefined
        ? backoffMs(this.#failures, this.#random(), this.#policy)
        : requestedWaitMs(retryAfterMs, this.#random());
    return { waitMs, isNews: this.#failures >= (reason.startsWith('http_') ? PATIENT_FAILURES : 1) };
  }

  /** An attempt got its answer. True when those before it failed. */
  answered(): boolean {
    const recovered = this.#failures > 0;
    this.#failures = 0;
    return recovered;
  }

  /** How many ms even a flush has to wait for its next attempt; at the end there is no time for what was asked for. */
  gapMs(now: number, isEnd: boolean): number {
    const gapMs = MIN_GAP_MS - (now - this.#lastAt);
    return isEnd ? gapMs : Math.max(gapMs, this.#notBefore - now);
  }
}
