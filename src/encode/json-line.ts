import type { SpanContext } from '@opentelemetry/api';
import { levelOf, severityText } from '../core/level.ts';
import type { BoundFields, ByteWriter, Encoder, LogRecord } from '../core/record.ts';
import { bodyIn, droppedIn } from '../core/record.ts';
import { DROPPED } from '../core/value.ts';
import type { Value, ValueMap } from '../core/value.ts';
import { ONLY_VIEW, shownIn } from '../core/view.ts';
import type { View } from '../core/view.ts';
import { appendText, jsonString, jsonValue, KeyTexts } from './json-text.ts';
import { fieldName, isRequestId, NONE, processFields, REQUEST_ID, requestIdOf } from './line-fields.ts';
import { TimeText } from './line-time.ts';

export interface JsonLineOptions {
  /** Index into `BoundFields.encoded`. */
  readonly slot: number;
  /** Who is logging. */
  readonly resource: ValueMap;
  readonly view?: View;
}

/**
 * One flat JSON object per line, for machines. The same fields in the same order on every line; the application's own
 * stand between the trace and the process. Their names and the reasons: `docs/decisions/0003-json-lines.md`.
 */
export function createJsonLineEncoder(options: JsonLineOptions): Encoder {
  return new JsonLineEncoder(options);
}

const NO_TRACE = `,"trace_id":"${NONE}","span_id":"${NONE}"`;

class JsonLineEncoder implements Encoder {
  readonly slot: number;
  readonly #view: View;
  readonly #time = new TimeText();
  readonly #keys = new KeyTexts((key) => `,${jsonString(fieldName(key))}:`);
  readonly #loggers = new KeyTexts((name) => `,"logger":${jsonString(name)}`);
  /** `","level":"INFO","service":"checkout"` by severity number. */
  readonly #heads: readonly string[];
  /** From `environment` to the end of the line. */
  readonly #tail: string;
  #span: SpanContext | undefined;
  #spanText = '';

  constructor({ slot, resource, view = ONLY_VIEW }: JsonLineOptions) {
    this.slot = slot;
    this.#view = view;
    const { service, ...rest } = Object.fromEntries(processFields(resource));
    this.#heads = Array.from({ length: 25 }, (_, severity) => {
      return `","level":"${levelText(severity)}","service":${jsonValue(service as Value)}`;
    });
    let tail = '';
    for (const [name, value] of Object.entries(rest)) tail += `,"${name}":${jsonValue(value)}`;
    this.#tail = `${tail}}\n`;
  }

  encode(record: LogRecord, out: ByteWriter): void {
    const { severity, spanContext, bound } = record;
    let text = `{"time":"${this.#time.nanoseconds(record)}${this.#heads[severity] ?? this.#heads[0]}`;
    text += this.#loggers.get(record.scope.name);
    text += what(record, bodyIn(this.#view, record));
    text += `,"request_id":${jsonString(requestIdOf(record, this.#view))}`;
    text += spanContext === undefined ? NO_TRACE : this.#ids(spanContext);
    if (isOwnText(record)) text += `,"severity_text":${jsonString(record.severityText)}`;
    const dropped = droppedIn(this.#view, record);
    if (dropped > 0) text += `,"dropped_attributes":${dropped}`;
    for (let i = 0; i < bound.length; i++) text += this.#bound(bound[i] as BoundFields);
    text += this.#fields(record.fieldKeys, record.fieldValues, record.fieldCount);
    appendText(out, text + this.#tail);
  }

  /** Each field with a comma before it. */
  #fields(keys: readonly string[], values: readonly Value[], count: number): string {
    let text = '';
    for (let i = 0; i < count; i++) {
      const key = keys[i] as string;
      const value = shownIn(this.#view, values[i] as Value);
      if (value === DROPPED || (key === REQUEST_ID && isRequestId(value))) continue;
      text += this.#keys.get(key) + jsonValue(value);
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
      const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0');
      this.#spanText = `,"trace_id":${jsonString(span.traceId)},"span_id":${jsonString(span.spanId)},"trace_flags":"${flags}"`;
      this.#span = span;
    }
    return this.#spanText;
  }
}

/** What happened: the event's name, the message where it says more than that, or a body that is no text. */
function what({ eventName }: LogRecord, body: Value): string {
  const event = eventName === '' ? '' : `,"event":${jsonString(eventName)}`;
  if (event !== '' && body === eventName) return event;
  if (typeof body === 'string') return `${event},"message":${jsonString(body)}`;
  if (body !== null) return `${event},"body":${jsonValue(body)}`;
  return event === '' ? ',"message":""' : event;
}

/** `INFO` for 9, `INFO2` for 10; unspecified counts as INFO. */
function levelText(severity: number): string {
  return severityText(severity) || levelOf(severity).toUpperCase();
}

/** True when a bridge named the level in its own words, which the severity number does not say. */
function isOwnText(record: LogRecord): boolean {
  const { severity, severityText: text } = record;
  return text !== '' && text !== severityText(severity) && text.toUpperCase() !== severityText(severity);
}
