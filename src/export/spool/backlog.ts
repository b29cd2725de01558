import type { Batch } from '../../core/batch.ts';
import type { Diag } from '../../core/diag.ts';
import type { Account } from '../../core/ledger.ts';
import type { DropTally } from '../drop-tally.ts';
import { EvictedRanges } from './evicted-ranges.ts';
import { LeftSegments } from './left-segments.ts';
import type { LeftSegmentsParts } from './left-segments.ts';
import type { Segment } from './segment.ts';
import type { Range } from './spool.ts';
import type { Timers } from '../timers.ts';

export interface BacklogParts extends Omit<LeftSegmentsParts, 'onLost' | 'onFailed'> {
  readonly name: string;
  readonly account: Account;
  /** How fast it may be sent. */
  readonly bytesPerSecond: number;
  readonly diag: Diag;
  readonly timers: Timers;
}

/** A disk that can't be read is asked again after this, and then twice as long each time, up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
/** Segments without anything to send that are looked through before it is the turn of what is logged now. */
const DONE_IN_A_ROW = 16;

/**
 * What lies on disk alone: batches that had to leave memory, and what earlier processes left. It is read one batch at a
 * time, in order, and no faster than `bytesPerSecond`, so that what is logged now is not held up by what was logged then.
 */
export class Backlog {
  /** Called when there has come to be something to send. */
  onReady: () => void = () => undefined;
  /** Called when records that flushes wait for were lost on the disk: the number of their flush, and how many. */
  onLost: (flushes: number, count: number) => void = () => undefined;
  readonly #parts: BacklogParts;
  readonly #evicted: EvictedRanges;
  readonly #left: LeftSegments;
  /** Read, and to be sent next. All are of one range or one segment. */
  readonly #heads: Batch[] = [];
  /** Records that are counted as pending. */
  #records = 0;
  /** Those of them that earlier processes logged. */
  #replaying = 0;
  #nextAt = -Infinity;
  #pauseMs = 0;
  #endPause: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: BacklogParts) {
    this.#parts = parts;
    const onFailed = (path: string, error: unknown): void => {
      const why = error instanceof Error ? error.message : String(error);
      this.#said('read', `${path} can't be read or removed (${why}). It stays there.`);
    };
    this.#evicted = new EvictedRanges({
      ...parts,
      onLost: (range, count, reason) => {
        this.#records -= count;
        this.#lost(count, reason, `in ${range.segment.path} are lost`);
        this.onLost(range.flushes, count);
      },
      onFailed: ({ path }, error) => onFailed(path, error),
    });
    this.#left = new LeftSegments({
      ...parts,
      onLost: (count, reason, what) => {
        parts.account.replayed += count;
        this.#lost(count, reason, what);
      },
      onFailed,
    });
    parts.account.holds(() => this.#records);
  }

  /** True when there is something to send. */
  get hasMore(): boolean {
    return this.#heads.length > 0 || this.#left.hasMore || this.#evicted.hasMore;
  }

  /** When the next batch may be sent, by the timers' clock; Infinity when there is none, or the disk can't be read. */
  get nextAt(): number {
    const isReadable = this.#heads.length > 0 || this.#endPause === undefined;
    return this.hasMore && isReadable ? this.#nextAt : Infinity;
  }

  /** Records of this process that are here. */
  get records(): number {
    return this.#records;
  }

  /** Records of earlier processes that were read, and are not settled. */
  get replaying(): number {
    return this.#replaying;
  }

  /** Takes records that have left memory. */
  add(range: Range): void {
    this.#evicted.add(range);
    this.#records += range.count;
    this.onReady();
  }

  /** Takes what earlier processes left in these folders. Never rejects. */
  async adopt(folders: readonly string[]): Promise<void> {
    await this.#left.adopt(folders);
    if (this.#left.hasMore) this.onReady();
  }

  /** The next batch, or `undefined` when nothing can be read. Never rejects. */
  async take(): Promise<Batch | undefined> {
    this.expire();
    let batch = this.#heads.shift() ?? (await this.#nextLeft());
    if (batch === 'done' || this.#isClosed) return undefined;
    batch ??= await this.#nextEvicted();
    if (batch === undefined) {
      if (this.hasMore) this.#pause();
      return undefined;
    }
    this.#pauseMs = 0;
    const now = this.#parts.timers.now();
    this.#nextAt = Math.max(now, this.#nextAt) + (batch.length / this.#parts.bytesPerSecond) * 1_000;
    return batch;
  }

  /** Drops what has waited on disk for too long; true when there was something. Whole segments are looked at in `take`. */
  expire(): boolean {
    const head = this.#heads[0];
    // All heads are of one range, or of one segment.
    const isOld =
      head === undefined ? false : head.origin === undefined ? this.#evicted.isExpired : this.#left.isExpired;
    const old = isOld ? this.#heads.splice(0) : [];
    for (const batch of old) {
      this.settled(batch);
      this.#lost(batch.count, 'spool_expired', 'in the spool are too old');
      if (batch.origin === undefined) this.onLost(batch.flushes, batch.count);
    }
    return this.#evicted.expire() || old.length > 0;
  }

  /** Returns a batch that was taken to the front. */
  putBack(batch: Batch): void {
    if (this.#isClosed) this.#leave(batch);
    else this.#heads.unshift(batch);
  }

  /** The caller has counted what became of this batch. */
  settled(batch: Batch): void {
    this.#records -= batch.count;
    if (batch.origin === undefined) this.#evicted.settled(batch);
    else {
      this.#replaying -= batch.count;
      this.#left.settled(batch);
    }
  }

  /** Tells the disk what is settled. Never rejects. */
  async tell(): Promise<void> {
    try {
      await this.#left.tell();
    } catch (error) {
      this.#untold(error);
    }
  }

  /** The same in the caller's tick. */
  tellNow(): void {
    try {
      this.#left.tellNow();
    } catch (error) {
      this.#untold(error);
    }
  }

  /** That segment of this process was given up: what it held is dropped, and goes into the tally. */
  forget(segment: Segment, dropped: DropTally): void {
    this.#evicted.forget(segment, dropped);
  }

  /** Nothing is sent any more. What earlier processes left and nobody has sent is as if it had not been read. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endPause?.();
    for (const batch of this.#heads) this.#leave(batch);
    this.#heads.length = 0;
    this.#left.close();
  }

  #lost(count: number, reason: string, what: string): void {
    this.#parts.account.drop(reason, count);
    this.#said(reason, `${count} records ${what}; they are dropped (${reason}).`);
  }

  async #nextLeft(): Promise<Batch | 'done' | undefined> {
    let batch = await this.#left.next();
    for (let i = 1; batch === 'done' && i < DONE_IN_A_ROW; i++) batch = await this.#left.next();
    if (batch === undefined || batch === 'done') return batch;
    if (this.#isClosed) return undefined;
    batch.isFromDisk = true;
    this.#records += batch.count;
    this.#replaying += batch.count;
    this.#parts.account.replayed += batch.count;
    return batch;
  }

  async #nextEvicted(): Promise<Batch | undefined> {
    const [first, ...others] = await this.#evicted.next();
    this.#heads.push(...others);
    return first;
  }

  /** What this process logged stays pending: it is on disk. */
  #leave({ origin, count }: Batch): void {
    if (origin === undefined) return;
    this.#records -= count;
    this.#replaying -= count;
    this.#parts.account.replayed -= count;
  }

  #pause(): void {
    if (this.#endPause !== undefined || this.#isClosed) return;
    this.#pauseMs = Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2));
    this.#endPause = this.#parts.timers.after(
      this.#pauseMs,
      () => {
        this.#endPause = undefined;
        this.onReady();
      },
      false,
    );
  }

  #untold(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#said('untold', `can't note what was delivered (${why}): it may be delivered again.`);
  }

  #said(matter: string, message: string): void {
    this.#parts.diag.warn(`${this.#parts.name}:spool_${matter}`, `${this.#parts.name}: ${message}`);
  }
}
