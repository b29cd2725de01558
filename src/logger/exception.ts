import { appendField, fieldIndex } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import type { ValueReader } from '../core/read-value.ts';
import { errorType, stackOf, textOf } from '../core/read-value.ts';
import type { Value } from '../core/value.ts';

/** Errors shown of one tree of causes and collected errors; where more follow, it says so. */
const MAX_RELATED = 16;

/**
 * Puts an error on the record as `exception.*` (semconv 1.44, exceptions in logs). Attributes that the caller gave win.
 * The type is the class's name; `code`, which `ECONNREFUSED` and its like stand in, gets a field of its own.
 */
export function addException(record: LogRecord, reader: ValueReader, error: unknown): void {
  const type = guarded(() => (error instanceof Error || isErrorLike(error) ? errorType(error) : typeName(error)));
  put(record, 'exception.type', reader.text(type));
  put(record, 'exception.message', reader.text(guarded(() => messageOf(error))));
  const stack = guarded(() => fullStackOf(error));
  if (stack !== '') put(record, 'exception.stacktrace', reader.text(stack));
  const code = guarded(() => codeOf(error));
  if (code !== '') put(record, 'exception.code', reader.text(code));
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return textOf(error.message);
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') {
    return error.message;
  }
  return typeof error === 'object' && error !== null ? `[${typeName(error)}]` : textOf(error);
}

/** The message of anything that can be thrown, whatever reading it throws. */
export function safeMessage(error: unknown): string {
  try {
    return messageOf(error);
  } catch {
    // An error whose message throws: its name would be the next thing to throw.
    return 'an unreadable error';
  }
}

/** The stack with its causes and inner errors below it, as Node prints them when a process dies of it. */
function fullStackOf(error: unknown): string {
  if (!(error instanceof Error)) return isErrorLike(error) ? (error.stack ?? '') : '';
  return guarded(() => ownStack(error)) + relatedTo(error, new Set([error]));
}

/** What lies behind an error: its cause, then the errors that it collects, each with what lies behind it in turn. */
function relatedTo(error: Error, seen: Set<unknown>): string {
  let text = '';
  try {
    const { cause } = error;
    if (cause !== undefined && cause !== null) text += `\nCaused by: ${described(cause, seen)}`;
    if (!(error instanceof AggregateError)) return text;
    const errors: readonly unknown[] = error.errors;
    // By their number too: the same error a million times is still one that was seen.
    for (let i = 0; i < errors.length && i < MAX_RELATED && seen.size < MAX_RELATED; i++) {
      text += `\nOne of ${errors.length}: ${described(errors[i], seen)}`;
    }
  } catch {
    // A getter threw: what was read up to here still tells something.
  }
  return text;
}

function described(error: unknown, seen: Set<unknown>): string {
  if (seen.size >= MAX_RELATED || seen.has(error)) return '…';
  seen.add(error);
  if (!(error instanceof Error)) return guarded(() => messageOf(error));
  return guarded(() => ownStack(error)) + relatedTo(error, seen);
}

/** V8 begins a stack with name and message as they were at construction; an error without one says who it is. */
function ownStack(error: Error): string {
  const stack = stackOf(error);
  return typeof stack === 'string' && stack !== '' ? stack : `${errorType(error)}: ${textOf(error.message)}`;
}

/** What was an error before it was serialised, as bridges hand it over, or comes from another realm. */
function isErrorLike(error: unknown): error is Error {
  if (typeof error !== 'object' || error === null) return false;
  const { name, message, stack } = error as { readonly [key in keyof Error]?: unknown };
  const isText = typeof stack === 'string' || (stack === undefined && typeof message === 'string');
  return isText && typeof name === 'string';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : '';
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const prototype: unknown = Object.getPrototypeOf(value);
  const { name } = (prototype as { constructor?: { name?: unknown } } | null)?.constructor ?? {};
  return typeof name === 'string' && name !== '' ? name : 'Object';
}

/** Foreign getters may throw, also those of an error. */
function guarded(read: () => string): string {
  try {
    return read();
  } catch {
    // What can't be read is named as such; there is no second source for it.
    return '[Throws]';
  }
}

function put(record: LogRecord, key: string, value: Value): void {
  if (fieldIndex(record, key) !== -1 || record.bound.some((bound) => bound.has.has(key))) return;
  appendField(record, key, value);
}
