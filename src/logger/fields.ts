import type { ValueReader } from '../core/read-value.ts';
import { ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';

/** What a log call takes as fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** Under which a record says what was wrong with the call that made it. */
export const PROBLEM_KEY = 'spanlog.problem';

/**
 * The fields of anything that was passed as fields, read one by one with a guard around each. The general road: a log
 * call takes a shorter one for plain objects.
 */
export function fieldEntries(reader: ValueReader, fields: unknown): readonly (readonly [string, Value])[] {
  if (fields === undefined || fields === null) return [];
  if (typeof fields !== 'object' || Array.isArray(fields)) {
    const given = Array.isArray(fields) ? 'an array' : `a ${typeof fields}`;
    return [
      ['fields', reader.read(fields)],
      [PROBLEM_KEY, `fields must be an object, got ${given}`],
    ];
  }
  const read = reader.read(fields);
  if (!(read instanceof ValueMap)) return [['fields', read]];
  return read.keys.map((key, i) => [key, read.values[i] as Value] as const).filter(([key]) => key !== '');
}

/** True for an object that a `for in` reads whole: a literal, or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
