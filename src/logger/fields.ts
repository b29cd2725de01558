import { types } from 'node:util';
import { appendField, fieldIndex } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import { isError as isErrorObject } from '../core/object-kind.ts';
import type { KnownKeys } from '../core/event-names.ts';
import type { ValueReader } from '../core/read-value.ts';
import { toPlain, ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';

/**
 * What a log call takes as fields: any object but a list or a function. `unknown` in place of `any` would refuse objects whose type is an
 * interface, which have no index signature, and so most objects that applications have.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above; the values are read as unknown
export type Fields = Readonly<Record<string, any>> & {
  readonly [Symbol.iterator]?: never;
  /** What all functions have: a function is no fields, it makes them. */
  readonly [Symbol.hasInstance]?: never;
};

/** What a function that makes fields returns: a promise of them would come too late. */
export type MadeFields = Fields & { readonly then?: never };

/** Under which a record says what was wrong with the call that made it. */
export const PROBLEM_KEY = 'spanlog.problem';

/** Says in the record what was wrong with its call, after what has been said already. */
export function addProblem(record: LogRecord, problem: string): void {
  const at = fieldIndex(record, PROBLEM_KEY);
  const before = record.fieldValues[at];
  if (at === -1) appendField(record, PROBLEM_KEY, problem);
  else record.fieldValues[at] = typeof before === 'string' ? `${before}; ${problem}` : problem;
}

/**
 * The fields of anything that was passed as fields, read one by one with a guard around each. The general road: a log
 * call takes a shorter one for plain objects.
 */
export function fieldEntries(
  reader: ValueReader,
  known: KnownKeys,
  fields: unknown,
): readonly (readonly [string, Value])[] {
  if (fields === undefined || fields === null) return [];
  const read = reader.readFields(fields);
  if (!(read instanceof ValueMap)) {
    const given = Array.isArray(read) ? 'an array' : nameOfKind(fields);
    return [
      ['fields', read],
      [PROBLEM_KEY, `fields must be a plain object, got ${given}`],
    ];
  }
  return namedEntries(reader, known, fields, read).filter(([key]) => key !== '');
}

/** What was read of `fields`, under the names that its fields have in the record, and with their classes hidden. */
export function namedEntries(
  reader: ValueReader,
  known: KnownKeys,
  fields: unknown,
  read: ValueMap,
): readonly (readonly [string, Value])[] {
  return read.keys.map((key, i) => {
    const name = known.nameOf(key);
    known.nameRule?.see(name);
    const value = read.values[i] as Value;
    if (known.classes?.has(name) !== true) return [name, value] as const;
    const kind = known.hidesUnder(name, reader.policy.key(key).hides);
    return [name, reader.readUnder(key, kind, givenValue(fields, key, value))] as const;
  });
}

/** What stood under `key`, unread where it can be had: a class may show more of it, or a digest, to some destinations. */
function givenValue(fields: unknown, key: string, read: Value): unknown {
  try {
    if (typeof fields === 'object' && fields !== null && isPlain(fields)) return Reflect.get(fields, key) ?? read;
  } catch {
    // A getter that throws: what was read of it says so.
  }
  return toPlain(read);
}

/** What came in place of fields, in words. */
export function nameOfKind(value: unknown): string {
  if (types.isPromise(value)) return 'a promise';
  if (types.isDate(value)) return 'a Date';
  return typeof value === 'object' ? 'an object without fields' : `a ${typeof value}`;
}

/** An error of any realm. Most of what is asked are literals, which are none whatever they call themselves. */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return !isPlain(value) && isErrorObject(value);
  } catch {
    // What can't be asked is read as a value, whose reader knows what to say of it.
    return false;
  }
}

/** True for an object that a `for in` reads whole: a literal, or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
