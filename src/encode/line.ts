import { levelOf, SEVERITY, severityText } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import type { BoundFields, ByteWriter, Encoder, LogRecord } from '../core/record.ts';
import { attributeOf, bodyIn, droppedIn } from '../core/record.ts';
import { DROPPED } from '../core/value.ts';
import type { Value, ValueMap } from '../core/value.ts';
import { ONLY_VIEW, shownIn } from '../core/view.ts';
import type { View } from '../core/view.ts';
import { appendText, jsonString, jsonValue, KeyTexts, visible } from './json-text.ts';
import { fieldName, isRequestId, NONE, processFields, REQUEST_ID, requestIdOf } from './line-fields.ts';
import { errorInField, stackBlock } from './line-stack.ts';
import { TimeText } from './line-time.ts';

export interface LineOptions {
  /** Index into `BoundFields.encoded`. */
  readonly slot: number;
  /** Who is logging. */
  readonly resource: ValueMap;
  readonly view?: View;
  /** ANSI colours. */
  readonly colors: boolean;
  /** Pads level and event, so that what follows stands in columns; for a terminal. */
  readonly columns: boolean;
}

/**
 * Lines for people (R7.1): `<time> | <LEVEL> | <service> | pid=<pid> | req=<id> | <event> | k=v …`, and below an error
 * its stack. Time is UTC, so that lines of several hosts can be laid side by side.
 *
 * Nothing that a record holds can begin a line or reach the terminal as a command: the only line breaks and escape
 * sequences are those written here. Nor can it look like a column: a text with `|` in it is quoted.
 */
export function createLineEncoder(options: LineOptions): Encoder {
  return new LineEncoder(options);
}

const EVENT_WIDTH = 24;
const LEVEL_WIDTH = 5;
const STACK = 'exception.stacktrace';
const MESSAGE = 'exception.message';

/** Select Graphic Rendition codes (ECMA-48, 8.3.117). */
const DIM = '2';
const BOLD = '1';
const CYAN = '36';
const LEVEL_STYLE: Readonly<Record<LevelName, string>> = {
  trace: '2',
  debug: '34',
  info: '32',
  warn: '33',
  error: '31',
  fatal: '1;31',
};

class LineEncoder implements Encoder {
  readonly slot: number;
  readonly #view: View;
  readonly #columns: boolean;
  readonly #time = new TimeText();
  readonly #paint: (style: string, text: string) => string;
  readonly #keys = new KeyTexts((key) => ` ${this.#paint(CYAN, bareOrQuoted(fieldName(key)))}=`);
  readonly #loggers = new KeyTexts((name) => ` ${this.#paint(DIM, `logger=${bareOrQuoted(name)}`)}`);
  /** From the level to `req=`, by severity number. */
  readonly #heads: readonly string[];
  /** What every line of this process ends with. */
  readonly #tail: string;

  constructor({ slot, resource, colors, columns, view = ONLY_VIEW }: LineOptions) {
    this.slot = slot;
    this.#view = view;
    this.#columns = columns;
    this.#paint = colors ? (style, text) => `\u001b[${style}m${text}\u001b[0m` : (_, text) => text;
    const fields = processFields(resource);
    const service = lineValue(fields.get('service') ?? NONE);
    const pid = this.#paint(DIM, `pid=${lineValue(fields.get('pid') ?? NONE)}`);
    this.#heads = Array.from({ length: 25 }, (_, severity) => {
      const level = levelOf(severity);
      const name = (severityText(severity) || level.toUpperCase()).padEnd(columns ? LEVEL_WIDTH : 0);
      return ` | ${this.#paint(LEVEL_STYLE[level], name)} | ${service} | ${pid} | req=`;
    });
    let tail = '';
    for (const name of ['environment', 'version', 'region', 'host', 'thread', 'worker']) {
      const value = fields.get(name) ?? NONE;
      if (value !== NONE) tail += ` ${name}=${lineValue(value)}`;
    }
    this.#tail = tail === '' ? '' : ` ${this.#paint(DIM, tail.slice(1))}`;
  }

  encode(record: LogRecord, out: ByteWriter): void {
    const { severity, spanContext, bound } = record;
    let text = `${this.#paint(DIM, this.#time.milliseconds(record))}${this.#heads[severity] ?? this.#heads[0]}`;
    text += `${bareOrQuoted(requestIdOf(record, this.#view))} | ${this.#what(record)} |`;
    for (let i = 0; i < bound.length; i++) text += this.#bound(bound[i] as BoundFields);
    text += this.#fields(record.fieldKeys, record.fieldValues, record.fieldCount);
    const dropped = droppedIn(this.#view, record);
    if (dropped > 0) text += ` dropped_attributes=${dropped}`;
    text += this.#loggers.get(record.scope.name);
    if (spanContext !== undefined) {
      text += ` ${this.#paint(DIM, `trace_id=${bareOrQuoted(spanContext.traceId)} span_id=${bareOrQuoted(spanContext.spanId)}`)}`;
    }
    text += this.#tail;
    const stacks = stacksOf(record, this.#view);
    if (stacks !== '') text += this.#paint(DIM, stacks);
    appendText(out, `${text}\n`);
  }

  /** The event's name, the message, or both where the message says more. */
  #what(record: LogRecord): string {
    let text = whatText(record, bodyIn(this.#view, record));
    if (this.#columns) text = text.padEnd(EVENT_WIDTH);
    return record.severity >= SEVERITY.error ? this.#paint(BOLD, text) : text;
  }

  /** Each field with a space before it. */
  #fields(keys: readonly string[], values: readonly Value[], count: number): string {
    let text = '';
    for (let i = 0; i < count; i++) {
      const key = keys[i] as string;
      const value = shownIn(this.#view, values[i] as Value);
      if (value === DROPPED) continue;
      if ((key === REQUEST_ID && isRequestId(value)) || (key === STACK && typeof value === 'string')) continue;
      text += this.#keys.get(key) + lineValue(errorInField(value)?.rest ?? value);
    }
    return text;
  }

  #bound(bound: BoundFields): string {
    const encoded = bound.encoded[this.slot];
    if (typeof encoded === 'string') return encoded;
    return (bound.encoded[this.slot] = this.#fields(bound.keys, bound.values, bound.keys.length));
  }
}

/** What would be misread without quotes: spaces, signs that structure the line, and all that is not visible. */
const NEEDS_QUOTES =
  /[\s"\\=|\u0000-\u0020\u007f-\u00a0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb\ud800-\udfff]/;

/** Texts without quotes, most of which come again and again: keys, ids, states. */
function bareOrQuoted(text: string): string {
  return text === '' || NEEDS_QUOTES.test(text) ? jsonString(text) : text;
}

function lineValue(value: Value): string {
  if (typeof value === 'string') return bareOrQuoted(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return jsonValue(value);
}

function whatText({ eventName }: LogRecord, body: Value): string {
  const message = typeof body === 'string' ? messageText(body) : body === null ? '' : jsonValue(body);
  if (eventName === '') return message === '' ? NONE : message;
  const event = bareOrQuoted(eventName);
  return message === '' || body === eventName ? event : `${event}: ${message}`;
}

/** The stack of the record's error, and those of errors in its fields. */
function stacksOf(record: LogRecord, view: View): string {
  let text = '';
  const stack = attributeOf(record, STACK);
  if (typeof stack === 'string') {
    const message = attributeOf(record, MESSAGE);
    text = stackBlock(stack, typeof message === 'string' ? message : '');
  }
  for (const { keys, values } of record.bound) text += fieldStacks(keys, values, keys.length, view);
  return text + fieldStacks(record.fieldKeys, record.fieldValues, record.fieldCount, view);
}

function fieldStacks(keys: readonly string[], values: readonly Value[], count: number, view: View): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    const value = shownIn(view, values[i] as Value);
    const error = typeof value === 'object' ? errorInField(value) : undefined;
    if (error !== undefined) text += stackBlock(`${fieldName(keys[i] as string)}: ${error.stack}`, '');
  }
  return text;
}

/** A message reads as it is, unless it could be taken for further columns. */
function messageText(text: string): string {
  return text.includes('|') ? jsonString(text) : visible(text);
}
