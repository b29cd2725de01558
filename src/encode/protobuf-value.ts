/**
 * Values to protobuf, for everything off the hot path: resources, scopes, nested and unusual fields.
 *
 * Lengths stand before what they measure. A message gets one byte for its length and is moved by the bytes that were
 * missing once it is known; most messages are shorter than 128 bytes and never move.
 */
import type { ByteWriter } from '../core/record.ts';
import { isWireInteger, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';

// Tags are `field number << 3 | wire type`; all fields written here have numbers below 16, so a tag is one byte.
const ANY_STRING = 0x0a;
const ANY_BOOL = 0x10;
const ANY_INT = 0x18;
const ANY_DOUBLE = 0x21;
const ANY_ARRAY = 0x2a;
const ANY_KVLIST = 0x32;
const ANY_BYTES = 0x3a;
const KEY_VALUE_KEY = 0x0a;
const KEY_VALUE_VALUE = 0x12;
const LIST_ELEMENT = 0x0a;

const TWO_TO_32 = 0x1_0000_0000;
/** The longest varint: a 64-bit number in groups of seven bits. */
const MAX_VARINT_BYTES = 10;
/** A UTF-16 unit takes at most three bytes in UTF-8, so a text this short has a length of one byte. */
const SHORT_TEXT_UNITS = 42;

/** Writes a repeated KeyValue field: each entry as `fieldTag <length> <KeyValue>`. */
export function writeAttributes(
  out: ByteWriter,
  fieldTag: number,
  keys: readonly string[],
  values: readonly Value[],
): void {
  for (let i = 0; i < keys.length; i++) writeKeyValue(out, fieldTag, keys[i] as string, values[i] as Value);
}

/** Writes one KeyValue as `fieldTag <length> <KeyValue>`. */
export function writeKeyValue(out: ByteWriter, fieldTag: number, key: string, value: Value): void {
  const entry = openMessage(out, fieldTag);
  writeText(out, KEY_VALUE_KEY, key);
  const nested = openMessage(out, KEY_VALUE_VALUE);
  writeAnyValue(out, value);
  closeMessage(out, nested);
  closeMessage(out, entry);
}

/**
 * Writes the inside of an AnyValue message, without a tag and a length of its own. `null` is the empty message.
 *
 * A bigint that does not fit int64 becomes its decimal text, as `read-value` does it.
 */
export function writeAnyValue(out: ByteWriter, value: Value): void {
  switch (typeof value) {
    case 'string':
      return writeText(out, ANY_STRING, value);
    case 'boolean':
      return writeByteField(out, ANY_BOOL, value ? 1 : 0);
    case 'number':
      return isWireInteger(value) ? writeInteger(out, value) : writeDouble(out, value);
    case 'bigint':
      return writeBigInt(out, value);
    default:
      if (value !== null) writeCompound(out, value);
  }
}

/** Writes a string field as `tag <length> <UTF-8>`; lone surrogates become U+FFFD, since OTLP strings are UTF-8. */
export function writeText(out: ByteWriter, tag: number, text: string): void {
  if (text.length <= SHORT_TEXT_UNITS) {
    out.reserve(2 + text.length * 3);
    const start = out.length + 2;
    const length = out.bytes.write(text, start, 'utf8');
    out.bytes[start - 2] = tag;
    out.bytes[start - 1] = length;
    out.length = start + length;
    return;
  }
  const length = Buffer.byteLength(text, 'utf8');
  out.reserve(1 + MAX_VARINT_BYTES + length);
  out.bytes[out.length++] = tag;
  writeVarint(out, length);
  out.bytes.write(text, out.length, 'utf8');
  out.length += length;
}

/** Writes a bytes field as `tag <length> <bytes>`. */
export function writeBytes(out: ByteWriter, tag: number, bytes: Uint8Array): void {
  out.reserve(1 + MAX_VARINT_BYTES + bytes.length);
  out.bytes[out.length++] = tag;
  writeVarint(out, bytes.length);
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

/** Writes a non-negative integer below 2^53 as a varint. */
export function writeVarint(out: ByteWriter, value: number): void {
  out.reserve(MAX_VARINT_BYTES);
  let rest = value;
  while (rest >= 0x8000_0000) {
    out.bytes[out.length++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 0x80) {
    out.bytes[out.length++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out.bytes[out.length++] = rest;
}

/** Bytes that `value` takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Starts a nested message as `tag <length>`; returns what `closeMessage` wants. */
export function openMessage(out: ByteWriter, tag: number): number {
  out.reserve(2);
  out.bytes[out.length] = tag;
  out.length += 2;
  return out.length;
}

/** Fills in the length of the message that began at `start`, moving it when one byte does not hold it. */
export function closeMessage(out: ByteWriter, start: number): void {
  const length = out.length - start;
  if (length < 0x80) {
    out.bytes[start - 1] = length;
    return;
  }
  const extra = varintLength(length) - 1;
  out.reserve(extra);
  out.bytes.copyWithin(start + extra, start, out.length);
  out.length = start - 1;
  writeVarint(out, length);
  out.length += length;
}

function writeCompound(out: ByteWriter, value: Exclude<Value, null | string | number | boolean | bigint>): void {
  if (value instanceof Uint8Array) return writeBytes(out, ANY_BYTES, value);
  if (value instanceof ValueMap) {
    const map = openMessage(out, ANY_KVLIST);
    writeAttributes(out, LIST_ELEMENT, value.keys, value.values);
    return closeMessage(out, map);
  }
  if (value instanceof Varied) return writeAnyValue(out, value.hidden);
  const list = openMessage(out, ANY_ARRAY);
  for (const element of value) {
    const nested = openMessage(out, LIST_ELEMENT);
    writeAnyValue(out, element);
    closeMessage(out, nested);
  }
  closeMessage(out, list);
}

function writeByteField(out: ByteWriter, tag: number, value: number): void {
  out.reserve(2);
  out.bytes[out.length++] = tag;
  out.bytes[out.length++] = value;
}

function writeInteger(out: ByteWriter, value: number): void {
  out.reserve(1 + MAX_VARINT_BYTES);
  out.bytes[out.length++] = ANY_INT;
  if (value >= 0) return writeVarint(out, value);
  const high = Math.floor(value / TWO_TO_32);
  writeVarint64(out, value - high * TWO_TO_32, high >>> 0);
}

function writeBigInt(out: ByteWriter, value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) return writeText(out, ANY_STRING, String(value));
  out.reserve(1 + MAX_VARINT_BYTES);
  out.bytes[out.length++] = ANY_INT;
  writeVarint64(out, Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
}

/** A 64-bit number, two's complement, from its unsigned 32-bit halves. The caller has made room. */
function writeVarint64(out: ByteWriter, low: number, high: number): void {
  let lowRest = low;
  let highRest = high;
  while (highRest !== 0 || lowRest >= 0x80) {
    out.bytes[out.length++] = (lowRest & 0x7f) | 0x80;
    lowRest = ((lowRest >>> 7) | ((highRest & 0x7f) << 25)) >>> 0;
    highRest >>>= 7;
  }
  out.bytes[out.length++] = lowRest;
}

function writeDouble(out: ByteWriter, value: number): void {
  out.reserve(9);
  out.bytes[out.length] = ANY_DOUBLE;
  out.bytes.writeDoubleLE(value, out.length + 1);
  out.length += 9;
}
