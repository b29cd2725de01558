/**
 * Reads back what a spool wrote: the segments of processes that died, and single ranges of the living one.
 *
 * Whatever is in a file, reading it costs time in proportion to its length and memory in proportion to one batch. Damage is
 * counted and passed by; only a file that can't be read at all is an error.
 */
import { Batch } from '../../core/batch.ts';
import type { Origin, Wrap } from '../../core/origin.ts';
import type { SpoolFiles } from './files.ts';
import { FRAME_KIND, HEAD_BYTES } from './frame.ts';
import type { SegmentName } from './frame.ts';
import { readHead } from './head.ts';
import { Losses, SettledIds } from './losses.ts';
import { decodeOrigin, decodeWrap } from './origin.ts';
import { FrameScanner } from './scan.ts';

export interface SegmentLimits {
  /** Records of one batch. */
  readonly batchRecords: number;
  /** Encoded bytes of one batch; the record that passes it is its last. */
  readonly batchBytes: number;
  /** Encoded bytes of the largest record; what says it is larger is damage. Default: 64 MiB. */
  readonly maxRecordBytes?: number;
}

/** What became of a segment that was read to its end. */
export interface SegmentEnd {
  /**
   * Records known or presumed to be lost; settled ones are none of them.
   *
   * Between two records it is the ids that are missing around a damage, bounded by what fits into the damaged bytes; 0 when
   * no id is missing. Behind the last record each damage counts 1, but for zeros, for the rest of an origin, a scope or
   * a record that is there already, and for remains of a write that was done again. When the origin is lost, all intact
   * records are counted as well: nobody can send them.
   */
  readonly damaged: number;
  /** Of the last intact record; the id in front of `name.firstId` when there is none. */
  readonly lastId: number;
  /** Stretches of bytes that are no frame, without zeros and remains behind the last record. */
  readonly damagedRegions: number;
}

export interface ReadRange {
  /** One per run of ids without a gap. */
  readonly batches: readonly Batch[];
  /** Records that are not there any more. */
  readonly damaged: number;
}

/**
 * The unsettled records of a dead process's segment, in batches of ids without gaps that know their origin. Closes the
 * file when it is read to its end or given up (`return`).
 *
 * Rejects with Node's code when the file can't be opened or read; damage in it only counts.
 */
export async function* readSegment(
  files: SpoolFiles,
  path: string,
  name: SegmentName,
  limits: SegmentLimits,
): AsyncGenerator<Batch, SegmentEnd, undefined> {
  const fd = await files.open(path);
  try {
    const file = { files, fd, size: await files.size(fd), salt: name.salt };
    const settled = await readSettled(file);
    const scanner = new FrameScanner(file, HEAD_BYTES, limits.maxRecordBytes);
    const surroundings = new Surroundings();
    const losses = new Losses(name.firstId, settled);
    const maker = new BatchMaker(limits);
    for (;;) {
      const step = scanner.next();
      if (step === 'more') {
        await scanner.prepare();
        continue;
      }
      if (step === 'end') break;
      if (scanner.damage !== undefined) losses.damage(scanner.damage);
      if (scanner.kind !== FRAME_KIND.record) {
        surroundings.learn(scanner);
        continue;
      }
      if (!losses.record(scanner.id) || settled.has(scanner.id)) continue;
      if (!surroundings.suffice(scanner.scopeId)) await surroundings.search(file, scanner, limits);
      if (surroundings.origin === undefined) {
        losses.count++;
        continue;
      }
      const cut = maker.cutBefore(scanner, surroundings.origin);
      if (cut !== undefined) yield cut;
      const full = maker.add(scanner, surroundings.origin);
      if (full !== undefined) yield full;
    }
    losses.end(scanner.damage);
    const last = maker.close();
    if (last !== undefined) yield last;
    return { damaged: losses.count, lastId: losses.lastId, damagedRegions: losses.regions };
  } finally {
    files.close(fd);
  }
}

/**
 * The records `firstId` to `firstId + count - 1`, which this process wrote from `from` on; as batches without an origin.
 *
 * @param from where in the file the frame of the first record begins, or one in front of it
 */
export async function readRange(
  files: SpoolFiles,
  path: string,
  name: SegmentName,
  from: number,
  firstId: number,
  count: number,
  limits: SegmentLimits,
): Promise<ReadRange> {
  const fd = await files.open(path);
  try {
    const file = { files, fd, size: await files.size(fd), salt: name.salt };
    const scanner = new FrameScanner(file, from, limits.maxRecordBytes);
    const maker = new BatchMaker({ batchRecords: Infinity, batchBytes: Infinity }, limits.batchBytes);
    const batches: Batch[] = [];
    const lastId = firstId + count - 1;
    let id = firstId - 1;
    let missing = count;
    while (id < lastId) {
      const step = scanner.next();
      if (step === 'end') break;
      if (step === 'more') await scanner.prepare();
      else if (scanner.kind === FRAME_KIND.record && scanner.id > id) {
        ({ id } = scanner);
        if (id > lastId) break;
        const cut = maker.cutBefore(scanner, undefined);
        if (cut !== undefined) batches.push(cut);
        maker.add(scanner, undefined);
        missing--;
      }
    }
    const last = maker.close();
    if (last !== undefined) batches.push(last);
    return { batches, damaged: missing };
  } finally {
    files.close(fd);
  }
}

interface OpenFile {
  readonly files: SpoolFiles;
  readonly fd: number;
  readonly size: number;
  readonly salt: number;
}

async function readSettled({ files, fd, salt }: OpenFile): Promise<SettledIds> {
  return new SettledIds((await readHead(files, fd, salt)).settled);
}

/** Puts records into batches: each as large as the limits allow, without a gap in its ids, and of one origin. */
class BatchMaker {
  readonly #limits: SegmentLimits;
  #open: Batch | undefined;
  /** Of the next batch, by the size of the last. */
  #slabBytes: number;

  constructor(limits: SegmentLimits, slabBytes: number = MIN_SLAB_BYTES) {
    this.#limits = limits;
    this.#slabBytes = slabBytes;
  }

  /** The open batch, when this record can't be its next. */
  cutBefore(record: FrameScanner, origin: Origin | undefined): Batch | undefined {
    const open = this.#open;
    if (open === undefined || (record.id === open.firstId + open.count && origin === open.origin)) return undefined;
    return this.close();
  }

  /** Returns the batch when it is full now. */
  add(record: FrameScanner, origin: Origin | undefined): Batch | undefined {
    const open = this.#open ?? new Batch(this.#slabBytes);
    if (this.#open === undefined) {
      this.#open = open;
      open.firstId = record.id;
      open.origin = origin;
    }
    open.append(record.bytes, record.start, record.end);
    open.commit(record.scopeId, record.severity);
    return open.count >= this.#limits.batchRecords || open.length >= this.#limits.batchBytes ? this.close() : undefined;
  }

  close(): Batch | undefined {
    const batch = this.#open;
    this.#open = undefined;
    if (batch !== undefined) {
      const wanted = Math.min(batch.length, this.#limits.batchBytes);
      this.#slabBytes = Math.max(MIN_SLAB_BYTES, wanted + (wanted >> 3));
    }
    return batch;
  }
}

const MIN_SLAB_BYTES = 16 * 1024;

/** What a segment's frames say of its origin and scopes. */
class Surroundings {
  /** Of the records that follow. */
  origin: Origin | undefined;
  readonly #scopes = new Map<number, Wrap>();
  #scopeBytes = 0;
  #payload: Buffer | undefined;
  #searched = false;

  learn(frame: FrameScanner): void {
    const payload = frame.bytes.subarray(frame.start, frame.end);
    if (frame.kind === FRAME_KIND.origin) this.#learnOrigin(payload);
    else if (!this.#scopes.has(frame.scopeId) && this.#scopeBytes < MAX_SCOPE_BYTES) {
      const wrap = decodeWrap(payload);
      if (wrap === undefined) return;
      this.#scopes.set(frame.scopeId, wrap);
      this.#scopeBytes += payload.length + SCOPE_OVERHEAD_BYTES;
    }
  }

  /** True when a record of this scope can be sent as it was logged, or when nothing more is to be found out. */
  suffice(scopeId: number): boolean {
    return this.#searched || (this.origin !== undefined && this.#scopes.has(scopeId));
  }

  /** Looks for the other copies of what was lost in the rest of the file. */
  async search(file: OpenFile, here: FrameScanner, limits: SegmentLimits): Promise<void> {
    this.#searched = true;
    const ahead = new FrameScanner(file, here.position, limits.maxRecordBytes);
    for (let step = ahead.next(); step !== 'end'; step = ahead.next()) {
      if (step === 'more') await ahead.prepare();
      else if (ahead.kind === FRAME_KIND.scope) this.learn(ahead);
      else if (ahead.kind === FRAME_KIND.origin && this.origin === undefined) this.learn(ahead);
    }
  }

  #learnOrigin(payload: Buffer): void {
    if (this.#payload?.equals(payload) === true) return;
    const known = decodeOrigin(payload);
    if (known === undefined) return;
    this.#payload = Buffer.from(payload);
    const scopes = this.#scopes;
    this.origin = { ...known, scope: (id) => scopes.get(id) ?? LOST };
  }
}

/** Of all scopes of one segment; an application has as many as it has loggers. Those past it are lost. */
const MAX_SCOPE_BYTES = 8 * 1024 * 1024;
/** What keeping a scope costs besides its bytes. */
const SCOPE_OVERHEAD_BYTES = 256;

const NOTHING: Buffer = Buffer.alloc(0);
/** Stands around the records of a scope of which nothing is known. */
const LOST: Wrap = { head: NOTHING, tail: NOTHING };
