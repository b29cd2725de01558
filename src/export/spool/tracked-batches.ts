import type { Batch } from '../../core/batch.ts';
import type { Segment } from './segment.ts';
import { Tracked } from './tracked-batch.ts';

/** The batches of one queue, in the order of their ids. Which is the order that they are written in. */
export class TrackedBatches {
  /** Those with records in memory. */
  #all: Tracked[] = [];
  /** Those of them that have records to write, or may get some. */
  #unwritten: Tracked[] = [];
  #nextId = 1;
  #newest: Tracked | undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** True when there is something to write. */
  hasUnwritten(): boolean {
    return this.next !== undefined;
  }

  /** True when there is, or may come to be, something to write. */
  get isGrowing(): boolean {
    return this.#unwritten.length > 0;
  }

  get unwritten(): readonly Tracked[] {
    return this.#unwritten;
  }

  /** The one to be written next. */
  get next(): Tracked | undefined {
    return this.#unwritten.find((tracked) => !tracked.isWritten);
  }

  /** The id of the next record that is written, whether it is there yet or not. */
  get nextId(): number {
    const { next } = this;
    if (next !== undefined) return next.batch.firstId + next.next;
    return this.#newest === undefined ? this.#nextId : this.#newest.batch.firstId + this.#newest.batch.count;
  }

  /** Numbers the records that come to be in this new batch, behind those of the one before. */
  add(batch: Batch): void {
    const before = this.#newest;
    if (before !== undefined) this.#seal(before);
    batch.firstId = this.#nextId;
    this.#newest = new Tracked(batch);
    this.#all.push(this.#newest);
    this.#unwritten.push(this.#newest);
  }

  /** The batch gets no further records. */
  seal(batch: Batch): void {
    if (this.#newest?.batch === batch) this.#seal(this.#newest);
  }

  /** The one that the batch is, or is a part of. */
  find(batch: Batch): Tracked | undefined {
    let low = 0;
    for (let high = this.#all.length; low < high;) {
      const middle = (low + high) >> 1;
      const { firstId, count } = (this.#all[middle] as Tracked).batch;
      if (firstId + count <= batch.firstId) low = middle + 1;
      else high = middle;
    }
    const found = this.#all[low];
    return found !== undefined && found.batch.firstId <= batch.firstId ? found : undefined;
  }

  /** The batch, or a part of one, has left memory. */
  leave(tracked: Tracked, part: Batch): void {
    tracked.leave(part);
    if (tracked.isSealed && tracked.isGone) this.#remove(tracked);
  }

  /** Something was written. */
  wasWritten(): void {
    let done = 0;
    while (isDone(this.#unwritten[done])) done++;
    if (done > 0) this.#unwritten.splice(0, done);
  }

  forget(segment: Segment): void {
    for (const tracked of this.#all) tracked.forget(segment);
  }

  /** All that is in memory has to be written again. */
  forgetAll(): void {
    for (const tracked of this.#all) tracked.forgetAll();
    this.#unwritten = [...this.#all];
  }

  #seal(tracked: Tracked): void {
    tracked.isSealed = true;
    tracked.sealedAt = this.#now();
    this.#nextId = tracked.batch.firstId + tracked.batch.count;
    this.#newest = undefined;
    if (tracked.isGone) this.#remove(tracked);
    else this.wasWritten();
  }

  #remove(tracked: Tracked): void {
    take(this.#all, tracked);
    take(this.#unwritten, tracked);
  }
}

function isDone(tracked: Tracked | undefined): boolean {
  return tracked?.isSealed === true && tracked.isWritten;
}

/** Nearly always the first. */
function take(from: Tracked[], tracked: Tracked): void {
  const at = from.indexOf(tracked);
  if (at === 0) from.shift();
  else if (at > 0) from.splice(at, 1);
}
