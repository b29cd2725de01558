import { isError } from '../logger/fields.ts';

/** An error found among the fields of a record, and what is left under its key. */
export interface FoundError {
  readonly error: Error;
  /** Objects that the error carried, which `exception.*` has no place for; undefined when there are none. */
  readonly rest: Readonly<Record<string, unknown>> | undefined;
}

/** Part of `exception.*`, or repeated in the stack. */
const KNOWN: ReadonlySet<string> = new Set(['type', 'name', 'message', 'stack', 'code', 'cause', 'aggregateErrors']);
const ERROR_NAME = /(?:Error|Exception)$/;
/** Causes inside causes that are followed. */
const MAX_DEPTH = 8;

/**
 * The error that `value` is, or was before a serializer made an object of it: `{ type | name, message, stack }`, with
 * whatever it carried. May throw what getters of `value` throw.
 */
export function findError(value: unknown): FoundError | undefined {
  if (isError(value)) return { error: value, rest: undefined };
  const error = revived(value, 0);
  if (error === undefined) return undefined;
  const rest: [string, unknown][] = [];
  for (const [key, part] of Object.entries(value as object)) {
    if (KNOWN.has(key)) continue;
    // As `exception.data`, like those of any error; what is no text or number has no place there.
    if (typeof part === 'object' || key in error) rest.push([key, part]);
    else Object.defineProperty(error, key, { value: part, enumerable: true, configurable: true });
  }
  return { error, rest: rest.length === 0 ? undefined : Object.fromEntries(rest) };
}

function revived(value: unknown, depth: number): Error | undefined {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined;
  const { type, name, message, stack, code, cause, aggregateErrors } = value as Readonly<Record<string, unknown>>;
  const kind = typeof type === 'string' ? type : typeof name === 'string' ? name : typeIn(stack);
  if (typeof message !== 'string' || (typeof stack !== 'string' && !ERROR_NAME.test(kind))) return undefined;
  const inner = Array.isArray(aggregateErrors) ? aggregateErrors : undefined;
  return errorOf({
    type: kind,
    message,
    stack: typeof stack === 'string' ? stack : '',
    code,
    cause: revived(cause, depth + 1) ?? cause,
    errors: inner?.map((one: unknown) => revived(one, depth + 1) ?? one),
  });
}

export interface ErrorParts {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[] | undefined;
}

/** An error of these parts, made without a stack of its own. */
export function errorOf({ type, message, stack, code, cause, errors }: ErrorParts): Error {
  const prototype: object = errors === undefined ? Error.prototype : AggregateError.prototype;
  const error = Object.create(prototype) as Error;
  const parts: Record<string, unknown> = { name: type || 'Error', message, stack, code, cause, errors };
  for (const [key, value] of Object.entries(parts)) {
    if (value !== undefined) Object.defineProperty(error, key, { value, configurable: true });
  }
  return error;
}

/** The class that V8 puts in front of a stack. */
export function typeIn(stack: unknown): string {
  return typeof stack === 'string' ? (/^([\w.$]{1,100})(?:: |\n|$)/.exec(stack)?.[1] ?? '') : '';
}
