import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SpoolFiles } from './files.ts';
import { encodeSlot, HEAD_BYTES, parseSegmentFile, segmentFile, SLOT_BYTES } from './frame.ts';
import type { IdRange, SegmentName } from './frame.ts';
import { readHead } from './head.ts';

const EMPTY_HEAD: Buffer = Buffer.alloc(HEAD_BYTES);

/** A segment that this process makes: its name is new each time. */
export function newSegmentName(number: number, firstId: number): SegmentName {
  return { number, firstId, salt: randomBytes(4).readUInt32LE() };
}

/** One file of a spool: which of its records are settled, and how the file is told. */
export class Segment {
  readonly name: SegmentName;
  readonly path: string;
  /** Where the next frame goes. */
  size = HEAD_BYTES;
  /** Records in it; unknown, and 0, for one that another process wrote. */
  records = 0;
  /** Frames in it that say its origin. */
  originCopies = 1;
  /** Scopes whose frames it has. */
  readonly scopes = new Set<number>();
  /** What was written since the last sync would not survive a power cut. */
  isUnsynced = false;
  readonly #files: SpoolFiles;
  readonly #fd: number;
  readonly #settled: IdRange[] = [];
  #settledRecords = 0;
  #turn = 0;
  /** The slot that is being written. */
  #busySlot: number | undefined;
  /** Settled ids that the file has not been told. */
  #isUntold = false;
  #isClosed = false;
  /** Operations under way: a file that is closed below one of them may by then be another file. */
  #running = 0;

  /** @param fd of a file that was just made, or is open */
  constructor(files: SpoolFiles, folder: string, name: SegmentName, fd: number) {
    this.#files = files;
    this.name = name;
    this.path = join(folder, segmentFile(name));
    this.#fd = fd;
  }

  static async create(files: SpoolFiles, folder: string, name: SegmentName): Promise<Segment> {
    const segment = new Segment(files, folder, name, await files.create(join(folder, segmentFile(name))));
    // Its blocks are taken now: when the disk is full, telling what is settled must still be possible.
    await segment.orDiscard(files.write(segment.#fd, EMPTY_HEAD, HEAD_BYTES, 0));
    return segment;
  }

  static createSync(files: SpoolFiles, folder: string, name: SegmentName): Segment {
    const segment = new Segment(files, folder, name, files.createSync(join(folder, segmentFile(name))));
    segment.orDiscardSync(() => files.writeSync(segment.#fd, EMPTY_HEAD, HEAD_BYTES, 0));
    return segment;
  }

  /** One that another process wrote, with what its head says. `undefined` when the file is none of ours. */
  static async open(files: SpoolFiles, folder: string, file: string): Promise<Segment | undefined> {
    const name = parseSegmentFile(file);
    if (name === undefined) return undefined;
    const segment = new Segment(files, folder, name, await files.open(join(folder, file)));
    try {
      const { turn, settled } = await readHead(files, segment.#fd, name.salt);
      segment.#turn = turn;
      segment.#settled.push(...settled);
      segment.size = await files.size(segment.#fd);
      return segment;
    } catch (error) {
      segment.close();
      throw error;
    }
  }

  /** True when nothing in it is worth reading. */
  get isSettled(): boolean {
    return this.#settledRecords === this.records;
  }

  /** Records of this process in it that are not settled. */
  get unsettled(): number {
    return this.records - this.#settledRecords;
  }

  /** True when it is closed, and nothing can be done with it any more but to remove it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The highest id that is known to be settled, or 0. */
  get lastSettledId(): number {
    return this.#settled.reduce((highest, { last }) => Math.max(highest, last), 0);
  }

  async append(bytes: Buffer, length: number): Promise<void> {
    await this.#run(() => this.#files.write(this.#fd, bytes, length, this.size));
  }

  appendSync(bytes: Buffer, length: number): void {
    this.#files.writeSync(this.#fd, bytes, length, this.size);
  }

  async sync(): Promise<void> {
    if (this.#isClosed) return;
    this.isUnsynced = false;
    try {
      await this.#run(() => this.#files.sync(this.#fd));
    } catch (error) {
      this.isUnsynced = true;
      throw error;
    }
  }

  syncNow(): void {
    this.#files.syncSync(this.#fd);
    this.isUnsynced = false;
  }

  /** These records need not be read again. */
  settle(first: number, count: number): void {
    if (count <= 0) return;
    this.#settledRecords += count;
    this.disown(first, count);
  }

  /** The same for what does not count as a record of this segment: it may stand in it, but it stands elsewhere too. */
  disown(first: number, count: number): void {
    if (count <= 0) return;
    this.#isUntold = true;
    const last = first + count - 1;
    const ranges = this.#settled;
    // Nearly always behind what was settled last, so that one range is all there is.
    const before = ranges.findIndex((range) => range.last === first - 1);
    const after = ranges.findIndex((range) => range.first === last + 1);
    const joined = {
      first: before === -1 ? first : (ranges[before] as IdRange).first,
      last: after === -1 ? last : (ranges[after] as IdRange).last,
    };
    const kept = ranges.filter((_, i) => i !== before && i !== after);
    ranges.splice(0, ranges.length, ...kept, joined);
    if (ranges.length > 1) ranges.sort((a, b) => a.first - b.first);
  }

  /** Tells the file what is settled. */
  async tell(): Promise<void> {
    if (!this.#isUntold || this.#isClosed) return;
    const { slot, at } = this.#nextSlot();
    this.#busySlot = at;
    try {
      await this.#run(() => this.#files.write(this.#fd, slot, slot.length, at));
    } catch (error) {
      this.#isUntold = true;
      throw error;
    } finally {
      this.#busySlot = undefined;
    }
  }

  tellSync(): void {
    if (!this.#isUntold || this.#isClosed) return;
    const { slot, at } = this.#nextSlot();
    try {
      this.#files.writeSync(this.#fd, slot, slot.length, at);
    } catch (error) {
      this.#isUntold = true;
      throw error;
    }
  }

  /** Gives up what it holds, and its file but for the head: its number stands between others. */
  async retire(): Promise<void> {
    await this.tell();
    if (this.#isClosed) return;
    await this.#run(() => this.#files.truncate(this.#fd, HEAD_BYTES));
    this.size = HEAD_BYTES;
    this.close();
  }

  /** Fails when the file is there and can't be removed; it is open as before then. */
  async remove(): Promise<void> {
    try {
      await this.#files.remove(this.path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.close();
  }

  removeSync(): void {
    try {
      this.#files.removeSync(this.path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeIfDue();
  }

  /** Awaits what belongs to making the file; when that fails, it is removed again. */
  async orDiscard(making: Promise<void>): Promise<void> {
    try {
      await making;
    } catch (error) {
      this.#discard();
      throw error;
    }
  }

  orDiscardSync(make: () => void): void {
    try {
      make();
    } catch (error) {
      this.#discard();
      throw error;
    }
  }

  #discard(): void {
    try {
      this.removeSync();
    } catch {
      // An empty segment does no harm: whoever reads it finds nothing.
      this.close();
    }
  }

  async #run(operation: () => Promise<void>): Promise<void> {
    // Its descriptor may be another file's by now.
    if (this.#isClosed) throw Object.assign(new Error(`${this.path} is closed`), { code: 'EBADF' });
    this.#running++;
    try {
      await operation();
    } finally {
      this.#running--;
      this.#closeIfDue();
    }
  }

  #closeIfDue(): void {
    if (this.#isClosed && this.#running === 0) this.#files.close(this.#fd);
  }

  /** In turns; but never the slot that another write is under way to. */
  #nextSlot(): { slot: Buffer; at: number } {
    this.#isUntold = false;
    const turn = ++this.#turn;
    const at = (turn % 2) * SLOT_BYTES;
    const slot = encodeSlot(this.name.salt, turn, this.#settled);
    return { slot, at: at === this.#busySlot ? SLOT_BYTES - at : at };
  }
}

/** Somebody else has removed it. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
