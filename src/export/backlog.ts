import { basename, join } from 'node:path';
import type { Batch } from '../core/batch.ts';
import type { Diag } from '../core/diag.ts';
import type { Account } from '../core/ledger.ts';
import type { SpoolFiles } from './spool-files.ts';
import { readRange, readSegment } from './spool-reader.ts';
import type { SegmentEnd, SegmentLimits } from './spool-reader.ts';
import { parseSegmentFile } from './spool-frame.ts';
import { Segment } from './spool-segment.ts';
import type { Range, Spool } from './spool.ts';
import type { Timers } from './timers.ts';

export interface BacklogParts {
  readonly name: string;
  readonly account: Account;
  readonly files: SpoolFiles;
  /** Undefined when nothing of this process goes to a spool. */
  readonly spool: Spool | undefined;
  /** Removes a folder that was taken over, now that no segment is in it. */
  readonly removeFolder: (path: string) => void;
  /** Where damaged segments are put, for whoever wants to look. */
  readonly quarantine: string;
  readonly limits: SegmentLimits;
  /** How fast it may be sent. */
  readonly bytesPerSecond: number;
  /** Bytes that may be taken over from earlier processes; the oldest segments past that are dropped. */
  readonly maxBytes: number;
  /** Segments that were written before this are dropped. */
  readonly maxAgeMs: number;
  readonly diag: Diag;
  readonly timers: Timers;
}

/** A segment that an earlier process left. */
interface Left {
  readonly folder: string;
  readonly file: string;
}

interface Reading {
  readonly left: Left;
  readonly segment: Segment;
  readonly batches: AsyncGenerator<Batch, SegmentEnd>;
}

/** Damaged segments that are kept. */
const MAX_QUARANTINED = 8;

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
  readonly #ranges: Range[] = [];
  readonly #left: Left[] = [];
  /** Folders with segments that are not done. */
  readonly #folders = new Map<string, number>();
  #reading: Reading | undefined;
  /** The range that the batches in memory are of. */
  #range: Range | undefined;
  /** Read, and to be sent next. */
  readonly #heads: Batch[] = [];
  /** Records that are counted as pending. */
  #records = 0;
  #nextAt = -Infinity;

  constructor(parts: BacklogParts) {
    this.#parts = parts;
    parts.account.holds(() => this.#records);
  }

  /** True when there is something to send. */
  get hasMore(): boolean {
    return this.#heads.length > 0 || this.#ranges.length > 0 || this.#left.length > 0 || this.#reading !== undefined;
  }

  /** When the next batch may be sent, by the timers' clock. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Records of this process that are here. */
  get records(): number {
    return this.#records;
  }

  /** Takes records that have left memory. */
  add(range: Range): void {
    this.#ranges.push(range);
    this.#records += range.count;
    this.onReady();
  }

  /** Takes what earlier processes left in these folders. Never rejects. */
  async adopt(folders: readonly string[]): Promise<void> {
    const found: (Left & { bytes: number; modifiedMs: number })[] = [];
    for (const folder of folders) {
      try {
        const names = await this.#parts.files.list(folder);
        const files = names.filter((file) => parseSegmentFile(file) !== undefined).sort();
        this.#folders.set(folder, files.length);
        if (files.length === 0) this.#parts.removeFolder(folder);
        for (const file of files) {
          found.push({ folder, file, ...(await this.#parts.files.stat(join(folder, file))) });
        }
      } catch (error) {
        this.#report(`can't read ${folder}`, error);
      }
    }
    let bytes = found.reduce((sum, left) => sum + left.bytes, 0);
    for (const left of found) {
      const isOld = Date.now() - left.modifiedMs > this.#parts.maxAgeMs;
      if (!isOld && bytes <= this.#parts.maxBytes) this.#left.push(left);
      else {
        bytes -= left.bytes;
        await this.#discard(left, isOld ? 'spool_expired' : 'spool_full');
      }
    }
    if (this.#left.length > 0) this.onReady();
  }

  /** The next batch, or `undefined` when nothing can be read. Never rejects. */
  async take(): Promise<Batch | undefined> {
    const batch = this.#heads.shift() ?? (await this.#nextLeft()) ?? (await this.#nextRange());
    if (batch !== undefined) {
      const now = this.#parts.timers.now();
      this.#nextAt = Math.max(now, this.#nextAt) + (batch.length / this.#parts.bytesPerSecond) * 1_000;
    }
    return batch;
  }

  /** Returns a batch that was taken to the front. */
  putBack(batch: Batch): void {
    this.#heads.unshift(batch);
  }

  /** The caller has counted what became of this batch. */
  settled(batch: Batch): void {
    this.#records -= batch.count;
    const { firstId, count } = batch;
    if (batch.origin !== undefined) this.#reading?.segment.settle(firstId, count);
    else if (this.#range !== undefined) this.#parts.spool?.settledRange({ ...this.#range, firstId, count });
  }

  /** Tells the disk what is settled. Never rejects. */
  async tell(): Promise<void> {
    try {
      await this.#reading?.segment.tell();
    } catch (error) {
      this.#report('can’t note what was delivered', error);
    }
  }

  /** The same in the caller's tick. */
  tellNow(): void {
    try {
      this.#reading?.segment.tellSync();
    } catch (error) {
      this.#report('can’t note what was delivered', error);
    }
  }

  /** That segment of this process was given up: what it held is dropped. */
  forget(segment: Segment): void {
    for (const range of this.#ranges.filter((other) => other.segment === segment)) {
      this.#ranges.splice(this.#ranges.indexOf(range), 1);
      this.#lose(range, range.count, 'spool_full');
    }
  }

  /** Nothing is sent any more. What earlier processes left and nobody has sent is as if it had not been read. */
  close(): void {
    for (const batch of this.#heads) {
      if (batch.origin === undefined) continue;
      this.#records -= batch.count;
      this.#parts.account.replayed -= batch.count;
    }
    this.#heads.length = 0;
    this.#left.length = 0;
    this.#reading?.segment.close();
    this.#reading = undefined;
  }

  async #nextRange(): Promise<Batch | undefined> {
    for (let range = this.#ranges.shift(); range !== undefined; range = this.#ranges.shift()) {
      this.#range = range;
      const { segment, offset, firstId, count, flushes } = range;
      try {
        const { limits, files } = this.#parts;
        const { batches } = await readRange(files, segment.path, segment.name, offset, firstId, count, limits);
        let read = 0;
        for (const batch of batches) {
          batch.flushes = flushes;
          batch.isFromDisk = true;
          read += batch.count;
        }
        if (read < count) {
          this.#lose(range, count - read, 'spool_damaged');
          this.#said('damaged', `${count - read} records in ${segment.path} were damaged and are dropped.`);
        }
        this.#heads.push(...batches);
      } catch (error) {
        this.#lose(range, count, isGone(error) ? 'spool_missing' : 'spool_unreadable');
        this.#report(`can't read ${segment.path}`, error);
      }
      const batch = this.#heads.shift();
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  async #nextLeft(): Promise<Batch | undefined> {
    for (;;) {
      this.#reading ??= await this.#openNext();
      const reading = this.#reading;
      if (reading === undefined) return undefined;
      try {
        const next = await reading.batches.next();
        if (next.done !== true) {
          const batch = next.value;
          batch.isFromDisk = true;
          this.#records += batch.count;
          this.#parts.account.replayed += batch.count;
          return batch;
        }
        this.#reading = undefined;
        this.#countMissing(reading, next.value);
        await this.#finish(reading, next.value);
      } catch (error) {
        // It stays where it is, for another process to try.
        this.#reading = undefined;
        reading.segment.close();
        this.#report(`can't read ${reading.segment.path}`, error);
      }
    }
  }

  async #openNext(): Promise<Reading | undefined> {
    for (let left = this.#left.shift(); left !== undefined; left = this.#left.shift()) {
      const reading = await this.#open(left);
      if (reading !== undefined) return reading;
    }
    return undefined;
  }

  async #open(left: Left): Promise<Reading | undefined> {
    const { files, limits } = this.#parts;
    try {
      const segment = await Segment.open(files, left.folder, left.file);
      if (segment === undefined) return undefined;
      return { left, segment, batches: readSegment(files, segment.path, segment.name, limits) };
    } catch (error) {
      this.#report(`can't read ${join(left.folder, left.file)}`, error);
      return undefined;
    }
  }

  /** All of a segment was read, and what it held is settled. */
  async #finish({ left, segment }: Reading, end: SegmentEnd): Promise<void> {
    if (end.damaged > 0) {
      this.#count('spool_damaged', end.damaged);
      this.#said('damaged', `${end.damaged} records in ${segment.path} were damaged and are dropped.`);
      await this.#quarantine(segment);
    } else await segment.remove();
    const more = (this.#folders.get(left.folder) ?? 1) - 1;
    this.#folders.set(left.folder, more);
    if (more === 0) this.#parts.removeFolder(left.folder);
  }

  /** Segments are numbered without gaps, so that one which is not there was lost. */
  #countMissing({ left, segment }: Reading, end: SegmentEnd): void {
    const next = this.#left[0];
    const nextName = next?.folder === left.folder ? parseSegmentFile(next.file) : undefined;
    if (nextName !== undefined && nextName.number > segment.name.number + 1) {
      // At most as many: ids of records that were settled before they were written are on no disk.
      const missing = end.lastId > 0 ? nextName.firstId - end.lastId - 1 : 1;
      this.#count('spool_missing', Math.max(1, missing));
      this.#said('missing', `segments between ${left.file} and ${next?.file ?? ''} in ${left.folder} are missing.`);
    }
  }

  async #quarantine(segment: Segment): Promise<void> {
    const { files, quarantine } = this.#parts;
    await files.makeFolder(quarantine);
    segment.close();
    if ((await files.list(quarantine)).length >= MAX_QUARANTINED) await files.remove(segment.path);
    else await files.rename(segment.path, join(quarantine, basename(segment.path)));
  }

  /** Drops a segment unsent, counting what is in it. */
  async #discard(left: Left, reason: string): Promise<void> {
    const reading = await this.#open(left);
    if (reading === undefined) return;
    try {
      let count = 0;
      let next = await reading.batches.next();
      for (; next.done !== true; next = await reading.batches.next()) count += next.value.count;
      this.#count(reason, count);
      this.#said(reason, `${count} records in ${reading.segment.path} are dropped (${reason}).`);
      await this.#finish(reading, next.value);
    } catch (error) {
      reading.segment.close();
      this.#report(`can't read ${reading.segment.path}`, error);
    }
  }

  /** Records of an earlier process that are lost. */
  #count(reason: string, count: number): void {
    this.#parts.account.replayed += count;
    this.#parts.account.drop(reason, count);
  }

  /** Records of this process that are lost. */
  #lose({ flushes }: Range, count: number, reason: string): void {
    this.#records -= count;
    this.#parts.account.drop(reason, count);
    this.onLost(flushes, count);
  }

  #report(what: string, error: unknown): void {
    this.#said('read', `${what}: ${error instanceof Error ? error.message : String(error)}.`);
  }

  #said(matter: string, message: string): void {
    this.#parts.diag.warn(`${this.#parts.name}:spool_${matter}`, `${this.#parts.name}: ${message}`);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
