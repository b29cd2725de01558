import type { Place } from './read-place.ts';
import type { ValueMap } from './value.ts';
import type { ValuePolicy } from './value-policy.ts';

/**
 * Values that are named by what stands beside them rather than by their key: `{ name: 'authorization', value: … }`, the
 * entries of an object (`[['password', …]]`), raw headers in one list (`['Cookie', …, 'Host', …]`).
 */

const LONGEST_NAME = 64;
/** In a flat list only headers count: of other lists, such as the names of missing fields, no element names the next. */
const HEADER = /^(?:x-[\w-]+|(?:proxy-)?authorization|(?:set-)?cookie|api-?key)$/i;
/** The next of a list of header names, which is no value. */
const HEADER_NAME = /^[A-Za-z-]+$/;

/** The kind that hides the `value` of an object whose `name` or `key` was read before it. */
export function kindBesideName(read: ValueMap, policy: ValuePolicy): string | undefined {
  for (let i = 0; i < read.keys.length; i++) {
    const key = read.keys[i];
    const name = key === 'name' || key === 'key' ? read.values[i] : undefined;
    if (typeof name === 'string' && name.length <= LONGEST_NAME) return policy.key(name).hides;
  }
  return undefined;
}

/**
 * The kind that hides the element of a list for the one before it.
 *
 * @param pair the place of the list, when it holds two elements: inside of another list it is an entry
 */
export function kindAfterName(
  before: unknown,
  element: unknown,
  pair: Place | false,
  policy: ValuePolicy,
): string | undefined {
  if (typeof before !== 'string' || before.length > LONGEST_NAME) return undefined;
  if (pair !== false && Array.isArray(pair.parent?.object)) return policy.key(before).hides;
  if (typeof element !== 'string' || !canStartHeader(before) || !HEADER.test(before)) return undefined;
  return HEADER_NAME.test(element) ? undefined : policy.key(before).hides;
}

/** A cheap first look: `x-…`, `authorization`, `proxy-…`, `cookie`, `set-cookie`, `api-key`. */
function canStartHeader(name: string): boolean {
  const letter = name.charCodeAt(0) | 32;
  return letter === 120 || letter === 97 || letter === 112 || letter === 99 || letter === 115;
}
