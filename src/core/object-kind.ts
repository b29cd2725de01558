import { types } from 'node:util';

/** What `read-value` must know about foreign objects to tell their kinds apart. Reading any of it may throw. */

/** A literal or a record without prototype, of any realm: nothing stands between it and the root of all objects. */
export function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return typeof prototype !== 'object' || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** An error of any realm, a DOMException included. (`Error.isError` is not in Node 22.) */
export function isError(object: object): object is Error {
  return object instanceof Error || Object.prototype.toString.call(object) === '[object Error]';
}

/**
 * The class of an error as people search for it (semconv `exception.type`): the constructor's name, since subclasses
 * rarely set `name`; `name` where the constructor says nothing, as for `AbortError`. Never `code`.
 */
export function errorType(error: Error): string {
  const name = (error.constructor as { name?: unknown } | undefined)?.name;
  if (typeof name === 'string' && name !== '' && !GENERIC_ERRORS.has(name)) return name;
  return typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
}

/**
 * The stack of an error. V8 makes it at the first reading, with the texts of name and message as they are then: where
 * these would be made of others it is left out, see `textOf`.
 */
export function stackOf(error: Error): unknown {
  return asksOthers(error, 'name') || asksOthers(error, 'message') ? undefined : error.stack;
}

function asksOthers(error: Error, key: 'name' | 'message'): boolean {
  try {
    const value: unknown = error[key];
    return typeof value === 'bigint' || (typeof value === 'object' && value !== null && isMadeOfOthers(value));
  } catch {
    // V8 guards itself against a getter that throws.
    return false;
  }
}

/** Its text is made of the texts of what it holds: elements, or name and message. */
function isMadeOfOthers(value: object): boolean {
  return isIndexed(value) || isError(value);
}

/** True for arrays and views of buffers: as many keys as elements, and a text made of all of theirs. */
export function isIndexed(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

const GENERIC_ERRORS: ReadonlySet<string> = new Set(['Error', 'DOMException', 'Object']);

/** Views that mean bytes; the other typed arrays are lists of numbers. */
export function isBytes(object: object): object is Uint8Array | Uint8ClampedArray | DataView {
  return types.isUint8Array(object) || types.isUint8ClampedArray(object) || types.isDataView(object);
}

/** URLSearchParams, Headers and FormData: lists of pairs without own properties. */
export function isPairList(object: object): object is Iterable<readonly [unknown, unknown]> {
  return Symbol.iterator in object && typeof object[Symbol.iterator] === 'function';
}

/**
 * Pairs by key; a key that comes again gets a list, as in `?tag=a&tag=b`. One more than `count` is the last: whoever
 * shows `count` of them says that there are more, and what only calls itself a list of pairs may have no end.
 */
export function groupedPairs(
  pairs: Iterable<readonly [unknown, unknown]>,
  count: number,
): ReadonlyMap<unknown, unknown> {
  const groups = new Map<unknown, unknown[]>();
  let left = count;
  for (const [key, value] of pairs) {
    if (left-- < 0) break;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return new Map([...groups].map(([key, group]) => [key, group.length === 1 ? group[0] : group]));
}

/** The first `count` values. */
export function firstOf(values: Iterable<unknown>, count: number): unknown[] {
  const first: unknown[] = [];
  if (count === 0) return first;
  for (const value of values) {
    first.push(value);
    if (first.length === count) break;
  }
  return first;
}

/** How an object without anything of its own is called: `Promise`, `WeakMap`, `Response`, `Money`. */
export function className(object: object): string {
  const tag: unknown = Reflect.get(object, Symbol.toStringTag);
  if (typeof tag === 'string' && tag !== '') return tag;
  const constructor: unknown = Reflect.get(object, 'constructor');
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'Object';
}

/** Beyond this the decimal digits of a bigint cost more than they say: their time grows with the square of their number. */
const HUGE_BITS = 32_768;
const HUGE = 1n << BigInt(HUGE_BITS);

/** The decimal digits of a bigint, unless it is absurdly long. */
export function bigintText(value: bigint): string {
  return value < HUGE && value > -HUGE ? String(value) : `[Cut: integer of more than ${HUGE_BITS} bits]`;
}

/**
 * The text of what stands where a text should. What makes its own of others' texts is not asked for one: of arrays in
 * arrays it can take forever. Throws what the text's own code throws.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return bigintText(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value === 'object' && value !== null) {
    if (isIndexed(value)) return '[array]';
    if (isError(value)) return '[error]';
  }
  return String(value);
}

/** The text of a Map's key that is none. Objects have no text of their own that is safe to ask for. */
export function keyText(key: unknown): string {
  if (typeof key === 'object' && key !== null) return '[object]';
  if (typeof key === 'bigint') return bigintText(key);
  return typeof key === 'function' ? '[function]' : String(key);
}

/** RFC 3339; of any realm. */
export function dateText(date: Date): string {
  const timeMs = Date.prototype.getTime.call(date);
  return Number.isNaN(timeMs) ? 'Invalid Date' : new Date(timeMs).toISOString();
}

/** What someone else's code threw, in words; `undefined` where the error's own message throws. Never throws. */
export function messageIn(error: unknown): string | undefined {
  try {
    return textOf(error instanceof Error ? error.message : typeof error === 'string' ? error : typeof error);
  } catch {
    // There is nothing more to be said about it.
    return undefined;
  }
}
