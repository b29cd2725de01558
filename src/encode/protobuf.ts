import type { SpanContext } from '@opentelemetry/api';
import type { Instant } from '../core/clock.ts';
import type { BoundFields, ByteWriter, Encoder, LogRecord } from '../core/record.ts';
import { ByteWriter as Writer } from '../core/record.ts';
import { bodyIn, droppedIn } from '../core/record.ts';
import { DROPPED } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { ONLY_VIEW, shownIn } from '../core/view.ts';
import type { View } from '../core/view.ts';
import { closeMessage, openMessage, varintLength, writeAnyValue, writeKeyValue, writeText } from './protobuf-value.ts';

/**
 * The hot encoder: one record to the bytes of `ScopeLogs.log_records`, tag and length included, so that a request is
 * made by joining records (opentelemetry-proto logs/v1).
 *
 * What it saves, per record of five fields: key names are encoded once per process, ids once per span, the second once
 * per second, bound fields once per child logger; short ASCII texts are copied in one loop with their lengths known in
 * advance. Everything else takes the general road of `protobuf-value.ts`.
 */
export function createProtobufEncoder(slot: number, view: View = ONLY_VIEW): Encoder {
  return new ProtobufEncoder(slot, view);
}

/** Texts up to this length are copied in a loop; past it a native write is faster (measured: even at about 60). */
const LOOP_LENGTH = 60;
/** Distinct keys remembered; beyond it keys are encoded each time. */
const MAX_KEYS = 4_096;
/** Distinct events remembered per severity. */
const MAX_EVENTS = 1_024;
/** Keys remembered by their place in an event. */
const MAX_ROW = 16;
/** Longest key kept in the cache. */
const MAX_CACHED_KEY_LENGTH = 128;
/** What trace_id, span_id and flags take in a record. */
const SPAN_BYTES = 33;
/** Room for all parts of a record that have a fixed size. */
const FIXED_BYTES = 128;

/** `0a <length> <key>`, the head of a KeyValue, with room behind it for a copy by words. */
interface KeyHead {
  readonly length: number;
  readonly words: DataView;
}

/**
 * The first keys of the last record of one event, with their heads. Its next record has the same keys most often, and
 * comparing one costs a third of looking it up.
 */
class KeyRow {
  readonly keys: string[] = [];
  readonly heads: KeyHead[] = [];
}

/** Severity text, event name and body, with room behind them for a copy by words. */
interface EncodedEvent {
  readonly severityText: string;
  readonly length: number;
  readonly words: DataView;
  readonly row: KeyRow;
}

class ProtobufEncoder implements Encoder {
  readonly slot: number;
  readonly #view: View;
  readonly #keys = new Map<string, KeyHead>();
  /** By severity number, then by event name. */
  readonly #events: (Map<string, EncodedEvent> | undefined)[] = [];
  /** trace_id, span_id and flags of the span seen last, as they stand in a record; the rest is room for whole words. */
  readonly #span = new Uint8Array(36);
  readonly #spanWords = new DataView(this.#span.buffer);
  #spanContext: SpanContext | undefined;
  /** Of all that are no events. */
  readonly #otherRow = new KeyRow();
  /** Nanoseconds since 1970 of the second seen last, as two 32-bit halves. */
  #second = -1;
  #secondLow = 0;
  #secondHigh = 0;

  constructor(slot: number, view: View) {
    this.slot = slot;
    this.#view = view;
    this.#span.set([0x4a, 16], 0);
    this.#span.set([0x52, 8], 18);
    this.#span[28] = 0x45;
  }

  encode(record: LogRecord, out: ByteWriter): void {
    out.reserve(FIXED_BYTES);
    const start = out.length;
    const { bytes, view } = out;
    bytes[start] = 0x12;
    // Two bytes for the length: right for 128 to 16,383, moved otherwise.
    let at = start + 3;
    if (record.time.seconds !== 0 || record.time.nanos !== 0) {
      bytes[at++] = 0x09;
      at = this.#instant(view, at, record.time);
    }
    if (record.severity !== 0) {
      bytes[at++] = 0x10;
      bytes[at++] = record.severity;
    }
    bytes[at++] = 0x59;
    at = this.#instant(view, at, record.observed);
    const span = record.spanContext;
    if (span !== undefined) {
      if (span !== this.#spanContext) this.#remember(span);
      copyWords(view, at, this.#spanWords, SPAN_BYTES);
      at += SPAN_BYTES;
    }
    out.length = at;
    let row = this.#otherRow;
    if (record.eventName !== '' && record.eventName === record.body) row = this.#event(out, record);
    else writeTexts(out, record, this.#view);
    for (let i = 0; i < record.bound.length; i++) this.#bound(out, record.bound[i] as BoundFields);
    this.#fields(out, row, record.fieldKeys, record.fieldValues, record.fieldCount);
    const dropped = this.#view.drops ? droppedIn(this.#view, record) : record.droppedAttributes;
    if (dropped > 0) {
      out.reserve(8);
      out.bytes[out.length] = 0x38;
      out.length = putVarint(out.bytes, out.length + 1, dropped);
    }
    closeLength(out, start + 1);
  }

  #fields(out: ByteWriter, row: KeyRow, keys: readonly string[], values: readonly Value[], count: number): void {
    const { keys: known, heads } = row;
    for (let i = 0; i < count; i++) {
      const key = keys[i] as string;
      const head = known[i] === key ? (heads[i] as KeyHead) : this.#head(row, i, key);
      const value = values[i] as Value;
      if (typeof value === 'string') {
        if (value.length > LOOP_LENGTH || !writeShortText(out, head, value)) writeKeyValue(out, 0x32, key, value);
      } else if (typeof value === 'number' && value >= 0 && value < 0x8000_0000 && value === (value | 0)) {
        if (value === 0 && 1 / value < 0) writeKeyValue(out, 0x32, key, value);
        else writeSmallInteger(out, head, value);
      } else if (typeof value === 'boolean') {
        writeBoolean(out, head, value);
      } else if (typeof value === 'number' && !Number.isInteger(value)) {
        writeDouble(out, head, value);
      } else {
        this.#other(out, key, value);
      }
    }
  }

  #other(out: ByteWriter, key: string, value: Value): void {
    const shown = shownIn(this.#view, value);
    if (shown !== DROPPED) writeKeyValue(out, 0x32, key, shown);
  }

  /** Of a key that stands at place `i` for the first time. */
  #head(row: KeyRow, i: number, key: string): KeyHead {
    const head = this.#keys.get(key) ?? this.#key(key);
    if (i < MAX_ROW && key.length <= MAX_CACHED_KEY_LENGTH) {
      row.keys[i] = key;
      row.heads[i] = head;
    }
    return head;
  }

  /**
   * Severity text, event name and body of an event, which repeat from call to call: encoded once, then copied. Returns
   * the event's keys.
   */
  #event(out: ByteWriter, record: LogRecord): KeyRow {
    const events = (this.#events[record.severity] ??= new Map<string, EncodedEvent>());
    let encoded = events.get(record.eventName);
    if (encoded?.severityText !== record.severityText) {
      const start = out.length;
      writeTexts(out, record, this.#view);
      if (events.size >= MAX_EVENTS) return this.#otherRow;
      const length = out.length - start;
      const bytes = new Uint8Array(length + 3);
      bytes.set(out.bytes.subarray(start, out.length));
      encoded = { severityText: record.severityText, length, words: new DataView(bytes.buffer), row: new KeyRow() };
      events.set(record.eventName, encoded);
    } else {
      const { length } = encoded;
      out.reserve(length + 3);
      copyWords(out.view, out.length, encoded.words, length);
      out.length += length;
    }
    return encoded.row;
  }

  /** Bytes of bound fields, made at their first use by this encoder. */
  #bound(out: ByteWriter, bound: BoundFields): void {
    let encoded = bound.encoded[this.slot];
    if (encoded === undefined || typeof encoded === 'string') {
      const writer = new Writer(256);
      this.#fields(writer, new KeyRow(), bound.keys, bound.values, bound.keys.length);
      encoded = bound.encoded[this.slot] = Uint8Array.prototype.slice.call(writer.bytes, 0, writer.length);
    }
    copyBytes(out, encoded);
  }

  #key(key: string): KeyHead {
    const utf8 = Buffer.from(key);
    const encoded = new Uint8Array(utf8.length + 9);
    encoded[0] = 0x0a;
    const at = putVarint(encoded, 1, utf8.length);
    encoded.set(utf8, at);
    const head = { length: at + utf8.length, words: new DataView(encoded.buffer) };
    if (this.#keys.size < MAX_KEYS && key.length <= MAX_CACHED_KEY_LENGTH) this.#keys.set(key, head);
    return head;
  }

  #remember(span: SpanContext): void {
    this.#spanContext = undefined;
    writeHex(this.#span, 2, span.traceId);
    writeHex(this.#span, 20, span.spanId);
    this.#span[29] = span.traceFlags & 0xff;
    // Last, so that ids which were written in part are never taken for this span's.
    this.#spanContext = span;
  }

  /** fixed64 of seconds and nanoseconds; the product is done once per second, in 16-bit limbs to stay exact. */
  #instant(view: DataView, at: number, instant: Instant): number {
    if (instant.seconds !== this.#second) {
      this.#second = instant.seconds;
      const upper = Math.floor(instant.seconds / 65_536) * 1e9;
      const lower = (instant.seconds % 65_536) * 1e9;
      const low = (upper % 65_536) * 65_536 + (lower % 4_294_967_296);
      this.#secondLow = low % 4_294_967_296;
      this.#secondHigh =
        Math.floor(upper / 65_536) + Math.floor(lower / 4_294_967_296) + Math.floor(low / 4_294_967_296);
    }
    let low = this.#secondLow + instant.nanos;
    let high = this.#secondHigh;
    if (low >= 4_294_967_296) {
      low -= 4_294_967_296;
      high++;
    }
    view.setUint32(at, low, true);
    view.setUint32(at + 4, high, true);
    return at + 8;
  }
}

/** A whole KeyValue whose value is short ASCII; false, with nothing written, when it is not ASCII. */
function writeShortText(out: ByteWriter, key: KeyHead, text: string): boolean {
  const length = text.length;
  const keyLength = key.length;
  const size = keyLength + 4 + length;
  out.reserve(size + 8);
  const bytes = out.bytes;
  let at = out.length;
  bytes[at++] = 0x32;
  at = putVarint(bytes, at, size);
  copyWords(out.view, at, key.words, keyLength);
  at += keyLength;
  bytes[at++] = 0x12;
  bytes[at++] = length + 2;
  bytes[at++] = 0x0a;
  bytes[at++] = length;
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    bytes[at++] = unit;
  }
  if (seen > 0x7f) return false;
  out.length = at;
  return true;
}

function writeSmallInteger(out: ByteWriter, key: KeyHead, value: number): void {
  const valueLength = value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
  const at = writeHead(out, key, valueLength + 1);
  out.bytes[at] = 0x18;
  out.length = putVarint(out.bytes, at + 1, value);
}

function writeBoolean(out: ByteWriter, key: KeyHead, value: boolean): void {
  const at = writeHead(out, key, 2);
  out.bytes[at] = 0x10;
  out.bytes[at + 1] = value ? 1 : 0;
  out.length = at + 2;
}

function writeDouble(out: ByteWriter, key: KeyHead, value: number): void {
  const at = writeHead(out, key, 9);
  out.bytes[at] = 0x21;
  out.view.setFloat64(at + 1, value, true);
  out.length = at + 9;
}

/** Tag, length and key of a KeyValue whose AnyValue has `valueLength` bytes, fewer than 126; returns where those go. */
function writeHead(out: ByteWriter, key: KeyHead, valueLength: number): number {
  const keyLength = key.length;
  out.reserve(keyLength + 16);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = 0x32;
  at = putVarint(bytes, at, keyLength + 2 + valueLength);
  copyWords(out.view, at, key.words, keyLength);
  at += keyLength;
  bytes[at++] = 0x12;
  bytes[at++] = valueLength;
  return at;
}

/**
 * Copies four bytes at once, and up to three more than `length`: they are there in `source`, and what is written next
 * stands over them.
 */
function copyWords(view: DataView, at: number, source: DataView, length: number): void {
  for (let i = 0; i < length; i += 4) view.setUint32(at + i, source.getUint32(i, true), true);
}

/** A text field of the record itself; short ASCII in one loop. */
function writeRecordText(out: ByteWriter, tag: number, text: string): void {
  const length = text.length;
  if (length > LOOP_LENGTH) return writeText(out, tag, text);
  out.reserve(length + 2);
  const bytes = out.bytes;
  let at = out.length;
  bytes[at++] = tag;
  bytes[at++] = length;
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    bytes[at++] = unit;
  }
  if (seen > 0x7f) return writeText(out, tag, text);
  out.length = at;
}

function writeTexts(out: ByteWriter, record: LogRecord, view: View): void {
  const body = bodyIn(view, record);
  if (record.severityText !== '') writeRecordText(out, 0x1a, record.severityText);
  if (record.eventName !== '') writeRecordText(out, 0x62, record.eventName);
  if (body !== null) writeBody(out, body);
}

/** Native from 48 bytes on, where it begins to be faster than a loop. */
function copyBytes(out: ByteWriter, source: Uint8Array): void {
  const { length } = source;
  out.reserve(length);
  const { bytes } = out;
  const at = out.length;
  if (length > 48) bytes.set(source, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = source[i] as number;
  out.length = at + length;
}

function writeBody(out: ByteWriter, body: Value): void {
  const nested = openMessage(out, 0x2a);
  if (typeof body === 'string') writeRecordText(out, 0x0a, body);
  else writeAnyValue(out, body);
  closeMessage(out, nested);
}

/** Fills in the length for which two bytes were left at `at`. */
function closeLength(out: ByteWriter, at: number): void {
  const length = out.length - at - 2;
  const { bytes } = out;
  if (length >= 0x80 && length < 0x4000) {
    bytes[at] = (length & 0x7f) | 0x80;
    bytes[at + 1] = length >>> 7;
    return;
  }
  const size = varintLength(length);
  out.reserve(size);
  out.bytes.copyWithin(at + size, at + 2, out.length);
  putVarint(out.bytes, at, length);
  out.length += size - 2;
}

/** Unsigned, up to 2^31. */
function putVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function writeHex(bytes: Uint8Array, start: number, hex: string): void {
  const count = hex.length >> 1;
  for (let i = 0; i < count; i++) {
    bytes[start + i] = (digit(hex.charCodeAt(2 * i)) << 4) | digit(hex.charCodeAt(2 * i + 1));
  }
}

/** The value of a hexadecimal digit, either case; ids were validated before. */
function digit(code: number): number {
  return code <= 57 ? code - 48 : (code | 32) - 87;
}
