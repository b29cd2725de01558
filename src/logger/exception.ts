import type { ErrorClass, ExpectedError, FirstRecord } from '../core/error-rules.ts';
import type { Intake } from '../core/intake.ts';
import { SEVERITY, severityText } from '../core/level.ts';
import { appendField, fieldIndex } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import { errorType, stackOf, textOf } from '../core/read-value.ts';
import type { Value } from '../core/value.ts';
import { exceptionData } from './exception-data.ts';
import { isError } from './fields.ts';

/** The record that carries the stack of an error already. */
type KnownErrors = (error: object) => FirstRecord | undefined;

/** Errors shown of one tree of causes and collected errors; where more follow, it says so. */
const MAX_RELATED = 16;

const THROWN_UNDEFINED: unknown = Object.freeze({ thrown: undefined });
const THROWN_NULL: unknown = Object.freeze({ thrown: null });

/** What was thrown, as the error of a record: `undefined` and `null` can be thrown, too, and are not the lack of an error. */
export function thrownValue(error: unknown): unknown {
  return error === undefined ? THROWN_UNDEFINED : (error ?? THROWN_NULL);
}

function thrownBy(given: unknown): unknown {
  if (given === THROWN_UNDEFINED) return undefined;
  return given === THROWN_NULL ? null : given;
}

/**
 * Puts an error on the record as `exception.*` (semconv 1.44, exceptions in logs). Attributes that the caller gave win.
 * The type is the class's name; `code`, which `ECONNREFUSED` and its like stand in, gets a field of its own.
 *
 * An error whose stack a record of the last minute carries points to that one. One that is expected has no stack, and
 * lowers the record's level.
 */
export function addException(
  record: LogRecord,
  { reader, errors, events }: Pick<Intake, 'reader' | 'errors'> & Partial<Pick<Intake, 'events'>>,
  given: unknown,
): void {
  const error = thrownBy(given);
  const isObject = typeof error === 'object' && error !== null;
  const type = guarded(() => (isError(error) || isErrorLike(error) ? errorType(error) : typeName(error)));
  const code = guarded(() => codeOf(error));
  put(record, 'exception.type', reader.text(type));
  put(record, 'exception.message', reader.text(guarded(() => messageOf(error))));
  const expected = errors === undefined ? undefined : expectationOf(errors.expected, error, type, code);
  const first = isObject ? errors?.firstOf(error, record.severity) : undefined;
  if (expected !== undefined) {
    put(record, 'exception.expected', true);
    lower(record, expected.severity);
  } else if (first !== undefined) {
    put(record, 'exception.first_event', first.event);
    put(record, 'exception.first_time', first.time);
    if (first.uid !== undefined) put(record, 'exception.first_uid', first.uid);
  } else {
    const known = (one: object): FirstRecord | undefined => errors?.firstOf(one, record.severity);
    const stack = guarded(() => fullStackOf(error, known));
    if (stack !== '') put(record, 'exception.stacktrace', reader.text(stack));
    if (stack !== '' && isObject && errors !== undefined) record.error = error;
  }
  if (code !== '') put(record, 'exception.code', reader.text(code));
  if (first !== undefined || !isObject) return;
  const data = exceptionData(reader, error, events?.otherKeys.classes);
  if (data !== undefined) put(record, 'exception.data', data);
}

/** A level that was lowered is told as such; FATAL, with which the process ends, is nobody's expectation. */
function lower(record: LogRecord, severity: number): void {
  if (record.severity <= severity || record.severity >= SEVERITY.fatal) return;
  record.severity = severity;
  record.severityText = severityText(severity);
}

/** True for an error that the application has declared: it is no news. */
export function isExpected(error: unknown, errors: Intake['errors']): boolean {
  if (errors === undefined || errors.expected.length === 0) return false;
  const type = guarded(() => (isError(error) || isErrorLike(error) ? errorType(error) : typeName(error)));
  return (
    expectationOf(
      errors.expected,
      error,
      type,
      guarded(() => codeOf(error)),
    ) !== undefined
  );
}

function expectationOf(
  expected: readonly ExpectedError[],
  error: unknown,
  type: string,
  code: string,
): ExpectedError | undefined {
  for (const one of expected) {
    const { match } = one;
    if (typeof match === 'string' ? match === type || match === code || match === nameOf(error) : isA(error, match)) {
      return one;
    }
  }
  return undefined;
}

function isA(error: unknown, match: ErrorClass): boolean {
  try {
    return error instanceof match;
  } catch {
    // A revoked proxy, or a class that judges for itself and throws.
    return false;
  }
}

function nameOf(error: unknown): string {
  return guarded(() => (isError(error) ? textOf(error.name) : ''));
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  if (isError(error)) return textOf(error.message);
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
function fullStackOf(error: unknown, known: KnownErrors): string {
  if (!isError(error)) return isErrorLike(error) ? (error.stack ?? '') : '';
  return guarded(() => ownStack(error)) + relatedTo(error, new Set([error]), known);
}

/** What lies behind an error: its cause, then the errors that it collects, each with what lies behind it in turn. */
function relatedTo(error: Error, seen: Set<unknown>, known: KnownErrors): string {
  let text = '';
  try {
    const { cause } = error;
    if (cause !== undefined && cause !== null) text += `\nCaused by: ${described(cause, seen, known)}`;
    if (!isAggregate(error)) return text;
    const { errors } = error;
    // By their number too: the same error a million times is still one that was seen.
    for (let i = 0; i < errors.length && i < MAX_RELATED && seen.size < MAX_RELATED; i++) {
      text += `\nOne of ${errors.length}: ${described(errors[i], seen, known)}`;
    }
  } catch {
    // A getter threw: what was read up to here still tells something.
  }
  return text;
}

function described(error: unknown, seen: Set<unknown>, known: KnownErrors): string {
  if (seen.size >= MAX_RELATED || seen.has(error)) return '…';
  seen.add(error);
  if (!isError(error)) return guarded(() => messageOf(error));
  const first = known(error);
  if (first !== undefined) {
    return guarded(() => `${errorType(error)}: ${textOf(error.message)} [its stack: ${first.event}, ${first.time}]`);
  }
  return guarded(() => ownStack(error)) + relatedTo(error, seen, known);
}

/** Several errors in one, of any realm. */
function isAggregate(error: Error): error is Error & { readonly errors: readonly unknown[] } {
  const { errors } = error as { readonly errors?: unknown };
  return (error instanceof AggregateError || error.name === 'AggregateError') && Array.isArray(errors);
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
  if (typeof error !== 'object' || error === null || !('code' in error) || isDomException(error)) return '';
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : '';
}

/** One has a number as `code` that the standard keeps for old programs alone (20 for `AbortError`). */
export function isDomException(error: unknown): boolean {
  try {
    return error instanceof DOMException && typeof error.code === 'number';
  } catch {
    // A proxy that won't say is read like any other error.
    return false;
  }
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
