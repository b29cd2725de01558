import { format } from 'node:util';
import type { Context } from '@opentelemetry/api';
import { parseLevel, SEVERITY, SEVERITY_OFF } from '../core/level.ts';
import type { Level } from '../core/level.ts';
import { errorType } from '../core/read-value.ts';
import { activeSpan } from '../logger/active-span.ts';
import { isError } from '../logger/fields.ts';
import type { BridgedRecord } from './bridge-target.ts';
import { instantOf } from './library-time.ts';
import { errorOf, findError, typeIn } from './serialised-error.ts';
import { severityOfText } from './severity-of-text.ts';

/** What passes through winston: an object, or the Error that was logged, with a level on it. */
export type WinstonInfo = Readonly<Record<string | symbol, unknown>>;

/** A logger's levels by name; the lower the number, the more urgent. */
export type WinstonLevels = Readonly<Record<string, number>>;

export interface WinstonRecord {
  readonly source: string;
  readonly record: BridgedRecord;
}

type Fields = Record<string, unknown>;

const LEVEL = Symbol.for('level');
const SPLAT = Symbol.for('splat');
/** Where OpenTelemetry's instrumentation keeps the context of the call. */
const CALL_CONTEXT = Symbol.for('opentelemetry.js.contrib.winston.context');
const EVENT_NAME = /^[A-Za-z][\w.-]{0,63}$/;
/** A `timestamp` further away from now is the application's own field, not `format.timestamp()`'s. */
const CLOSE_MS = 3_600_000;
const LIBRARY = 'winston';

/** Reads one info object, with a guard around each of its parts. Never throws. */
export function readInfo(info: WinstonInfo, severity: number): WinstonRecord {
  const fields = fieldsOf(info);
  const message = get(info, 'message');
  const { error, body } = takeError(info, fields, message);
  const leftover = leftoverOf(info, error, message);
  if (leftover.length > 0 && !('splat' in fields)) fields.splat = leftover;
  const source = sourceOf(info);
  if (source !== LIBRARY) delete fields.label;
  const time = closeTime(fields.timestamp);
  if (time !== undefined) delete fields.timestamp;
  return {
    source,
    record: {
      severity,
      severityText: levelOf(info),
      body,
      attributes: fields,
      error,
      time,
      span: activeSpan(get(info, CALL_CONTEXT) as Context | undefined) ?? activeSpan(),
    },
  };
}

/** The name of the level, without the colours that `format.colorize()` puts on `info.level`. */
export function levelOf(info: WinstonInfo): string {
  const level = get(info, LEVEL) ?? get(info, 'level');
  return typeof level === 'string' ? level : '';
}

/** The logger's name: `winston`, or `winston.<label>` for one with `format.label()`. */
export function sourceOf(info: WinstonInfo): string {
  const label = get(info, 'label');
  return typeof label === 'string' && label !== '' ? `${LIBRARY}.${label}` : LIBRARY;
}

/** The severities that the user gave for levels of their own. */
export function severitiesOf(levels: Readonly<Record<string, Level>> | undefined): ReadonlyMap<string, number> {
  const entries = Object.entries(levels ?? {}).map(([name, level]) => [name, parseLevel(level) ?? 0] as const);
  return new Map(entries.filter(([, severity]) => severity > 0 && severity < SEVERITY_OFF));
}

/**
 * The severity of a level: by its name, where that is one people use; else that of the next less urgent level of its logger
 * whose name says one, else of the next more urgent; else by its place, as in winston's own order.
 */
export function severityOfLevel(level: string, levels: WinstonLevels | undefined): number {
  const known = severityOfText(level);
  if (known > 0) return known;
  const rank = levels?.[level];
  if (levels === undefined || rank === undefined) return SEVERITY.info;
  const order = Object.entries(levels).sort(([, a], [, b]) => a - b);
  const below = order.find(([name, number]) => number > rank && severityOfText(name) > 0);
  const above = order.findLast(([name, number]) => number < rank && severityOfText(name) > 0);
  const near = below ?? above;
  if (near !== undefined) return severityOfText(near[0]);
  const place = order.findIndex(([name]) => name === level);
  return [SEVERITY.error, SEVERITY.warn, SEVERITY.info][place] ?? SEVERITY.debug;
}

/** Every field of the info that is not winston's own; one that throws when it is read does so where fields are read. */
function fieldsOf(info: WinstonInfo): Fields {
  const fields = Object.create(null) as Fields;
  for (const key of keysOf(info)) {
    if (key === 'level' || key === 'message') continue;
    try {
      fields[key] = info[key];
    } catch (error) {
      Object.defineProperty(fields, key, {
        enumerable: true,
        configurable: true,
        get: () => {
          throw error;
        },
      });
    }
  }
  return fields;
}

/**
 * The error that was logged, in all the places where winston and its formats leave it: the info itself, the message, a
 * positional argument, `err` and `error`, or `stack` and `cause` on the info (`format.errors`). Takes it out of `fields`.
 */
function takeError(info: WinstonInfo, fields: Fields, message: unknown): { error: Error | undefined; body: unknown } {
  if (isError(info)) return { error: attempt(() => copied(withoutOwn(fields, info))) ?? info, body: textIn(info) };
  if (isError(message)) return { error: withoutOwn(fields, message), body: textIn(message) };
  const splat = get(info, SPLAT);
  const thrown: unknown = Array.isArray(splat) ? splat.find(isError) : undefined;
  if (isError(thrown)) {
    const error = withoutOwn(fields, thrown);
    return { error, body: withoutMessage(message, textIn(thrown)) };
  }
  for (const key of ['err', 'error']) {
    const found = attempt(() => findError(fields[key]));
    if (found === undefined) continue;
    if (found.rest === undefined) Reflect.deleteProperty(fields, key);
    else fields[key] = found.rest;
    return { error: found.error, body: message };
  }
  const { stack, name, code, cause } = fields;
  if (typeof stack !== 'string' || !stack.includes('\n    at ')) return { error: undefined, body: message };
  for (const key of ['stack', 'cause', 'code']) Reflect.deleteProperty(fields, key);
  const type = typeof name === 'string' && stack.startsWith(name) ? name : typeIn(stack);
  if (type === name) delete fields.name;
  const text = typeof message === 'string' ? message : '';
  return { error: errorOf({ type, message: text, stack, code, cause }), body: message };
}

/** Without what winston has put on it, the level and the default metadata, which are no data of the error. */
function copied(error: Error): Error {
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: unknown };
  return errorOf({
    type: errorType(error),
    message: error.message,
    stack: error.stack ?? '',
    code,
    cause: error.cause,
    errors: Array.isArray(errors) ? errors : undefined,
  });
}

/** What winston has copied of an error onto the info is in the error. */
function withoutOwn(fields: Fields, error: Error): Error {
  for (const key of ['stack', 'cause', 'name', 'code', 'errors']) {
    if (key in fields && attempt(() => fields[key] === Reflect.get(error, key)) === true) {
      Reflect.deleteProperty(fields, key);
    }
  }
  return error;
}

/** `logger.error('payment_failed', error)`: winston appends the error's message, and the event was no event any more. */
function withoutMessage(message: unknown, text: string): unknown {
  if (typeof message !== 'string' || text === '' || !message.endsWith(` ${text}`)) return message;
  const head = message.slice(0, -text.length - 1);
  return EVENT_NAME.test(head) ? head : message;
}

/** Positional arguments that are neither in the message nor among the fields. */
function leftoverOf(info: WinstonInfo, error: Error | undefined, message: unknown): unknown[] {
  const splat = get(info, SPLAT);
  if (!Array.isArray(splat)) return [];
  const text = typeof message === 'string' ? message : '';
  return splat.filter((item: unknown) => {
    if (item === error || item === undefined || item === null || typeof item === 'function') return false;
    if (typeof item !== 'object') return !text.includes(format('%s', item));
    const keys = keysOf(item as WinstonInfo).filter((key) => key !== 'message' && key !== 'level');
    // winston has copied the fields of the first object onto the info, and `format.splat()` those of the others.
    return keys.some((key) => get(item as WinstonInfo, key) !== get(info, key));
  });
}

/** The time of `format.timestamp()`; other timestamps are fields. */
function closeTime(timestamp: unknown): BridgedRecord['time'] {
  const time = instantOf(timestamp);
  return time !== undefined && Math.abs(time.seconds * 1_000 - Date.now()) < CLOSE_MS ? time : undefined;
}

function textIn(error: Error): string {
  const text = attempt(() => error.message);
  return typeof text === 'string' ? text : '';
}

function get(info: WinstonInfo, key: string | symbol): unknown {
  return attempt(() => info[key]);
}

function keysOf(info: WinstonInfo): string[] {
  return attempt(() => Object.keys(info)) ?? [];
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // A getter or a proxy threw: nothing can be said of this part.
    return undefined;
  }
}
