import { basename, join } from 'node:path';
import type { Batch } from '../../core/batch.ts';
import type { SpoolFiles } from './files.ts';
import { parseSegmentFile } from './frame.ts';
import type { SegmentName } from './frame.ts';
import { readSegment } from './reader.ts';
import type { SegmentEnd, SegmentLimits } from './reader.ts';
import { isMissing, Segment } from './segment.ts';
import type { Timers } from '../timers.ts';

export interface LeftSegmentsParts {
  readonly files: SpoolFiles;
  readonly limits: SegmentLimits;
  /** Removes a folder that was taken over, now that no segment is in it. */
  readonly removeFolder: (path: string) => void;
  /** Where damaged segments are put, for whoever wants to look. */
  readonly quarantine: string;
  /** Bytes that may be taken over; the oldest segments past that are dropped. */
  readonly maxBytes: number;
  /** Segments that were last written to longer ago are dropped. */
  readonly maxAgeMs: number;
  readonly timers: Timers;
  /** So many records are lost; `what` says it for people. */
  readonly onLost: (count: number, reason: string, what: string) => void;
  /** The disk fails; what could not be read stays where it is. */
  readonly onFailed: (path: string, error: unknown) => void;
}

/** A segment that an earlier process left. */
interface Left {
  readonly folder: string;
  readonly file: string;
  readonly name: SegmentName;
  /** When the youngest record in it has waited too long, by the timers' clock. */
  readonly expiresAt: number;
  /** The next one in the folder, when there is none with the number after this one's. */
  readonly afterGap: SegmentName | undefined;
}

interface Reading {
  readonly left: Left;
  readonly segment: Segment;
  readonly batches: AsyncGenerator<Batch, SegmentEnd>;
}

/** Damaged segments that are kept. */
const MAX_QUARANTINED = 8;

/** What earlier processes left. It is read one batch at a time, in order. */
export class LeftSegments {
  readonly #parts: LeftSegmentsParts;
  readonly #left: Left[] = [];
  /** How many segments are to be done by folder. */
  readonly #folders = new Map<string, number>();
  /** Folders whose segments could not be told; they are asked again. */
  readonly #unlisted = new Set<string>();
  #reading: Reading | undefined;
  #isClosed = false;

  /** One was taken from the list, and is not being read yet: whoever asks then must not take it for the end. */
  #isOpening = false;

  constructor(parts: LeftSegmentsParts) {
    this.#parts = parts;
  }

  get hasMore(): boolean {
    return this.#left.length > 0 || this.#reading !== undefined || this.#isOpening;
  }

  /** Takes what is in these folders, and in those that failed before. Never rejects. */
  async adopt(folders: readonly string[]): Promise<void> {
    const { files, maxAgeMs, maxBytes, timers } = this.#parts;
    const found: { readonly left: Left; readonly bytes: number }[] = [];
    for (const folder of new Set([...this.#unlisted, ...folders])) {
      for (const listed of await this.#list(folder)) {
        try {
          const { bytes, modifiedMs } = await files.stat(join(folder, listed.file));
          // From here on it is the timers' clock that counts, which nobody can set.
          const expiresAt = timers.now() + maxAgeMs - (Date.now() - modifiedMs);
          found.push({ left: { ...listed, expiresAt }, bytes });
        } catch (error) {
          this.#parts.onFailed(join(folder, listed.file), error);
        }
      }
    }
    let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { left, bytes } of found) {
      if (this.#isClosed) return;
      const isOld = this.#isOld(left);
      if (!isOld && total <= maxBytes) this.#left.push(left);
      else {
        total -= bytes;
        await this.#discard(left, isOld ? 'spool_expired' : 'spool_full');
      }
    }
  }

  /**
   * The next batch; `done` when a segment came to its end in place of one; `undefined` when there is none, or none that
   * can be read now. Segments that fail go to the end.
   */
  async next(): Promise<Batch | 'done' | undefined> {
    for (let tries = this.#left.length + 1; tries > 0 && this.hasMore && !this.#isClosed; tries--) {
      const reading = this.#reading ?? (await this.#open(this.#left.shift()));
      if (reading === undefined) continue;
      this.#reading = reading;
      try {
        if (this.#isOld(reading.left)) {
          this.#reading = undefined;
          await this.#drop(reading, 'spool_expired');
          return 'done';
        }
        const next = await reading.batches.next();
        if (next.done !== true) return next.value;
        this.#reading = undefined;
        await this.#finish(reading, next.value);
        return 'done';
      } catch (error) {
        this.#reading = undefined;
        reading.segment.close();
        this.#failed(reading.left, error);
      }
    }
    return undefined;
  }

  /** True when the segment that is being read has waited too long. */
  get isExpired(): boolean {
    return this.#reading !== undefined && this.#isOld(this.#reading.left);
  }

  /** A batch of the segment that is being read is settled. */
  settled({ firstId, count }: Batch): void {
    this.#reading?.segment.settle(firstId, count);
  }

  /** Tells the file what is settled. */
  async tell(): Promise<void> {
    await this.#reading?.segment.tell();
  }

  tellNow(): void {
    this.#reading?.segment.tellSync();
  }

  /** Nothing is read any more. What is not settled is for another process. */
  close(): void {
    this.#isClosed = true;
    this.#left.length = 0;
    this.#reading?.segment.close();
    void this.#reading?.batches.return({ damaged: 0, lastId: 0, damagedRegions: 0 });
    this.#reading = undefined;
  }

  #isOld({ expiresAt }: Left): boolean {
    return this.#parts.timers.now() > expiresAt;
  }

  async #list(folder: string): Promise<Omit<Left, 'expiresAt'>[]> {
    try {
      const names = (await this.#parts.files.list(folder)).flatMap((file) => {
        const name = parseSegmentFile(file);
        return name === undefined ? [] : [{ file, name }];
      });
      names.sort((a, b) => a.name.number - b.name.number);
      this.#unlisted.delete(folder);
      this.#folders.set(folder, names.length);
      if (names.length === 0) this.#parts.removeFolder(folder);
      return names.map(({ file, name }, i) => {
        const next = names[i + 1]?.name;
        const afterGap = next !== undefined && next.number > name.number + 1 ? next : undefined;
        return { folder, file, name, afterGap };
      });
    } catch (error) {
      this.#parts.onFailed(folder, error);
      if (!isMissing(error)) this.#unlisted.add(folder);
      return [];
    }
  }

  async #open(left: Left | undefined): Promise<Reading | undefined> {
    if (left === undefined) return undefined;
    const { files, limits } = this.#parts;
    this.#isOpening = true;
    try {
      const segment = await Segment.open(files, left.folder, left.file);
      if (segment === undefined) return undefined;
      return { left, segment, batches: readSegment(files, segment.path, segment.name, limits) };
    } catch (error) {
      this.#failed(left, error);
      return undefined;
    } finally {
      this.#isOpening = false;
    }
  }

  /** It stays where it is, and is tried again once all others were. */
  #failed(left: Left, error: unknown): void {
    this.#parts.onFailed(join(left.folder, left.file), error);
    if (!isMissing(error) && !this.#isClosed) this.#left.push(left);
  }

  /** All of a segment was read, and what it held is settled. */
  async #finish({ left, segment }: Reading, end: SegmentEnd): Promise<void> {
    this.#countMissing(left, Math.max(end.lastId, segment.lastSettledId));
    const { damaged } = end;
    if (damaged > 0) this.#parts.onLost(damaged, 'spool_damaged', `in ${segment.path} were damaged`);
    try {
      if (damaged > 0) await this.#quarantine(segment);
      else await segment.remove();
    } catch (error) {
      // Nothing in it is read again, as far as it could be told.
      segment.close();
      this.#parts.onFailed(segment.path, error);
      return;
    }
    const more = (this.#folders.get(left.folder) ?? 1) - 1;
    this.#folders.set(left.folder, more);
    if (more > 0) return;
    this.#folders.delete(left.folder);
    this.#parts.removeFolder(left.folder);
  }

  /** Segments are numbered without gaps, so that one which is not there was lost, with the ids between its neighbours. */
  #countMissing({ folder, file, afterGap }: Left, lastId: number): void {
    if (afterGap === undefined) return;
    // At most as many: ids of records that were settled before they were written are on no disk.
    const missing = afterGap.firstId - lastId - 1;
    if (missing > 0) this.#parts.onLost(missing, 'spool_missing', `behind ${join(folder, file)} are missing`);
  }

  async #quarantine(segment: Segment): Promise<void> {
    const { files, quarantine } = this.#parts;
    await files.makeFolder(quarantine);
    if ((await files.list(quarantine)).length >= MAX_QUARANTINED) {
      await segment.remove();
      return;
    }
    await files.rename(segment.path, join(quarantine, basename(segment.path)));
    segment.close();
  }

  /** Drops a segment unsent, counting what is in it. */
  async #discard(left: Left, reason: string): Promise<void> {
    const reading = await this.#open(left);
    if (reading === undefined) return;
    try {
      await this.#drop(reading, reason);
    } catch (error) {
      reading.segment.close();
      this.#failed(left, error);
    }
  }

  /** Counts what was not read of it, and is done with it. */
  async #drop(reading: Reading, reason: string): Promise<void> {
    let count = 0;
    let next = await reading.batches.next();
    for (; next.done !== true; next = await reading.batches.next()) count += next.value.count;
    if (count > 0) this.#parts.onLost(count, reason, `in ${reading.segment.path} are too old or too many`);
    await this.#finish(reading, next.value);
  }
}
