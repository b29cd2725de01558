import type { Batch } from '../core/batch.ts';

/** Which flushes still have records under way: each batch bears the number of the flush that it was begun before. */
export class FlushNumbers {
  /** Records that are not settled by number, in rising order: numbers only grow. */
  readonly #pending = new Map<number, number>();

  /** A batch is complete. */
  entered(batch: Batch): void {
    this.#pending.set(batch.flushes, (this.#pending.get(batch.flushes) ?? 0) + batch.count);
  }

  /** So many records of that number are settled. */
  settled(flushes: number, count: number): void {
    const left = (this.#pending.get(flushes) ?? 0) - count;
    if (left > 0) this.#pending.set(flushes, left);
    else this.#pending.delete(flushes);
  }

  /** True when nothing of that number or an earlier one is under way. */
  isDone(upTo: number): boolean {
    const oldest = this.#pending.keys().next();
    return oldest.done === true || oldest.value > upTo;
  }
}
