/**
 * The spool's format, as every part of it reads and writes it.
 *
 * A segment is a file `<number>-<first id>-<salt>.seg`, all of it little-endian:
 *
 *     head, 4,096 bytes: two slots of 2,048, written in turns. The newer intact one says which ids are settled:
 *         crc u32 │ turn u32 │ ranges u32 │ ranges × (first id u48, last id u48)
 *     frames, one after the other:
 *         magic u32 │ crc u32 │ payload length u32 │ kind u8 │ severity u8 │ id u48 │ scope u32 │ payload
 *
 * A frame of kind `origin` says what stands around the records of the file in a request, one of kind `scope` the same for
 * one logger. A scope stands there twice. The origin is the first frame, stands again behind the records of the first
 * write, and once more at least a page further on, so that no damaged page takes all of its copies from records that it
 * leaves intact. A frame of kind `record` is one record, as it was encoded.
 *
 * What holds:
 *
 * - Ids increase within a segment, and segments are numbered without gaps. They are removed from the front only; one in
 *   the middle that is settled is cut down to its head. So a number that is missing in the middle is a loss.
 * - A crc covers everything behind it. The salt of the file's name is its seed: no text that somebody logs can pass for
 *   a frame. Where one is damaged, the next magic with a fitting crc goes on.
 * - A file has one writer. A write that failed is repeated at the same place, so that behind the last intact frame there
 *   may be remains of an older one; ids that do not increase are such.
 */
import { crc32 } from 'node:zlib';
import type { ByteWriter } from '../../core/byte-writer.ts';

export const HEAD_BYTES = 4_096;
export const SLOT_BYTES = HEAD_BYTES / 2;
export const FRAME_HEADER_BYTES = 24;

export const FRAME_KIND = { origin: 1, scope: 2, record: 3 } as const;
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

/** Its first and last byte occur in no UTF-8. */
export const FRAME_MAGIC = 0xf94c_53f5;

/** Ids from `first` to `last`, both settled. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly severity: number;
  readonly id: number;
  readonly scopeId: number;
}

/** Appends a frame around `bytes[from .. to]` to `out`; returns its length. */
export function writeFrame(
  out: ByteWriter,
  salt: number,
  header: FrameHeader,
  payload: Buffer,
  from: number,
  to: number,
): number {
  const length = FRAME_HEADER_BYTES + to - from;
  out.reserve(length);
  const at = out.length;
  const { bytes } = out;
  bytes.writeUInt32LE(FRAME_MAGIC, at);
  bytes.writeUInt32LE(to - from, at + 8);
  bytes[at + 12] = header.kind;
  bytes[at + 13] = header.severity;
  bytes.writeUIntLE(header.id, at + 14, 6);
  bytes.writeUInt32LE(header.scopeId, at + 20);
  payload.copy(bytes, at + FRAME_HEADER_BYTES, from, to);
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, at + length), salt), at + 4);
  out.length += length;
  return length;
}

/** What a slot of the head can tell; further ranges are forgotten, and their records may be delivered again. */
const MAX_RANGES = Math.floor((SLOT_BYTES - 12) / 12);

/** A slot of the head, to be written to `(turn % 2) * SLOT_BYTES`. */
export function encodeSlot(salt: number, turn: number, settled: readonly IdRange[]): Buffer {
  const ranges = settled.slice(0, MAX_RANGES);
  const slot = Buffer.alloc(12 + ranges.length * 12);
  slot.writeUInt32LE(turn, 4);
  slot.writeUInt32LE(ranges.length, 8);
  for (const [i, { first, last }] of ranges.entries()) {
    slot.writeUIntLE(first, 12 + i * 12, 6);
    slot.writeUIntLE(last, 18 + i * 12, 6);
  }
  slot.writeUInt32LE(crc32(slot.subarray(4), salt), 0);
  return slot;
}

/** What the newer intact slot says; nothing is settled when neither is intact. */
export function decodeHead(
  head: Buffer,
  salt: number,
): { readonly turn: number; readonly settled: readonly IdRange[] } {
  let newest: { turn: number; settled: IdRange[] } = { turn: 0, settled: [] };
  for (const at of [0, SLOT_BYTES]) {
    if (head.length < at + 12) continue;
    const turn = head.readUInt32LE(at + 4);
    const count = head.readUInt32LE(at + 8);
    const end = at + 12 + count * 12;
    if (count > MAX_RANGES || end > head.length || turn <= newest.turn) continue;
    if (crc32(head.subarray(at + 4, end), salt) !== head.readUInt32LE(at)) continue;
    const settled: IdRange[] = [];
    for (let i = at + 12; i < end; i += 12) {
      settled.push({ first: head.readUIntLE(i, 6), last: head.readUIntLE(i + 6, 6) });
    }
    newest = { turn, settled };
  }
  return newest;
}

/** What the name of a segment says. */
export interface SegmentName {
  /** 1, 2, 3, … within a folder. */
  readonly number: number;
  /** Of its first record. */
  readonly firstId: number;
  readonly salt: number;
}

export function segmentFile({ number, firstId, salt }: SegmentName): string {
  return `${String(number).padStart(8, '0')}-${firstId}-${salt.toString(16).padStart(8, '0')}.seg`;
}

export function parseSegmentFile(file: string): SegmentName | undefined {
  const parts = /^(\d{8,12})-(\d{1,15})-([0-9a-f]{8})\.seg$/.exec(file);
  if (parts === null) return undefined;
  return { number: Number(parts[1]), firstId: Number(parts[2]), salt: parseInt(parts[3] as string, 16) };
}
