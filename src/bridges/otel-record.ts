import { types } from 'node:util';
import type { Context, SpanContext, TimeInput } from '@opentelemetry/api';
import type { Instant } from '../core/clock.ts';
import { isIndexed } from '../core/object-kind.ts';
import { redactedStart } from '../core/read-budget.ts';
import type { ValuePolicy } from '../core/value-policy.ts';
import { activeSpan } from '../logger/active-span.ts';
import type { ForeignRecord } from '../logger/hub.ts';
import { severityOfText } from './severity-of-text.ts';

/** A record of the OTel Logs API, by the shape that `api-logs` and `api` 1.10 share. */
export interface OtelRecord {
  eventName?: string;
  timestamp?: TimeInput;
  observedTimestamp?: TimeInput;
  severityNumber?: number;
  severityText?: string;
  body?: unknown;
  attributes?: unknown;
  exception?: unknown;
  context?: Context;
}

/** Under which an object that was passed as an exception, but is none, is kept. */
const EXCEPTION_KEY = 'exception';
/** The last second whose nanoseconds fit OTLP's 64 bits, in the year 2554. */
const MAX_SECONDS = 18_446_744_072;
const MAX_SEVERITY = 24;
/** No level's name is longer; a text that is may be anything. */
const MAX_SEVERITY_TEXT = 64;

/**
 * Reads what a bridge emits, whatever it is. Body, attributes and exception are handed on unread, to be read where
 * everything foreign is. Never throws: a part that can't be read is left out, or says so.
 */
export function readOtelRecord(record: OtelRecord, policy: ValuePolicy): ForeignRecord {
  // Plain JavaScript passes a text at times: a message beats an empty record.
  if (typeof record !== 'object') return read({ body: record }, policy);
  try {
    return read(record, policy);
  } catch {
    // A getter or a proxy threw, or this is null: each part is read again with a guard of its own.
    return readGuarded(record, policy);
  }
}

function read(record: OtelRecord, policy: ValuePolicy): ForeignRecord {
  const { exception } = record;
  const severityText = severityTextOf(record.severityText, policy);
  const isThrown = exception === undefined || isThrowable(exception);
  return {
    eventName: textOf(record.eventName),
    severity: severityOf(record.severityNumber, severityText),
    severityText,
    body: record.body,
    attributes: isThrown ? record.attributes : withException(record.attributes, exception),
    error: isThrown ? exception : undefined,
    time: instantOf(record.timestamp),
    span: spanOf(record.context),
  };
}

function readGuarded(record: OtelRecord, policy: ValuePolicy): ForeignRecord {
  const severityText = attempt(() => severityTextOf(record.severityText, policy), '');
  return {
    eventName: attempt(() => textOf(record.eventName), ''),
    severity: attempt(() => severityOf(record.severityNumber, severityText), 0),
    severityText,
    body: attempt(() => record.body, '[Throws]'),
    attributes: attempt(() => record.attributes, undefined),
    error: attempt(() => record.exception, undefined),
    time: attempt(() => instantOf(record.timestamp), undefined),
    span: attempt(() => spanOf(record.context), activeSpan()),
  };
}

function attempt<T>(get: () => T, otherwise: T): T {
  try {
    return get();
  } catch {
    // The caller says what stands in its place.
    return otherwise;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Kept as it came, since people search for it; what is no level's name could be anything, so it is redacted too. */
function severityTextOf(value: unknown, policy: ValuePolicy): string {
  const text = textOf(value);
  return text === '' || severityOfText(text) > 0 ? text : redactedStart(policy, text, MAX_SEVERITY_TEXT);
}

/** The number given, or the one that the text means. */
function severityOf(number: unknown, text: string): number {
  if (typeof number === 'number' && number >= 1 && number <= MAX_SEVERITY) return Math.trunc(number);
  return text === '' ? 0 : severityOfText(text);
}

/** The forms of the API's TimeInput: [s, ns], a Date, ms since 1970, or ms since the start of the process. */
function instantOf(time: unknown): Instant | undefined {
  if (typeof time === 'number') {
    // A reading of the process's own clock can't lie ahead of it; a date can't lie in the first weeks of 1970.
    return fromMs(time <= performance.now() ? time + performance.timeOrigin : time);
  }
  if (Array.isArray(time)) return fromParts(time[0], time[1]);
  return types.isDate(time) ? fromMs(time.getTime()) : undefined;
}

function fromMs(ms: number): Instant | undefined {
  const seconds = Math.floor(ms / 1_000);
  return fromParts(seconds, (ms - seconds * 1_000) * 1e6);
}

function fromParts(seconds: unknown, nanos: unknown): Instant | undefined {
  if (typeof seconds !== 'number' || typeof nanos !== 'number') return undefined;
  const carry = Math.floor(nanos / 1e9);
  const whole = Math.floor(seconds) + carry;
  // Also false for NaN. Zero seconds is how a record says that it has no time.
  if (!(whole > 0 && whole <= MAX_SECONDS)) return undefined;
  return { seconds: whole, nanos: Math.floor(nanos - carry * 1e9) };
}

/** The span of the context that the record brings; of the active one when it brings none, or something else. */
function spanOf(context: Context | undefined): SpanContext | undefined {
  return typeof context?.getValue === 'function' ? activeSpan(context) : activeSpan();
}

/**
 * Whether it says what went wrong. winston-transport takes any metadata with a `name` or a `code` for an exception:
 * `logger.info('created', { name: 'bob' })` is none.
 */
function isThrowable(exception: unknown): boolean {
  if (typeof exception !== 'object' || exception === null || exception instanceof Error) return true;
  const { message, stack } = exception as { message?: unknown; stack?: unknown };
  return typeof message === 'string' || typeof stack === 'string';
}

/** The attributes with the object that is no exception among them, unless it was taken from them and is there already. */
function withException(attributes: unknown, exception: unknown): unknown {
  if (attributes === undefined || attributes === null) return { [EXCEPTION_KEY]: exception };
  // Not taken apart: a buffer has a key for every byte.
  if (typeof attributes !== 'object' || isIndexed(attributes)) return { attributes, [EXCEPTION_KEY]: exception };
  const known = attributes as Record<string, unknown>;
  const isThere =
    !isIndexed(exception) && Object.entries(exception as object).every(([key, value]) => known[key] === value);
  return isThere ? attributes : { ...known, [EXCEPTION_KEY]: exception };
}
