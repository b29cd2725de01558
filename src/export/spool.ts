import type { Batch } from '../core/batch.ts';
import { ByteWriter } from '../core/byte-writer.ts';
import type { Diag } from '../core/diag.ts';
import { DropTally } from './drop-tally.ts';
import { roomsBySeverity } from './pressure.ts';
import type { SpoolFiles } from './spool-files.ts';
import type { SegmentName } from './spool-frame.ts';
import { collectPiece, originFrames } from './spool-piece.ts';
import type { Piece, SpoolEnvelope } from './spool-piece.ts';
import { newSegmentName, Segment } from './spool-segment.ts';
import { SpoolTrouble } from './spool-trouble.ts';
import type { Timers } from './timers.ts';
import { placeOf, Tracked } from './tracked-batch.ts';
import type { Place } from './tracked-batch.ts';

export interface SpoolParts {
  /** The destination's, for what is said about it. */
  readonly name: string;
  readonly files: SpoolFiles;
  /** Exists, and belongs to this spool alone. */
  readonly folder: string;
  /** What stands around records in a request, for whoever sends them later. */
  readonly envelope: SpoolEnvelope;
  /** Bytes that its files may take. */
  readonly maxBytes: number;
  /** How long a record may be in memory only. */
  readonly windowMs: number;
  readonly fsync: 'never' | 'interval' | 'always';
  /** False while records need not be written (`onFull: 'spill'`, and memory has room). */
  readonly isNeeded: () => boolean;
  readonly diag: Diag;
  readonly timers: Timers;
}

/** Records of one batch that are on disk and no longer in memory. */
export interface Range extends Place {
  /** Encoded bytes. */
  readonly bytes: number;
  /** Of their batch: which flushes wait for them. */
  readonly flushes: number;
}

const MIB = 1024 * 1024;
/** A segment without unsettled records is kept until it has this size: making a file for each second would cost more. */
const IDLE_BYTES = MIB;
const SYNC_INTERVAL_MS = 1_000;

/**
 * Keeps on disk what is not settled yet. Batches live in the queue's memory as ever; their records are also written here,
 * in order and by one writer, within `windowMs` or, with `writeNow`, before the call returns. A batch that is settled
 * before it was written never touches the disk.
 *
 * Only a batch that had to leave memory (`evict`), or one whose process died, is ever read back.
 */
export class Spool {
  /** Called when records have come to lie on disk. */
  onWritten: () => void = () => undefined;
  /** What it could not take for want of room. */
  readonly dropped = new DropTally('spool_full');
  readonly #parts: SpoolParts;
  readonly #rooms: readonly number[];
  readonly #segmentBytes: number;
  readonly #trouble: SpoolTrouble;
  #folder: string;
  /** In the order of their numbers. */
  readonly #segments: Segment[] = [];
  #current: Segment | undefined;
  #number = 0;
  #bytes = 0;
  /** Batches in memory, in order; and those of them with records that are not written. */
  readonly #tracked = new Set<Tracked>();
  readonly #unwritten: Tracked[] = [];
  #last: Tracked | undefined;
  /** The segment that an asynchronous write is under way to; `undefined` is none. */
  #writing: Segment | 'new' | undefined;
  /** Counts the writes that were made in the caller's tick: they overtake one that is under way. */
  #overtakes = 0;
  readonly #out = new ByteWriter(64 * 1024);
  readonly #outNow = new ByteWriter(1024);
  #cancelTick: (() => void) | undefined;
  #syncedAt = -Infinity;
  #isClosed = false;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#folder = parts.folder;
    this.#rooms = roomsBySeverity(parts.maxBytes);
    // Few enough open files for any bound, and small enough that room comes back in steps.
    this.#segmentBytes = Math.min(64 * MIB, Math.max(MIB, parts.maxBytes / 64));
    this.#trouble = new SpoolTrouble(parts);
  }

  /** Bytes of its files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when a record of this severity may still be taken. */
  admits(severity: number): boolean {
    return this.#bytes < (this.#rooms[severity] as number);
  }

  /** The queue has begun this batch; what comes to be in it is written from now on. */
  track(batch: Batch): void {
    const last = this.#last?.batch;
    batch.firstId = last === undefined ? 1 : last.firstId + last.count;
    const tracked = new Tracked(batch);
    this.#last = tracked;
    this.#tracked.add(tracked);
    this.#unwritten.push(tracked);
    this.#tickLater();
  }

  /** The batch, or a part of one, is settled: its records need not be read again. */
  settled(batch: Batch): void {
    const tracked = this.#find(batch.firstId);
    if (tracked === undefined) return;
    for (const place of tracked.places) settleWithin(place, batch.firstId, batch.count);
    this.#leave(tracked, batch);
  }

  /** The same for records that are no longer in memory. */
  settledRange({ segment, firstId, count }: Place): void {
    segment.settle(firstId, count);
  }

  /** True when all records of the batch are on disk. */
  holds(batch: Batch): boolean {
    const tracked = this.#find(batch.firstId);
    if (tracked === undefined) return false;
    let found = 0;
    for (const { firstId, count } of tracked.places) found += overlap(firstId, count, batch.firstId, batch.count).count;
    return found === batch.count;
  }

  /** Where the batch can be read back, so that memory can let it go; `undefined` when it is not wholly on disk. */
  evict(batch: Batch): Range | undefined {
    const tracked = this.#find(batch.firstId);
    const place = tracked === undefined ? undefined : placeOf(tracked, batch);
    if (tracked === undefined || place === undefined) return undefined;
    this.#leave(tracked, batch);
    const { firstId, count, length: bytes, flushes } = batch;
    return { segment: place.segment, offset: place.offset, firstId, count, bytes, flushes };
  }

  /** Gives up the oldest segment, whatever is in it; `undefined` when there is none to give up. */
  dropOldest(): Segment | undefined {
    const oldest = this.#segments[0];
    if (oldest === undefined || oldest === this.#current || oldest === this.#writing) return undefined;
    for (const tracked of this.#tracked) tracked.forget(oldest);
    this.#segments.shift();
    this.#bytes -= oldest.size;
    oldest.remove().catch((error: unknown) => this.#trouble.report(error));
    return oldest;
  }

  /** Writes all that is not written, in the caller's tick. Never throws: what fails is tried again later. */
  writeNow(): void {
    if (this.#unwritten.length === 0) return;
    if (this.#writing !== undefined) {
      // It may still write to its segment, so that this one must not: the records are on disk twice then.
      this.#overtakes++;
      this.#current = undefined;
    }
    try {
      while (this.#hasUnwritten) {
        const segment = this.#fitting() ?? this.#createNow();
        const piece = this.#collect(segment, this.#outNow);
        if (piece === undefined) return;
        segment.appendSync(this.#outNow.bytes, this.#outNow.length);
        this.#accept(piece, this.#outNow.length);
        if (this.#parts.fsync === 'always') segment.syncNow();
        this.#trouble.isOver();
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The same in `durability: 'sync'`, where a disk that fails must not be asked at every call. */
  writeIfHealthy(): void {
    if (this.#trouble.isPaused) this.#tickLater();
    else this.writeNow();
  }

  /** Tells the files what is settled, and removes those of which nothing is left. Never rejects. */
  async tell(): Promise<void> {
    try {
      for (const [i, segment] of [...this.#segments].entries()) {
        if (!this.#isUseless(segment)) await segment.tell();
        else if (segment === this.#segments[0]) await this.#takeOff(segment).remove();
        else if (i > 0) await this.#emptied(segment);
      }
    } catch (error) {
      this.#trouble.report(error);
    }
  }

  /** Writes and tells everything in the caller's tick. Never throws. */
  settleNow(): void {
    this.writeNow();
    try {
      for (const segment of [...this.#segments]) {
        if (segment.isSettled && segment === this.#segments[0] && segment !== this.#writing) {
          this.#takeOff(segment).removeSync();
        } else segment.tellSync();
      }
    } catch (error) {
      this.#trouble.report(error);
    }
  }

  /** Goes on in another folder: the one before is gone. */
  moveTo(folder: string): void {
    this.#folder = folder;
    this.#current = undefined;
    this.#trouble.report(Object.assign(new Error('the folder was removed'), { code: 'ENOENT' }));
  }

  /** Lets go of its files. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTick?.();
    for (const segment of this.#segments) if (segment !== this.#writing) segment.close();
  }

  get #hasUnwritten(): boolean {
    return this.#unwritten.some((tracked) => !tracked.isWritten);
  }

  #find(id: number): Tracked | undefined {
    for (const tracked of this.#tracked) {
      if (id < tracked.batch.firstId + tracked.batch.count) return id >= tracked.batch.firstId ? tracked : undefined;
    }
    return undefined;
  }

  /** These records are settled or evicted. */
  #leave(tracked: Tracked, batch: Batch): void {
    tracked.leave(batch);
    // The newest may get more.
    if (tracked !== this.#last && tracked.isGone) {
      this.#tracked.delete(tracked);
      const at = this.#unwritten.indexOf(tracked);
      if (at !== -1) this.#unwritten.splice(at, 1);
    }
  }

  #tickLater(): void {
    if (this.#cancelTick !== undefined || this.#isClosed) return;
    this.#cancelTick = this.#parts.timers.after(this.#parts.windowMs, () => this.#tick(), false);
  }

  #tick(): void {
    this.#cancelTick = undefined;
    if (this.#writing === undefined && !this.#trouble.isPaused && this.#parts.isNeeded()) void this.#write();
    if (this.#unwritten.length > 0 || this.#current?.isUnsynced === true) this.#tickLater();
  }

  async #write(): Promise<void> {
    this.#writing = 'new';
    try {
      for (let more = true; more;) more = await this.#writeChunk();
    } catch (error) {
      this.#failed(error);
    }
    this.#writing = undefined;
    this.onWritten();
  }

  /** True when there may be more to write. */
  async #writeChunk(): Promise<boolean> {
    const { fsync, timers } = this.#parts;
    if (!this.#hasUnwritten) {
      const current = this.#current;
      if (fsync === 'interval' && current?.isUnsynced === true && timers.now() - this.#syncedAt >= SYNC_INTERVAL_MS) {
        this.#syncedAt = timers.now();
        await current.sync();
      }
      return false;
    }
    const overtakes = this.#overtakes;
    const segment = this.#fitting() ?? (await this.#create());
    const piece = overtakes === this.#overtakes ? this.#collect(segment, this.#out) : undefined;
    if (piece === undefined) return false;
    this.#writing = segment;
    await segment.append(this.#out.bytes, this.#out.length);
    if (overtakes !== this.#overtakes) return false;
    this.#accept(piece, this.#out.length);
    if (fsync === 'always') await segment.sync();
    this.#trouble.isOver();
    return true;
  }

  /** The segment that the next record belongs to; `undefined` when it needs a new one. A batch stays in one. */
  #fitting(): Segment | undefined {
    const current = this.#current;
    const next = this.#unwritten.find((tracked) => !tracked.isWritten);
    if (current === undefined || next === undefined) return current;
    const isBegun = next.places.some(({ segment }) => segment === current);
    return isBegun || current.size < this.#segmentBytes ? current : undefined;
  }

  #nextName(): SegmentName {
    const next = this.#unwritten.find((tracked) => !tracked.isWritten) ?? this.#last;
    return newSegmentName(++this.#number, next === undefined ? 1 : next.batch.firstId + next.written);
  }

  async #create(): Promise<Segment> {
    const { files, fsync } = this.#parts;
    const overtakes = this.#overtakes;
    const segment = await Segment.create(files, this.#folder, this.#nextName());
    const out = originFrames(segment, this.#parts.envelope);
    await segment.append(out.bytes, out.length);
    if (fsync !== 'never') await files.syncFolder(this.#folder);
    return this.#adoptNew(segment, out.length, overtakes === this.#overtakes);
  }

  #createNow(): Segment {
    const { files, fsync } = this.#parts;
    const segment = Segment.createSync(files, this.#folder, this.#nextName());
    const out = originFrames(segment, this.#parts.envelope);
    segment.appendSync(out.bytes, out.length);
    if (fsync !== 'never') files.syncFolderSync(this.#folder);
    return this.#adoptNew(segment, out.length, true);
  }

  #adoptNew(segment: Segment, length: number, isCurrent: boolean): Segment {
    segment.size += length;
    this.#bytes += segment.size;
    this.#segments.push(segment);
    this.#segments.sort((a, b) => a.name.number - b.name.number);
    if (isCurrent) this.#current = segment;
    return segment;
  }

  #collect(segment: Segment, out: ByteWriter): Piece | undefined {
    const room = { spoolBytes: this.#parts.maxBytes - this.#bytes, segmentBytes: this.#segmentBytes - segment.size };
    return collectPiece(this.#unwritten, segment, this.#parts.envelope, room, out);
  }

  /** The piece is on disk. */
  #accept({ segment, parts, scopes }: Piece, length: number): void {
    segment.size += length;
    segment.writtenMs = Date.now();
    segment.isUnsynced = true;
    this.#bytes += length;
    for (const scopeId of scopes) segment.scopes.add(scopeId);
    for (const { tracked, from, to, offset } of parts) {
      const place = { segment, offset, firstId: tracked.batch.firstId + from, count: to - from };
      segment.records += place.count;
      tracked.add(place, to);
      // Settled while it was being written.
      settleWithin(place, tracked.batch.firstId, tracked.prefix);
    }
    while (this.#unwritten.length > 1 && (this.#unwritten[0] as Tracked).isWritten) this.#unwritten.shift();
  }

  #failed(error: unknown): void {
    // Where there is no room, the same place is tried again; a file that fails otherwise is left alone.
    if (!this.#trouble.pause(error)) this.#current = undefined;
    this.#tickLater();
  }

  #isUseless(segment: Segment): boolean {
    if (!segment.isSettled || segment === this.#writing) return false;
    return segment !== this.#current || segment.size > IDLE_BYTES;
  }

  #takeOff(segment: Segment): Segment {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#bytes -= segment.size;
    if (segment === this.#current) this.#current = undefined;
    return segment;
  }

  /** A number that stands between others is kept, without its records. */
  async #emptied(segment: Segment): Promise<void> {
    const before = segment.size;
    await segment.tell();
    await segment.empty();
    this.#bytes -= before - segment.size;
    if (segment === this.#current) this.#current = undefined;
  }
}

function settleWithin(place: Place, firstId: number, count: number): void {
  const both = overlap(place.firstId, place.count, firstId, count);
  place.segment.settle(both.firstId, both.count);
}

/** Ids that are in both. */
function overlap(a: number, aCount: number, b: number, bCount: number): { firstId: number; count: number } {
  const firstId = Math.max(a, b);
  return { firstId, count: Math.max(0, Math.min(a + aCount, b + bCount) - firstId) };
}
