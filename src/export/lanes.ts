import type { Batch } from '../core/batch.ts';
import type { Backlog } from './spool/backlog.ts';
import { FlushNumbers } from './flush-numbers.ts';
import type { Queue } from './queue.ts';
import { severitiesOf } from './drop-tally.ts';
import type { Spool } from './spool/spool.ts';

export interface LaneParts {
  readonly queue: Queue;
  /** Keeps on disk what is in the queue. */
  readonly spool?: Spool | undefined;
  /** What is on disk alone. */
  readonly backlog?: Backlog | undefined;
}

/**
 * Where the batches of one destination come from and go back to: the queue in memory, with the spool that copies it to
 * disk, and the backlog of what lies on disk alone. Memory gives way to the disk here, and flushes learn what they wait for.
 */
export class Lanes {
  /** Called when there has come to be something to send. */
  onReady: () => void = () => undefined;
  /** Called at the first record of a batch. */
  onFirst: () => void = () => undefined;
  /** Called when records have left, whichever way. */
  onSettled: () => void = () => undefined;
  readonly #queue: Queue;
  readonly #spool: Spool | undefined;
  readonly #backlog: Backlog | undefined;
  readonly #numbers = new FlushNumbers();
  /** Parts of batches that are on disk; nobody sends them, and they are pending. */
  #givenUp: Batch[] = [];
  /** What of the account's `spooled` is here: after a reconfiguration two lanes count in one account. */
  #spooled = 0;

  constructor({ queue, spool, backlog }: LaneParts) {
    this.#queue = queue;
    this.#spool = spool;
    this.#backlog = backlog;
    queue.onFirst = (batch) => {
      spool?.track(batch);
      this.onFirst();
    };
    queue.onBatch = (batch) => {
      this.#numbers.entered(batch);
      spool?.sealed(batch);
      this.#evict();
      this.onReady();
    };
    queue.onDropped = (batch) => {
      spool?.settled(batch);
      this.#countSpooled();
      this.#left(batch.flushes, batch.count);
    };
    if (spool !== undefined) {
      spool.onWritten = () => this.#evict();
      spool.onCount = () => this.#countSpooled();
    }
    if (backlog !== undefined) {
      backlog.onReady = () => this.onReady();
      backlog.onLost = (flushes, count) => this.#left(flushes, count);
    }
  }

  /** Records that wait or are on their way, in memory and on disk. */
  get pending(): number {
    return this.#queue.records + (this.#backlog?.records ?? 0);
  }

  /** When the backlog may be sent from, by the timers' clock; Infinity when there is none. */
  get backlogAt(): number {
    return this.#backlog?.nextAt ?? Infinity;
  }

  /** Closes the batch in the making and returns the number of this flush, for `isFlushed`. */
  beginFlush(): number {
    this.#queue.seal();
    return this.#queue.flushes++;
  }

  /** True when all that was there at that flush is settled. */
  isFlushed(upTo: number): boolean {
    return this.#numbers.isDone(upTo);
  }

  /** The next batch that is on disk alone, or `undefined` when none can be read. Never rejects. */
  async takeFromDisk(): Promise<Batch | undefined> {
    const batch = await this.#backlog?.take();
    // What could not be read, or was too old, is settled as well.
    if (batch === undefined) await this.#tellBoth();
    this.#countSpooled();
    return batch;
  }

  putBack(batch: Batch): void {
    if (batch.isFromDisk) this.#backlog?.putBack(batch);
    else this.#queue.putBack(batch);
  }

  /** To the front, in this order. */
  putBackAll(batches: readonly Batch[]): void {
    for (const batch of [...batches].reverse()) this.putBack(batch);
  }

  /** Behind all others; what is on disk keeps its order. */
  putLast(batch: Batch): void {
    if (batch.isFromDisk) this.putBack(batch);
    else this.#queue.putLast(batch);
  }

  /** This batch is no longer pending: the caller has counted what became of it. */
  settle(batch: Batch): void {
    if (batch.isFromDisk) this.#backlog?.settled(batch);
    else {
      this.#queue.settle(batch);
      this.#spool?.settled(batch);
    }
    this.#countSpooled();
    if (batch.origin === undefined) this.#left(batch.flushes, batch.count);
  }

  /** Nothing reads this batch any more. */
  recycle(batch: Batch): void {
    if (!batch.isFromDisk) this.#queue.recycle(batch);
  }

  /** Notes on disk what is settled; `undefined` when nothing is on disk. Never rejects. */
  tell(batch: Batch): Promise<void> | undefined {
    return batch.isFromDisk ? this.#tellBoth() : this.#spool?.tell();
  }

  /** Gives up sending the batch for now, and returns the parts of it that do not survive the process. */
  giveUp(batch: Batch): readonly Batch[] {
    const missing = this.#spool?.missing(batch) ?? [batch];
    this.#givenUp.push(...without(batch, missing));
    return missing;
  }

  /** To the front again with what was given up, in its order: the process lives on. */
  resume(): void {
    this.putBackAll(this.#givenUp);
    this.#givenUp = [];
  }

  /** Writes and notes everything in the caller's tick. Never throws. */
  saveNow(): void {
    this.#spool?.settleNow();
    this.#backlog?.tellNow();
  }

  /** Takes no further records, and lets go of files. */
  close(): void {
    this.#spool?.close();
    this.#backlog?.close();
    this.#countSpooled();
    if (this.#queue.records === 0) this.#queue.release();
  }

  /**
   * Keeps the account up to date with what would outlive this thread, should it be ended from outside: whoever counts
   * its losses can only read what stands in the account by then.
   */
  #countSpooled(): void {
    if (this.#spool === undefined) return;
    const here = Math.min(this.pending, this.#spool.unsettled + (this.#backlog?.replaying ?? 0));
    this.#queue.account.spooled += here - this.#spooled;
    this.#spooled = here;
  }

  async #tellBoth(): Promise<void> {
    await this.#backlog?.tell();
    await this.#spool?.tell();
  }

  #left(flushes: number, count: number): void {
    this.#numbers.settled(flushes, count);
    this.onSettled();
  }

  /** Makes room in memory: the oldest batches that are safe on disk are read back when it is their turn. */
  #evict(): void {
    if (this.#spool === undefined || this.#backlog === undefined) return;
    while (this.#queue.isHalfFull) {
      const batch = this.#queue.oldest;
      const ranges = batch === undefined ? undefined : this.#spool.evict(batch);
      if (batch === undefined || ranges === undefined) return;
      this.#queue.take();
      this.#queue.settle(batch);
      let lost = batch.count;
      for (const range of ranges) {
        this.#backlog.add(range);
        lost -= range.count;
      }
      if (lost === 0) continue;
      // A record that is larger than the whole spool, or whose segment was given up.
      for (const part of without(batch, ranges)) this.#spool.dropped.addAll(severitiesOf(part, 0, part.count));
      this.#queue.account.drop('spool_full', lost);
      this.#left(batch.flushes, lost);
    }
  }
}

/** What is left of the batch, without these parts of it. */
function without(batch: Batch, parts: readonly Pick<Batch, 'firstId' | 'count'>[]): Batch[] {
  if (parts.length === 0) return [batch];
  const left: Batch[] = [];
  let from = 0;
  for (const { firstId, count } of parts) {
    const index = firstId - batch.firstId;
    if (index > from) left.push(batch.slice(from, index));
    from = index + count;
  }
  if (from < batch.count) left.push(batch.slice(from, batch.count));
  return left;
}
