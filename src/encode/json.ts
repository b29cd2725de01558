import type { SpanContext } from '@opentelemetry/api';
import { nanosText } from '../core/clock.ts';
import type { BoundFields, ByteWriter, Encoder, LogRecord } from '../core/record.ts';
import { bodyIn, droppedIn } from '../core/record.ts';
import { DROPPED } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { ONLY_VIEW, shownIn } from '../core/view.ts';
import type { View } from '../core/view.ts';
import { appendText, KeyTexts } from './json-text.ts';
import { anyValueJson, textJson } from './json-value.ts';
import { isUnixTime } from './line-time.ts';

/**
 * Records as OTLP/JSON LogRecords (OTLP specification, "JSON Protobuf Encoding"): lowerCamelCase names, ids in hex,
 * enums as integers, 64-bit integers as decimal text. One object per record, without separators: the envelope puts them.
 */
export function createJsonEncoder(slot: number, view: View = ONLY_VIEW): Encoder {
  return new JsonEncoder(slot, view);
}

class JsonEncoder implements Encoder {
  readonly slot: number;
  readonly #view: View;
  readonly #keys = new KeyTexts((key) => `,{"key":${textJson(key)},"value":`);
  #span: SpanContext | undefined;
  #spanText = '';

  constructor(slot: number, view: View) {
    this.slot = slot;
    this.#view = view;
  }

  encode(record: LogRecord, out: ByteWriter): void {
    let text = '{';
    if (record.time.seconds !== 0 && isUnixTime(record.time)) text += `"timeUnixNano":"${nanosText(record.time)}",`;
    text += `"observedTimeUnixNano":"${nanosText(record.observed)}"`;
    if (record.severity !== 0) text += `,"severityNumber":${record.severity}`;
    if (record.severityText !== '') text += `,"severityText":${textJson(record.severityText)}`;
    if (record.eventName !== '') text += `,"eventName":${textJson(record.eventName)}`;
    const body = bodyIn(this.#view, record);
    if (body !== null) text += `,"body":${anyValueJson(body)}`;
    const attributes = this.#attributes(record);
    if (attributes !== '') text += `,"attributes":[${attributes.slice(1)}]`;
    const dropped = droppedIn(this.#view, record);
    if (dropped > 0) text += `,"droppedAttributesCount":${dropped}`;
    if (record.spanContext !== undefined) text += this.#ids(record.spanContext);
    appendText(out, `${text}}`);
  }

  /** Each KeyValue with a comma before it. */
  #attributes(record: LogRecord): string {
    let text = '';
    for (const bound of record.bound) text += this.#bound(bound);
    return text + this.#fields(record.fieldKeys, record.fieldValues, record.fieldCount);
  }

  #fields(keys: readonly string[], values: readonly Value[], count: number): string {
    let text = '';
    for (let i = 0; i < count; i++) {
      const value = shownIn(this.#view, values[i] as Value);
      if (value !== DROPPED) text += `${this.#keys.get(keys[i] as string)}${anyValueJson(value)}}`;
    }
    return text;
  }

  #bound(bound: BoundFields): string {
    const encoded = bound.encoded[this.slot];
    if (typeof encoded === 'string') return encoded;
    return (bound.encoded[this.slot] = this.#fields(bound.keys, bound.values, bound.keys.length));
  }

  /** Made once per span: it usually logs more than once. */
  #ids(span: SpanContext): string {
    if (span !== this.#span) {
      this.#spanText = `,"flags":${span.traceFlags & 0xff},"traceId":${textJson(span.traceId)},"spanId":${textJson(span.spanId)}`;
      this.#span = span;
    }
    return this.#spanText;
  }
}
