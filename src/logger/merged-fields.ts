import { types } from 'node:util';
import { groupedPairs, isPairList } from '../core/object-kind.ts';
import { safeMessage } from './exception.ts';
import { isError, isPlain, nameOfKind, PROBLEM_KEY } from './fields.ts';
import type { Fields, MadeFields } from './fields.ts';

/** Fields, or a function that makes them when the record is kept. */
export type LazyFields = Fields | (() => MadeFields);

/** Parts that are kept apart until the record is made. */
const MAX_PARTS = 100;

/** Keys taken of one object; a record keeps fewer attributes by far. */
const MAX_KEYS = 1_000;

/**
 * One object of what was measured and what the application gave before and after, later ones on top. What it gave are
 * foreign objects: each field is taken with a guard of its own, and one that throws says so in its place when it is
 * read. Made when a record is kept, and read in the same call.
 */
export function mergedFields(measured: Readonly<Record<string, unknown>>, given: readonly unknown[]): Fields {
  // A literal, which V8 reads faster than an object without a prototype.
  const merged: Record<string, unknown> = { ...measured };
  for (const part of given) {
    try {
      addPart(merged, typeof part === 'function' ? (part as () => unknown)() : part);
    } catch (error) {
      const what =
        typeof part === 'function' ? 'the function that makes the fields threw' : 'fields that could not be read';
      addProblem(merged, `${what}: ${safeMessage(error)}`);
    }
  }
  return merged;
}

/**
 * What the application gives for a record that is to come, part by part. Many are made one from time to time, functions
 * among them: whoever adds in a loop must not fill the memory.
 */
export class GivenFields {
  #parts: unknown[];

  constructor(...parts: readonly unknown[]) {
    this.#parts = [...parts];
  }

  get parts(): readonly unknown[] {
    return this.#parts;
  }

  add(part: unknown): void {
    if (this.#parts.length >= MAX_PARTS) this.#parts = [mergedFields({}, this.#parts)];
    this.#parts.push(part);
  }
}

function addPart(merged: Record<string, unknown>, given: unknown): void {
  const part = asJson(given);
  if (part === undefined || part === null) return;
  if (isError(part)) {
    merged.error = part;
  } else if (types.isMap(part)) {
    for (const [key, value] of part) if (typeof key === 'string') put(merged, key, value);
  } else if (isPairs(part)) {
    for (const [key, value] of groupedPairs(part, MAX_KEYS)) if (typeof key === 'string') put(merged, key, value);
  } else if (typeof part === 'object' && !Array.isArray(part) && !types.isPromise(part) && hasFields(part)) {
    const keys = Object.keys(part);
    for (let i = 0; i < keys.length && i < MAX_KEYS; i++) addField(merged, part, keys[i] as string);
  } else {
    merged.fields = part;
    addProblem(merged, `fields must be a plain object, got ${Array.isArray(part) ? 'an array' : nameOfKind(part)}`);
    // Nobody else holds it: what it rejects with would end the process.
    if (types.isPromise(part)) void Promise.prototype.catch.call(part, () => undefined);
  }
}

/** An object that says itself what is shown of it: what it keeps to itself is no field. */
function asJson(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || isError(part) || types.isDate(part)) return part;
  const toJSON: unknown = Reflect.get(part, 'toJSON');
  return typeof toJSON === 'function' ? Reflect.apply(toJSON, part, []) : part;
}

/** `URLSearchParams`, `Headers` and `FormData`, which a plain call takes as fields as well. */
function isPairs(part: unknown): part is Iterable<readonly [unknown, unknown]> {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return false;
  const tag: unknown = Reflect.get(part, Symbol.toStringTag);
  return (tag === 'URLSearchParams' || tag === 'Headers' || tag === 'FormData') && isPairList(part);
}

/** True for a literal, were it empty, and for any other object that has keys. */
function hasFields(part: object): boolean {
  return isPlain(part) || Object.keys(part).length > 0;
}

/** As a field of its own, whatever its name does to a literal. */
function put(merged: Record<string, unknown>, key: string, value: unknown): void {
  if (key === PROBLEM_KEY && typeof value === 'string') addProblem(merged, value);
  else if (key === '__proto__') Object.defineProperty(merged, key, { value, enumerable: true, configurable: true });
  else merged[key] = value;
}

function addProblem(merged: Record<string, unknown>, problem: string): void {
  const before = merged[PROBLEM_KEY];
  merged[PROBLEM_KEY] = typeof before === 'string' ? `${before}; ${problem}` : problem;
}

function addField(merged: Record<string, unknown>, part: object, key: string): void {
  try {
    put(merged, key, (part as Record<string, unknown>)[key]);
  } catch (error) {
    addThrowing(merged, key, error);
  }
}

/** A field that throws again when it is read: whoever reads fields knows what to say of it. */
function addThrowing(merged: Record<string, unknown>, key: string, error: unknown): void {
  Object.defineProperty(merged, key, {
    enumerable: true,
    configurable: true,
    get: () => {
      throw error;
    },
  });
}

/** A field that says what is wrong with a name, none when nothing is. */
export function problemOfName(what: string, name: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof name === 'string' && name !== '') return undefined;
  const given = name === '' ? 'an empty text' : name === null ? 'null' : typeof name;
  return { [PROBLEM_KEY]: `${what} must be a text, got ${given}` };
}

/** What stands in for `fields` when a function that must be run was forgotten, or came in their place. */
export function misplacedFunction(
  fn: unknown,
  fields: unknown,
): { readonly fields: Fields; readonly run: () => unknown } {
  const given = fn === null ? 'null' : typeof fn;
  const problem = { [PROBLEM_KEY]: `the third argument must be the function to run, got ${given}` };
  if (typeof fields === 'function') return { fields: problem, run: fields as () => unknown };
  return { fields: mergedFields(problem, [fields]), run: () => undefined };
}
