/** After so many batches in a row that were not too large, larger ones are tried again: the other side may have changed. */
const PROBE_AFTER = 64;

/** The size of request that the other side takes, as its answers teach it (HTTP 413). */
export class RequestSize {
  /** The smallest batch that was too large. */
  #tooLargeBytes = Infinity;
  #sinceTooLarge = 0;

  /** False when a batch of so many bytes is better halved at once. */
  isFit(bytes: number): boolean {
    return bytes < this.#tooLargeBytes;
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
