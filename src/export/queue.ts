import { Batch } from '../core/batch.ts';
import type { Account } from '../core/ledger.ts';
import type { Scope } from '../core/record.ts';
import { DropTally, severitiesOf } from './drop-tally.ts';
import { roomsBySeverity } from './pressure.ts';

/** When a batch is full, and how much may wait. */
export interface QueueLimits {
  /** Encoded bytes that may wait or be on their way; past that records are dropped and counted. */
  readonly maxBytes: number;
  /** Records that may wait; Infinity unless OTEL_BLRP_MAX_QUEUE_SIZE is set. */
  readonly maxRecords: number;
  /** Records of one batch (OTEL_BLRP_MAX_EXPORT_BATCH_SIZE). */
  readonly batchRecords: number;
  /** Encoded bytes of one batch. */
  readonly batchBytes: number;
  /** What gives way when it is full: the new record, by its severity, or the oldest batch. */
  readonly dropOldest?: boolean;
}

/** The smallest slab of a batch: an idle process holds little. */
const MIN_SLAB_BYTES = 16 * 1024;

/**
 * The queue of one destination, bounded in bytes. It only holds: the shipper takes batches from the front, in order,
 * and says what became of them.
 *
 * Under pressure low severity goes first: a level is refused once the queue is fuller than that level's share, so the
 * last of the room is kept for ERROR and FATAL. No search, no moving: the decision is one comparison per record. With
 * `dropOldest` the oldest batch makes room instead.
 */
export class Queue {
  readonly account: Account;
  /** Takes the queue off the account, once it is closed and empty. */
  readonly release: () => void;
  /** What it had to drop for want of room. */
  readonly dropped = new DropTally('queue_full');
  /** Called when a batch is complete. */
  onBatch: (batch: Batch) => void = () => undefined;
  /** Called at the first record of a batch. */
  onFirst: (batch: Batch) => void = () => undefined;
  /** Called when a batch was dropped to make room, after it was counted. */
  onDropped: (batch: Batch) => void = () => undefined;
  /** How many flushes were asked for; batches bear the number they were begun under. */
  flushes = 0;
  readonly #limits: QueueLimits;
  readonly #rooms: readonly number[];
  readonly #sealed: Batch[] = [];
  #open: Batch | undefined;
  /** Slab of the next batch, by the size of the last: steady batches neither grow by copying nor leave much unused. */
  #slabBytes = MIN_SLAB_BYTES;
  /** The slab of a batch that is settled, for the next: fresh memory of that size cost 50 ns a record. */
  #spare: Buffer | undefined;
  #records = 0;
  #bytes = 0;
  #closed = false;

  constructor(limits: QueueLimits, account: Account) {
    this.#limits = limits;
    this.#rooms = roomsBySeverity(limits.maxBytes);
    this.account = account;
    this.release = account.holds(() => this.#records);
  }

  /** Records that wait or are on their way. */
  get records(): number {
    return this.#records;
  }

  /** Encoded bytes that wait or are on their way. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The batch in the making, for one record of this severity to be written to, or `undefined`, counted, when there is no
   * room. The room is asked for before the record's size is known, so the bound may be passed by one record. Never throws.
   */
  open(severity: number): Batch | undefined {
    const full = this.#bytes >= (this.#rooms[severity] as number) || this.#records >= this.#limits.maxRecords;
    if (full || this.#closed) {
      if (this.#closed || !this.#makeRoom()) {
        this.#refuse(severity);
        return undefined;
      }
    }
    const open = this.#open;
    if (open !== undefined) {
      // Without what an encoder left behind that failed in the middle of a record.
      open.length = open.start(open.count);
      return open;
    }
    const first = new Batch(this.#spare ?? this.#slabBytes);
    this.#spare = undefined;
    first.flushes = this.flushes;
    this.#open = first;
    this.onFirst(first);
    return first;
  }

  /** Takes the record that was written to the batch of `open`. */
  commit(batch: Batch, scope: Scope, severity: number): void {
    this.#bytes += batch.commit(scope.id, severity);
    this.#records++;
    if (batch.count >= this.#limits.batchRecords || batch.length >= this.#limits.batchBytes) this.seal();
  }

  /** Closes the batch in the making, so that it can be sent. */
  seal(): void {
    const batch = this.#open;
    this.#open = undefined;
    // Empty when the encoder of its only record failed.
    if (batch === undefined || batch.count === 0) return;
    batch.length = batch.start(batch.count);
    const wanted = Math.min(batch.length, this.#limits.batchBytes);
    this.#slabBytes = Math.max(MIN_SLAB_BYTES, wanted + (wanted >> 3));
    this.#sealed.push(batch);
    this.onBatch(batch);
  }

  /** The next full batch, or `undefined`. It counts as pending until `settle` or `putBack`. */
  take(): Batch | undefined {
    return this.#sealed.shift();
  }

  /** The oldest batch that waits, to be looked at only. */
  get oldest(): Batch | undefined {
    return this.#sealed[0];
  }

  /** True once it holds more than half of what it may. */
  get isHalfFull(): boolean {
    return this.#bytes > this.#limits.maxBytes / 2;
  }

  /** Returns a batch that was taken to the front. */
  putBack(batch: Batch): void {
    this.#sealed.unshift(batch);
  }

  /** Returns a batch that was taken, behind all others, the one in the making too. */
  putLast(batch: Batch): void {
    this.seal();
    this.#sealed.push(batch);
  }

  /** This batch is no longer pending: the caller has counted what became of it. */
  settle(batch: Batch): void {
    this.#records -= batch.count;
    this.#bytes -= batch.length;
  }

  /** Nothing reads this batch any more: its memory may be used again. */
  recycle(batch: Batch): void {
    const slab = batch.bytes;
    // A part of a batch shares its slab with the other parts.
    const isWhole = slab.length === slab.buffer.byteLength;
    const isUsual =
      slab.length >= this.#slabBytes && slab.length <= 2 * Math.max(MIN_SLAB_BYTES, this.#limits.batchBytes);
    if (isWhole && isUsual) this.#spare ??= slab;
  }

  #refuse(severity: number): void {
    this.account.drop(this.#closed ? 'after_shutdown' : 'queue_full');
    if (!this.#closed) this.dropped.add(severity);
  }

  /** Drops the oldest batch; false when that is not wanted, or there is none. */
  #makeRoom(): boolean {
    const oldest = this.#limits.dropOldest === true ? this.#sealed.shift() : undefined;
    if (oldest === undefined) return false;
    this.dropped.addAll(severitiesOf(oldest, 0, oldest.count));
    this.account.drop('queue_full', oldest.count);
    this.settle(oldest);
    this.onDropped(oldest);
    return true;
  }

  /** Refuses what comes from now on, counting it. */
  close(): void {
    this.#closed = true;
  }
}
