import type { Batch } from '../../core/batch.ts';
import { ByteWriter } from '../../core/byte-writer.ts';
import type { Diag } from '../../core/diag.ts';
import { DropTally, severitiesOf } from '../drop-tally.ts';
import { roomsBySeverity } from '../pressure.ts';
import { collectPiece } from './piece.ts';
import type { Part, Piece } from './piece.ts';
import type { Segment } from './segment.ts';
import { Segments } from './segments.ts';
import type { SegmentsParts } from './segments.ts';
import { SpoolTrouble } from './trouble.ts';
import type { Timers } from '../timers.ts';
import { settleWithin } from './tracked-batch.ts';
import type { Place } from './tracked-batch.ts';
import { TrackedBatches } from './tracked-batches.ts';

export interface SpoolParts extends SegmentsParts {
  /** The destination's, for what is said about it. */
  readonly name: string;
  /** How long a record may be in memory only. */
  readonly windowMs: number;
  /** False while records need not be written (`onFull: 'spill'`, and memory has room). */
  readonly isNeeded: () => boolean;
  readonly diag: Diag;
  readonly timers: Timers;
}

/** Records of one batch that are on disk and no longer in memory. */
export interface Range extends Place {
  /** Of their batch: which flushes wait for them. */
  readonly flushes: number;
  /** How many of them have each severity number. */
  readonly severities: Uint32Array;
  /** None of them was logged after this, by the timers' clock. */
  readonly sealedAt: number;
}

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
  /** Called when `unsettled` is another number by what the spool does, in any way of writing. */
  onCount: () => void = () => undefined;
  /** What it could not take, or gave up, for want of room. */
  readonly dropped = new DropTally('spool_full');
  readonly #parts: SpoolParts;
  readonly #rooms: readonly number[];
  readonly #segments: Segments;
  readonly #batches: TrackedBatches;
  readonly #trouble: SpoolTrouble;
  /** An asynchronous round of writing is under way. */
  #isWriting = false;
  /** What it is writing right now. */
  #appending: Piece | undefined;
  /** Resolves when that is over, whichever way. */
  #appended: Promise<void> = Promise.resolve();
  /** Resolves when the last `tell` is over: there is one at a time. */
  #told: Promise<void> = Promise.resolve();
  readonly #out = new ByteWriter(64 * 1024);
  readonly #outNow = new ByteWriter(1024);
  #cancelTick: (() => void) | undefined;
  #syncedAt = -Infinity;
  #isClosed = false;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#rooms = roomsBySeverity(parts.maxBytes);
    this.#segments = new Segments(parts);
    this.#batches = new TrackedBatches(() => parts.timers.now());
    this.#trouble = new SpoolTrouble(parts);
  }

  /** Makes the first segment, so that within the window nothing is left to do but one write. Never throws. */
  prepare(): void {
    try {
      this.#createNow();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Bytes of its files. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  /** True once its files take more than half of what they may. */
  get isHalfFull(): boolean {
    return this.#segments.bytes > this.#parts.maxBytes / 2;
  }

  /** Records that are on disk and not settled, whether they are in memory too or not. */
  get unsettled(): number {
    return this.#segments.unsettled;
  }

  /** True when it has let go of its files: nothing is written any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** True when a record of this severity may still be taken. */
  admits(severity: number): boolean {
    return this.#segments.bytes < (this.#rooms[severity] as number);
  }

  /** The queue has begun this batch; what comes to be in it is written from now on. */
  track(batch: Batch): void {
    this.#batches.add(batch);
    this.#tickLater();
  }

  /** The batch is complete. */
  sealed(batch: Batch): void {
    this.#batches.seal(batch);
  }

  /** The batch, or a part of one, is settled: its records need not be read again. */
  settled(batch: Batch): void {
    const tracked = this.#batches.find(batch);
    if (tracked === undefined) return;
    for (const place of tracked.places) settleWithin(place, batch.firstId, batch.count);
    this.#batches.leave(tracked, batch);
  }

  /** The same for records that are no longer in memory. */
  settledRange({ segment, firstId, count }: Place): void {
    segment.settle(firstId, count);
  }

  /** The parts of the batch that are not on disk. */
  missing(batch: Batch): Batch[] {
    const places = this.#batches.find(batch)?.placesOf(batch) ?? [];
    const missing: Batch[] = [];
    let from = 0;
    for (const { firstId, count } of places) {
      const index = firstId - batch.firstId;
      if (index > from) missing.push(batch.slice(from, index));
      from = index + count;
    }
    if (from === 0) return [batch];
    if (from < batch.count) missing.push(batch.slice(from, batch.count));
    return missing;
  }

  /**
   * Where the batch can be read back, so that memory can let it go; `undefined` when it is not written yet, or not one of
   * its records could be. Those that could not be are in no range.
   */
  evict(batch: Batch): readonly Range[] | undefined {
    const tracked = this.#batches.find(batch);
    const end = batch.firstId + batch.count;
    if (tracked === undefined || tracked.batch.firstId + tracked.written < end) return undefined;
    const places = tracked.placesOf(batch);
    if (places.length === 0) return undefined;
    this.#batches.leave(tracked, batch);
    return places.map((place) => {
      const from = place.firstId - batch.firstId;
      const severities = severitiesOf(batch, from, from + place.count);
      return { ...place, flushes: batch.flushes, severities, sealedAt: tracked.sealedAt };
    });
  }

  /** Gives up the oldest segment, whatever is in it; `undefined` when there is none to give up. */
  dropOldest(): Segment | undefined {
    const oldest = this.#segments.dropOldest((error) => this.#trouble.report(error));
    if (oldest !== undefined) {
      this.#batches.forget(oldest);
      this.onCount();
    }
    return oldest;
  }

  /** Writes all that is not written, in the caller's tick. Never throws: what fails is tried again later. */
  writeNow(): void {
    if (!this.#batches.hasUnwritten()) return;
    const segments = this.#segments;
    const overtaken = this.#appending;
    // What is under way may still come to stand in its segment, so that this must not: it stands on disk twice then.
    if (overtaken !== undefined && overtaken.segment === segments.current) segments.current = undefined;
    try {
      while (this.#batches.hasUnwritten()) {
        const segment = this.#fitting() ?? this.#createNow();
        const piece = segment && this.#collect(segment, this.#outNow);
        if (piece === undefined) break;
        this.#appendNow(piece);
        if (this.#parts.fsync === 'always' && piece.segment.isUnsynced) piece.segment.syncNow();
        this.#trouble.isOver();
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#disownOvertaken();
  }

  /** The same in `durability: 'sync'`, where a disk that fails must not be asked at every call. */
  writeIfHealthy(): void {
    if (this.#trouble.isPaused) this.#tickLater();
    else this.writeNow();
  }

  /** Tells the files what is settled, and removes those of which nothing is left. Never rejects. */
  tell(): Promise<void> {
    this.#told = this.#told.then(() => this.#tell());
    return this.#told;
  }

  async #tell(): Promise<void> {
    // Where something is being written that was settled meanwhile: it can't be told before it stands there.
    while (this.#appending?.parts.some(({ tracked, from }) => tracked.next > from) === true) await this.#appended;
    await this.#segments.tell((error) => this.#trouble.report(error));
  }

  /** Writes and tells everything in the caller's tick. Never throws. */
  settleNow(): void {
    this.writeNow();
    this.#disownOvertaken();
    this.tellNow();
  }

  /** Tells the files what is settled, and removes those of which nothing is left, in the caller's tick. Never throws. */
  tellNow(): void {
    this.#segments.tellNow((error) => this.#trouble.report(error));
  }

  /** Says that its folder was removed by somebody. */
  reportLost(): void {
    this.#trouble.report(Object.assign(new Error('it was removed'), { code: 'ENOENT' }));
  }

  /** Goes on in another folder: the one before is gone. What is in memory is written again. */
  moveTo(folder: string): void {
    this.#segments.moveTo(folder);
    this.#batches.forgetAll();
    this.#trouble.folder = folder;
    this.onCount();
    this.#tickLater();
  }

  /** Lets go of its files. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTick?.();
    this.#segments.close();
  }

  #tickLater(): void {
    if (this.#cancelTick !== undefined || this.#isClosed) return;
    this.#cancelTick = this.#parts.timers.after(this.#parts.windowMs, () => this.#tick(), false);
  }

  #tick(): void {
    this.#cancelTick = undefined;
    if (!this.#isWriting && !this.#trouble.isPaused && this.#parts.isNeeded()) void this.#write();
    if (this.#batches.isGrowing || this.#mustSync) this.#tickLater();
  }

  get #mustSync(): boolean {
    return this.#parts.fsync === 'interval' && this.#segments.isUnsynced;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let more = true; more && !this.#isClosed;) more = await this.#writeChunk();
      if (!this.#isClosed) await this.#syncDue();
    } catch (error) {
      this.#failed(error);
    }
    this.#isWriting = false;
    if (!this.#isClosed) this.onWritten();
  }

  /** True when there may be more to write. */
  async #writeChunk(): Promise<boolean> {
    const segments = this.#segments;
    if (!this.#batches.hasUnwritten()) return false;
    const segment = this.#fitting();
    if (segment === undefined) {
      if (!segments.hasRoomForNew) return false;
      await segments.create(this.#batches.nextId);
      return true;
    }
    const piece = this.#collect(segment, this.#out);
    if (piece === undefined) return false;
    const appended = this.#append(piece);
    this.#appended = appended.catch(() => undefined);
    await appended;
    if (this.#parts.fsync === 'always' && segment.isUnsynced) await segment.sync();
    this.#trouble.isOver();
    return true;
  }

  async #append(piece: Piece): Promise<void> {
    this.#appending = piece;
    try {
      await this.#segments.append(piece.segment, this.#out.bytes, piece.length);
      this.#accept(piece);
    } catch (error) {
      this.#leaveAlone(piece);
      throw error;
    } finally {
      this.#appending = undefined;
    }
  }

  #appendNow(piece: Piece): void {
    try {
      this.#segments.appendNow(piece.segment, this.#outNow.bytes, piece.length);
      this.#accept(piece);
    } catch (error) {
      this.#leaveAlone(piece);
      throw error;
    }
  }

  /** A file that failed is left alone. What may stand there of the piece is written elsewhere. */
  #leaveAlone({ segment, parts }: Piece): void {
    if (this.#segments.current === segment) this.#segments.current = undefined;
    for (const part of parts) disown(segment, part, part.to);
  }

  async #syncDue(): Promise<void> {
    const now = this.#parts.timers.now();
    if (!this.#mustSync || now - this.#syncedAt < SYNC_INTERVAL_MS) return;
    this.#syncedAt = now;
    await this.#segments.sync();
  }

  /** The segment that the next record belongs to; `undefined` when it needs a new one. A batch stays in one. */
  #fitting(): Segment | undefined {
    const { current, segmentBytes } = this.#segments;
    const { next } = this.#batches;
    if (current === undefined || next === undefined) return current;
    const isBegun = next.places.some(({ segment }) => segment === current);
    return isBegun || current.size < segmentBytes ? current : undefined;
  }

  #createNow(): Segment | undefined {
    return this.#segments.hasRoomForNew ? this.#segments.createNow(this.#batches.nextId) : undefined;
  }

  #collect(segment: Segment, out: ByteWriter): Piece | undefined {
    const { envelope } = this.#parts;
    return collectPiece(this.#batches.unwritten, segment, envelope, this.#segments.room(segment), out);
  }

  /** The piece is on disk. */
  #accept({ segment, parts, scopes, hasOrigin }: Piece): void {
    // The folder was removed meanwhile: all is written again.
    if (!this.#segments.has(segment)) return;
    if (hasOrigin) segment.originCopies++;
    for (const scopeId of scopes) segment.scopes.add(scopeId);
    for (const part of parts) {
      const { tracked, to, offset } = part;
      disown(segment, part, tracked.written);
      if (part.from >= to) continue;
      const count = to - part.from;
      if (offset === undefined) tracked.written = to;
      else {
        segment.records += count;
        tracked.add({ segment, offset, firstId: tracked.batch.firstId + part.from, count }, to);
      }
    }
    this.#batches.wasWritten();
    this.onCount();
  }

  /** What is under way was written elsewhere meanwhile, or is settled. */
  #disownOvertaken(): void {
    if (this.#appending === undefined) return;
    for (const part of this.#appending.parts) disown(this.#appending.segment, part, part.tracked.next);
  }

  #failed(error: unknown): void {
    this.#trouble.pause(error);
    this.#tickLater();
  }
}

/** What stands there of these records up to `until` is not to be read: it stands elsewhere, or is settled. */
function disown(segment: Segment, part: Part, until: number): void {
  const count = Math.min(part.to, until) - part.from;
  if (count <= 0) return;
  segment.disown(part.tracked.batch.firstId + part.from, count);
  part.from += count;
}
