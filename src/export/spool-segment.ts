import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SpoolFiles } from './spool-files.ts';
import { decodeHead, encodeSlot, HEAD_BYTES, parseSegmentFile, segmentFile, SLOT_BYTES } from './spool-frame.ts';
import type { IdRange, SegmentName } from './spool-frame.ts';

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
  /** Wall clock of the last write, ms since 1970. */
  writtenMs = Date.now();
  /** Scopes whose frames it has. */
  readonly scopes = new Set<number>();
  /** What was written since the last sync would not survive a power cut. */
  isUnsynced = false;
  readonly #files: SpoolFiles;
  readonly #fd: number;
  readonly #settled: IdRange[] = [];
  #settledRecords = 0;
  #turn = 0;
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
    await segment.#orDiscard(files.write(segment.#fd, EMPTY_HEAD, HEAD_BYTES, 0));
    return segment;
  }

  static createSync(files: SpoolFiles, folder: string, name: SegmentName): Segment {
    const segment = new Segment(files, folder, name, files.createSync(join(folder, segmentFile(name))));
    try {
      files.writeSync(segment.#fd, EMPTY_HEAD, HEAD_BYTES, 0);
      return segment;
    } catch (error) {
      segment.discardSync();
      throw error;
    }
  }

  /** One that another process wrote, with what its head says. `undefined` when the file is none of ours. */
  static async open(files: SpoolFiles, folder: string, file: string): Promise<Segment | undefined> {
    const name = parseSegmentFile(file);
    if (name === undefined) return undefined;
    const segment = new Segment(files, folder, name, await files.open(join(folder, file)));
    const head = Buffer.alloc(HEAD_BYTES);
    await files.read(segment.#fd, head, HEAD_BYTES, 0);
    const { turn, settled } = decodeHead(head, name.salt);
    segment.#turn = turn;
    segment.#settled.push(...settled);
    segment.size = await files.size(segment.#fd);
    return segment;
  }

  /** True when nothing in it is worth reading. */
  get isSettled(): boolean {
    return this.#settledRecords === this.records;
  }

  async append(bytes: Buffer, length: number): Promise<void> {
    await this.#run(this.#files.write(this.#fd, bytes, length, this.size));
  }

  appendSync(bytes: Buffer, length: number): void {
    this.#files.writeSync(this.#fd, bytes, length, this.size);
  }

  async sync(): Promise<void> {
    this.isUnsynced = false;
    await this.#run(this.#files.sync(this.#fd));
  }

  syncNow(): void {
    this.isUnsynced = false;
    this.#files.syncSync(this.#fd);
  }

  /** These records need not be read again. */
  settle(first: number, count: number): void {
    if (count <= 0) return;
    this.#settledRecords += count;
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
    try {
      await this.#run(this.#files.write(this.#fd, slot, slot.length, at));
    } catch (error) {
      this.#isUntold = true;
      throw error;
    }
  }

  tellSync(): void {
    if (!this.#isUntold || this.#isClosed) return;
    const { slot, at } = this.#nextSlot();
    this.#files.writeSync(this.#fd, slot, slot.length, at);
  }

  /** Gives up what it holds, but keeps its number: it stands between others. */
  async empty(): Promise<void> {
    await this.#run(this.#files.truncate(this.#fd, HEAD_BYTES));
    this.size = HEAD_BYTES;
  }

  async remove(): Promise<void> {
    this.close();
    await this.#files.remove(this.path);
  }

  removeSync(): void {
    this.close();
    this.#files.removeSync(this.path);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#running === 0) this.#files.close(this.#fd);
  }

  async #run(operation: Promise<void>): Promise<void> {
    this.#running++;
    try {
      await operation;
    } finally {
      if (--this.#running === 0 && this.#isClosed) this.#files.close(this.#fd);
    }
  }

  /** Removes a file that could not be begun, as far as that is possible. */
  discardSync(): void {
    try {
      this.removeSync();
    } catch {
      // An empty segment does no harm: whoever reads it finds nothing.
    }
  }

  async #orDiscard(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      this.discardSync();
      throw error;
    }
  }

  #nextSlot(): { slot: Buffer; at: number } {
    this.#isUntold = false;
    const turn = ++this.#turn;
    return { slot: encodeSlot(this.name.salt, turn, this.#settled), at: (turn % 2) * SLOT_BYTES };
  }
}
