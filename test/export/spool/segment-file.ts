/** Segments as a process leaves them behind, for tests of reading them. */
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import type { Batch } from '../../../src/core/batch.ts';
import type { Wrap } from '../../../src/core/origin.ts';
import type { SpoolFiles } from '../../../src/export/spool/files.ts';
import { SYSTEM_FILES } from '../../../src/export/spool/files.ts';
import { encodeSlot, FRAME_KIND, HEAD_BYTES, SLOT_BYTES, writeFrame } from '../../../src/export/spool/frame.ts';
import type { IdRange, SegmentName } from '../../../src/export/spool/frame.ts';
import { encodeOrigin, encodeWrap } from '../../../src/export/spool/origin.ts';
import { readSegment } from '../../../src/export/spool/reader.ts';
import type { SegmentEnd, SegmentLimits } from '../../../src/export/spool/reader.ts';

export const NAME: SegmentName = { number: 1, firstId: 1, salt: 0x5eed_1234 };
export const LIMITS: SegmentLimits = { batchRecords: 5, batchBytes: 100_000 };

/** Ids. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export function wrap(head: string, tail: string): Wrap {
  return { head: Buffer.from(head), tail: Buffer.from(tail) };
}

/** One stretch of a segment. */
export interface Part {
  readonly what: 'head' | 'origin' | 'scope' | 'record';
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** The bytes of a segment, and where each part of it is. */
export class SegmentFile {
  readonly parts: Part[] = [];
  readonly #out = new ByteWriter();
  readonly #name: SegmentName;

  constructor(name: SegmentName = NAME) {
    this.#name = name;
    this.#put('head', 0, () => {
      this.#out.reserve(HEAD_BYTES);
      this.#out.bytes.fill(0, 0, HEAD_BYTES);
      this.#out.length = HEAD_BYTES;
    });
  }

  get bytes(): Buffer {
    return Buffer.from(this.#out.bytes.subarray(0, this.#out.length));
  }

  get length(): number {
    return this.#out.length;
  }

  settled(turn: number, ranges: readonly IdRange[]): this {
    encodeSlot(this.#name.salt, turn, ranges).copy(this.#out.bytes, (turn % 2) * SLOT_BYTES);
    return this;
  }

  origin(contentType = 'application/json', resource = wrap('<', '>')): this {
    this.#frame('origin', 0, 0, encodeOrigin(contentType, resource));
    return this;
  }

  scope(scopeId: number, around = wrap(`${scopeId}(`, ')')): this {
    this.#frame('scope', 0, scopeId, encodeWrap(around));
    return this;
  }

  record(id: number, text: string | Buffer = `record ${id}`, scopeId = 0, severity = 9): this {
    this.#frame('record', id, scopeId, Buffer.from(text), severity);
    return this;
  }

  records(first: number, last: number): this {
    for (let id = first; id <= last; id++) this.record(id);
    return this;
  }

  /** Bytes that are no frame. */
  raw(bytes: Buffer): this {
    this.#out.reserve(bytes.length);
    this.#out.length += bytes.copy(this.#out.bytes, this.#out.length);
    return this;
  }

  #frame(what: 'origin' | 'scope' | 'record', id: number, scopeId: number, payload: Buffer, severity = 0): void {
    const header = { kind: FRAME_KIND[what], severity, id, scopeId };
    this.#put(what, id, () => writeFrame(this.#out, this.#name.salt, header, payload, 0, payload.length));
  }

  #put(what: Part['what'], id: number, write: () => void): void {
    const from = this.#out.length;
    write();
    this.parts.push({ what, id, from, to: this.#out.length });
  }
}

/** A folder of one file, in memory; `bytes` may be another file for each reading. */
export class MemoryFile {
  bytes: Buffer;
  opened = 0;
  closed = 0;
  /** The largest read that was asked for. */
  largestRead = 0;
  bytesRead = 0;
  readonly files: SpoolFiles;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.files = {
      ...SYSTEM_FILES,
      open: () => Promise.resolve(++this.opened),
      size: () => Promise.resolve(this.bytes.length),
      read: (_fd, into, length, position) => {
        this.largestRead = Math.max(this.largestRead, length);
        const read = this.bytes.copy(into, 0, position, position + length);
        this.bytesRead += read;
        return Promise.resolve(read);
      },
      close: () => {
        this.closed++;
      },
    };
  }
}

export interface Reading {
  readonly batches: readonly Batch[];
  readonly end: SegmentEnd;
  /** Ids and texts in order. */
  readonly records: readonly (readonly [id: number, text: string])[];
  readonly ids: readonly number[];
}

export async function readAll(
  bytes: Buffer,
  { name = NAME, limits = LIMITS }: { name?: SegmentName; limits?: SegmentLimits } = {},
): Promise<Reading> {
  const file = new MemoryFile(bytes);
  const reading = await drain(readSegment(file.files, 'segment', name, limits));
  if (file.opened !== 1 || file.closed !== 1) throw new Error('the file was not closed once');
  return reading;
}

export async function drain(segment: AsyncGenerator<Batch, SegmentEnd, undefined>): Promise<Reading> {
  const batches: Batch[] = [];
  for (;;) {
    const step = await segment.next();
    if (step.done === true) {
      const records = batches.flatMap(recordsOf);
      return { batches, end: step.value, records, ids: records.map(([id]) => id) };
    }
    batches.push(step.value);
  }
}

export function recordsOf(batch: Batch): (readonly [id: number, text: string])[] {
  return Array.from({ length: batch.count }, (_, i) => [
    batch.firstId + i,
    batch.bytes.toString('utf8', batch.start(i), batch.end(i)),
  ]);
}

/** What stands around the records of each batch, as text: `<0(…)>`. */
export function surroundings(batch: Batch): string {
  const { origin } = batch;
  if (origin === undefined) return '';
  const { head, tail } = origin.scope(batch.scopeId(0));
  const [before, after] = [Buffer.concat([origin.resource.head, head]), Buffer.concat([tail, origin.resource.tail])];
  return `${before.toString()}…${after.toString()}`;
}
