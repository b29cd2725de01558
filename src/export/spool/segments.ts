import type { SpoolFiles } from './files.ts';
import { FRAME_HEADER_BYTES, HEAD_BYTES } from './frame.ts';
import { MAX_ORIGIN_COPIES, originBytes, originFrame } from './piece.ts';
import type { Room, SpoolEnvelope } from './piece.ts';
import { newSegmentName, Segment } from './segment.ts';

export interface SegmentsParts {
  readonly files: SpoolFiles;
  /** Exists, and belongs to this spool alone. */
  readonly folder: string;
  readonly envelope: SpoolEnvelope;
  /** Bytes that the files may take. */
  readonly maxBytes: number;
  readonly fsync: 'never' | 'interval' | 'always';
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The files of one spool: made at the end of the row, removed from its front, and told what is settled. */
export class Segments {
  /** The one that is written to. */
  current: Segment | undefined;
  /** Bytes after which a segment gets no further batch: few enough files for any bound, and room comes back in steps. */
  readonly segmentBytes: number;
  readonly #parts: SegmentsParts;
  /** A segment without unsettled records is kept until it has this size: making a file for each second would cost more. */
  readonly #idleBytes: number;
  #folder: string;
  /** In the order of their numbers. */
  #list: Segment[] = [];
  /** Being removed: in the folder perhaps, and in it when that has to go. */
  readonly #leaving = new Set<Segment>();
  #number = 0;
  #bytes = 0;
  /** Of one copy of the origin; a segment comes to have `MAX_ORIGIN_COPIES`. */
  readonly #originBytes: number;
  /** An asynchronous write is under way to it. */
  #busy: Segment | undefined;
  #isClosed = false;

  constructor(parts: SegmentsParts) {
    this.#parts = parts;
    this.#folder = parts.folder;
    this.segmentBytes = Math.min(64 * MIB, Math.max(64 * KIB, Math.floor(parts.maxBytes / 64)));
    this.#originBytes = originBytes(parts.envelope);
    this.#idleBytes = Math.min(MIB, this.segmentBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Records in all of them that are not settled. */
  get unsettled(): number {
    let sum = 0;
    for (const segment of this.#list) sum += segment.unsettled;
    return sum;
  }

  /** True when something was written that a power cut would take. */
  get isUnsynced(): boolean {
    return this.#list.some(({ isUnsynced }) => isUnsynced);
  }

  has(segment: Segment): boolean {
    return this.#list.includes(segment);
  }

  room(segment: Segment): Room {
    const { maxBytes } = this.#parts;
    return {
      spoolBytes: maxBytes - this.#bytes - (MAX_ORIGIN_COPIES - segment.originCopies) * this.#originBytes,
      segmentBytes: this.segmentBytes - segment.size,
      recordBytes: maxBytes - HEAD_BYTES - MAX_ORIGIN_COPIES * this.#originBytes,
    };
  }

  /** True when a new segment, with anything in it, would not be too much. */
  get hasRoomForNew(): boolean {
    return this.#bytes + HEAD_BYTES + this.#originBytes + FRAME_HEADER_BYTES < this.#parts.maxBytes;
  }

  /** Makes the next one. It becomes the current one, unless a `createNow` was faster. */
  async create(firstId: number): Promise<void> {
    const { files, fsync } = this.#parts;
    const folder = this.#folder;
    const { current } = this;
    const number = ++this.#number;
    try {
      const segment = await Segment.create(files, folder, newSegmentName(number, firstId));
      const out = originFrame(segment, this.#parts.envelope);
      await segment.orDiscard(segment.append(out.bytes, out.length));
      if (fsync !== 'never') await segment.orDiscard(files.syncFolder(folder));
      segment.size += out.length;
      if (folder === this.#folder && !this.#isClosed) this.#add(segment, current === this.current);
      else segment.close();
    } catch (error) {
      this.#giveBack(number);
      throw error;
    }
  }

  /** The same in the caller's tick. */
  createNow(firstId: number): Segment {
    const { files, fsync } = this.#parts;
    const number = ++this.#number;
    try {
      const segment = Segment.createSync(files, this.#folder, newSegmentName(number, firstId));
      const out = originFrame(segment, this.#parts.envelope);
      segment.orDiscardSync(() => {
        segment.appendSync(out.bytes, out.length);
        if (fsync !== 'never') files.syncFolderSync(this.#folder);
      });
      segment.size += out.length;
      this.#add(segment, true);
      return segment;
    } catch (error) {
      this.#giveBack(number);
      throw error;
    }
  }

  /** Writes at the end of the segment, which is not removed meanwhile. */
  async append(segment: Segment, bytes: Buffer, length: number): Promise<void> {
    if (length === 0) return;
    this.#busy = segment;
    try {
      await segment.append(bytes, length);
    } finally {
      this.#busy = undefined;
      this.#grew(segment, length);
    }
  }

  appendNow(segment: Segment, bytes: Buffer, length: number): void {
    if (length === 0) return;
    try {
      segment.appendSync(bytes, length);
    } finally {
      this.#grew(segment, length);
    }
  }

  /** Tells the files what is settled, and removes those of which nothing is left. Goes on where one fails. */
  async tell(onError: (error: unknown) => void): Promise<void> {
    for (const segment of [...this.#list]) {
      try {
        if (!this.#isUseless(segment)) await segment.tell();
        else if (segment === this.#list[0]) await this.#remove(segment);
        else if (!segment.isClosed) await this.#retire(segment);
      } catch (error) {
        onError(error);
      }
    }
  }

  /** The same in the caller's tick. One without unsettled records is removed whatever its size. */
  tellNow(onError: (error: unknown) => void): void {
    for (const segment of this.#leaving) {
      try {
        segment.removeSync();
      } catch (error) {
        onError(error);
      }
    }
    for (const segment of [...this.#list]) {
      try {
        if (segment.isSettled && segment !== this.#busy && segment === this.#list[0]) this.#removeNow(segment);
        else segment.tellSync();
      } catch (error) {
        onError(error);
      }
    }
  }

  /** Puts what was written on the medium. */
  async sync(): Promise<void> {
    for (const segment of this.#list) if (segment.isUnsynced) await segment.sync();
  }

  /** Gives up the oldest one, whatever is in it; `undefined` when there is none but what is being written. */
  dropOldest(onError: (error: unknown) => void): Segment | undefined {
    const oldest = this.#list[0];
    if (oldest === undefined || oldest === this.current || oldest === this.#busy) return undefined;
    this.#takeOff(oldest);
    oldest.remove().catch((error: unknown) => {
      oldest.close();
      onError(error);
    });
    return oldest;
  }

  /** Goes on in another folder; all files are gone with the one before. */
  moveTo(folder: string): void {
    for (const segment of this.#list) segment.close();
    this.#folder = folder;
    this.#list = [];
    this.#bytes = 0;
    this.current = undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const segment of this.#list) segment.close();
  }

  #add(segment: Segment, isCurrent: boolean): void {
    this.#bytes += segment.size;
    this.#list.push(segment);
    this.#list.sort((a, b) => a.name.number - b.name.number);
    if (isCurrent) this.current = segment;
  }

  /** A number that no file came to bear: a gap would look like a loss. */
  #giveBack(number: number): void {
    if (this.#number === number) this.#number--;
  }

  /** When it failed, a part of it may stand there all the same. */
  #grew(segment: Segment, length: number): void {
    segment.size += length;
    segment.isUnsynced = true;
    if (this.has(segment)) this.#bytes += length;
  }

  #isUseless(segment: Segment): boolean {
    if (!segment.isSettled || segment === this.#busy) return false;
    return segment !== this.current || segment.size > this.#idleBytes;
  }

  async #remove(segment: Segment): Promise<void> {
    this.#takeOff(segment);
    this.#leaving.add(segment);
    try {
      await segment.remove();
    } catch (error) {
      this.#putBack(segment);
      await segment.tell();
      throw error;
    } finally {
      this.#leaving.delete(segment);
    }
  }

  #removeNow(segment: Segment): void {
    this.#takeOff(segment);
    try {
      segment.removeSync();
    } catch (error) {
      this.#putBack(segment);
      segment.tellSync();
      throw error;
    }
  }

  /** A number that stands between others is kept, without its records. */
  async #retire(segment: Segment): Promise<void> {
    if (segment === this.current) this.current = undefined;
    const before = segment.size;
    await segment.retire();
    if (this.has(segment)) this.#bytes -= before - segment.size;
  }

  #takeOff(segment: Segment): void {
    this.#list.splice(this.#list.indexOf(segment), 1);
    this.#bytes -= segment.size;
    if (segment === this.current) this.current = undefined;
  }

  #putBack(segment: Segment): void {
    if (this.#isClosed) segment.close();
    this.#list.unshift(segment);
    this.#list.sort((a, b) => a.name.number - b.name.number);
    this.#bytes += segment.size;
  }
}
