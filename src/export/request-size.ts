import type { Batch } from '../core/batch.ts';

/** After so many batches in a row that were not too large, larger ones are tried again: the other side may have changed. */
const PROBE_AFTER = 64;

/** The size of request that the other side takes, as its answers teach it (HTTP 413). */
export class RequestSize {
  /** The smallest batch that was too large. */
  #tooLargeBytes = Infinity;
  #sinceTooLarge = 0;

  /** The front of the batch that is not known to be too large; the rest is given to `putBack`, its last part first. */
  fitting(batch: Batch, putBack: (rest: Batch) => void): Batch {
    let fitting = batch;
    while (fitting.count > 1 && fitting.length >= this.#tooLargeBytes) {
      const [first, second] = fitting.halves();
      putBack(second);
      fitting = first;
    }
    return fitting;
  }

  wasTooLarge(bytes: number): void {
    this.#tooLargeBytes = Math.min(this.#tooLargeBytes, bytes);
    this.#sinceTooLarge = 0;
  }

  /** A batch got an answer, and it was not this one. */
  wasFit(): void {
    if (++this.#sinceTooLarge % PROBE_AFTER === 0) this.#tooLargeBytes *= 2;
  }
}
