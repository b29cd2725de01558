/**
 * The payloads of the frames that say what stands around the records of a segment, all of it little-endian:
 *
 *     scope:  wrap
 *     origin: content type length u32 │ content type │ wrap
 *     wrap:   head length u32 │ tail length u32 │ head │ tail
 *
 * What is decoded is copied: it outlives the memory that the file is read into.
 */
import type { Origin, Wrap } from '../../core/origin.ts';

/** Bytes of one length. */
const LENGTH_BYTES = 4;

export function encodeOrigin(contentType: string, resource: Wrap): Buffer {
  const type = Buffer.from(contentType);
  const out = Buffer.alloc(LENGTH_BYTES + type.length + wrapBytes(resource));
  out.writeUInt32LE(type.length, 0);
  type.copy(out, LENGTH_BYTES);
  putWrap(out, LENGTH_BYTES + type.length, resource);
  return out;
}

/** Undefined for what `encodeOrigin` did not write. */
export function decodeOrigin(payload: Buffer): Pick<Origin, 'contentType' | 'resource'> | undefined {
  if (payload.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + payload.readUInt32LE(0);
  if (end > payload.length) return undefined;
  const resource = decodeWrap(payload.subarray(end));
  return resource && { contentType: payload.toString('utf8', LENGTH_BYTES, end), resource };
}

export function encodeWrap(wrap: Wrap): Buffer {
  const out = Buffer.alloc(wrapBytes(wrap));
  putWrap(out, 0, wrap);
  return out;
}

/** Undefined for what `encodeWrap` did not write. */
export function decodeWrap(payload: Buffer): Wrap | undefined {
  if (payload.length < 2 * LENGTH_BYTES) return undefined;
  const headEnd = 2 * LENGTH_BYTES + payload.readUInt32LE(0);
  if (headEnd + payload.readUInt32LE(LENGTH_BYTES) !== payload.length) return undefined;
  const bytes = Buffer.from(payload);
  return { head: bytes.subarray(2 * LENGTH_BYTES, headEnd), tail: bytes.subarray(headEnd) };
}

function wrapBytes({ head, tail }: Wrap): number {
  return 2 * LENGTH_BYTES + head.length + tail.length;
}

function putWrap(out: Buffer, at: number, { head, tail }: Wrap): void {
  out.writeUInt32LE(head.length, at);
  out.writeUInt32LE(tail.length, at + LENGTH_BYTES);
  head.copy(out, at + 2 * LENGTH_BYTES);
  tail.copy(out, at + 2 * LENGTH_BYTES + head.length);
}
