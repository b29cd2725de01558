import { isClassified } from './classified.ts';
import type { Value } from './value.ts';
import { ValueMap } from './value.ts';
import type { ValuePolicy } from './value-policy.ts';

/** Bounds for one record; every one of them is a setting. */
export interface ReadLimits {
  /** Levels of nesting; deeper maps and arrays become empty (OTel: AnyValue depth 64). */
  readonly depth: number;
  /** Entries read of one array, map or object; the rest is counted in its place. */
  readonly entries: number;
  /** Values read per record in all, so that a small graph of shared references can't unfold without end. */
  readonly nodes: number;
  /** UTF-16 units kept of one text, cut without a mark (OTel: AttributeValueLengthLimit); Infinity by default. */
  readonly valueLength: number;
  /** UTF-16 units of text kept per record in all; a text that is cut for it states its size. */
  readonly recordText: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = Object.freeze({
  depth: 64,
  entries: 1_000,
  nodes: 10_000,
  valueLength: Infinity,
  recordText: 256 * 1024,
});

/** How far past a cut a text is still looked at, so that a secret that straddles the cut is seen whole. */
const SCAN_MARGIN = 512;
const MAX_KEY_LENGTH = 1_024;
/** A card has 12 to 19 digits; a shorter number is never looked at. */
const SMALLEST_SCANNED_NUMBER = 100_000_000_000;

/**
 * Turns whatever the application passes into an inert, bounded, already redacted `Value`.
 *
 * The one place where foreign objects are touched. Nothing it meets makes it throw: a getter, a proxy or a `toJSON`
 * that throws costs only its own place. Cycles are found by the path from the root, not by a set of all that was seen,
 * because an object that merely appears twice is no cycle.
 */
export class ValueReader {
  readonly policy: ValuePolicy;
  readonly limits: ReadLimits;
  readonly #ancestors: object[] = [];
  readonly #path: string[] | undefined;
  #nodesLeft: number;
  #textLeft: number;

  constructor(policy: ValuePolicy, limits: ReadLimits = DEFAULT_READ_LIMITS) {
    this.policy = policy;
    this.limits = limits;
    this.#path = policy.path === undefined ? undefined : [];
    this.#nodesLeft = limits.nodes;
    this.#textLeft = limits.recordText;
  }

  /** Starts a new record: the budgets are full again. */
  begin(): void {
    this.#nodesLeft = this.limits.nodes;
    this.#textLeft = this.limits.recordText;
    this.#ancestors.length = 0;
    if (this.#path !== undefined) this.#path.length = 0;
  }

  /** Reads a value that has no key of its own, such as a body. */
  read(value: unknown): Value {
    return this.#value(value, 0);
  }

  /** Reads what stands under `key`, already judged, at the root of a record. */
  readUnder(key: string, hides: string | undefined, value: unknown): Value {
    // Most fields are short primitives: they leave here without entering the walk.
    if (hides === undefined && this.#path === undefined) {
      if (typeof value === 'string') return this.text(value);
      if (typeof value === 'boolean') return value;
      if (typeof value === 'number' && value > -SMALLEST_SCANNED_NUMBER && value < SMALLEST_SCANNED_NUMBER)
        return value;
    }
    return this.#under(key, hides, value, 0);
  }

  /** Redacts and bounds one text. */
  text(text: string): string {
    const left = this.#textLeft;
    const { valueLength } = this.limits;
    if (text.length <= left && text.length <= valueLength) {
      this.#textLeft = left - text.length;
      return this.policy.text(text);
    }
    const keep = Math.min(left, valueLength);
    const shown = this.policy.text(text.length > keep + SCAN_MARGIN ? text.slice(0, keep + SCAN_MARGIN) : text);
    this.#textLeft = left - Math.min(left, keep);
    const cut = cutText(shown, keep);
    return left < valueLength ? `${cut}…[cut, ${text.length} characters in all]` : cut;
  }

  #under(key: string, hides: string | undefined, value: unknown, depth: number): Value {
    if (hides !== undefined) return this.policy.hide(hides, value);
    const path = this.#path;
    if (path === undefined || this.policy.path === undefined) return this.#value(value, depth);
    path.push(key);
    try {
      const kind = this.policy.path(path);
      return kind === undefined ? this.#value(value, depth) : this.policy.hide(kind, value);
    } finally {
      path.pop();
    }
  }

  #value(value: unknown, depth: number): Value {
    if (this.#nodesLeft-- <= 0) return '[Cut: too many values]';
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'boolean':
        return value;
      case 'number':
        return this.#number(value);
      case 'bigint':
        return this.#bigint(value);
      case 'undefined':
        return null;
      case 'symbol':
        return this.text(String(value));
      case 'function':
        return this.#guarded(() => this.text(`[Function: ${String(value.name) || 'anonymous'}]`));
      default:
        return value === null ? null : this.#object(value, depth);
    }
  }

  #number(value: number): Value {
    if (value > -SMALLEST_SCANNED_NUMBER && value < SMALLEST_SCANNED_NUMBER) return value;
    if (!Number.isInteger(value)) return value;
    const digits = String(value);
    const shown = this.policy.text(digits);
    return shown === digits ? value : shown;
  }

  /** int64 exactly; what does not fit becomes its decimal text. */
  #bigint(value: bigint): Value {
    const digits = String(value);
    const shown = this.text(digits);
    return shown === digits && BigInt.asIntN(64, value) === value ? value : shown;
  }

  #object(value: object, depth: number): Value {
    if (this.#ancestors.includes(value)) return '[Circular]';
    return this.#guarded(() => {
      this.#ancestors.push(value);
      try {
        return this.#readObject(value, depth);
      } finally {
        this.#ancestors.pop();
      }
    });
  }

  /** Runs foreign code; what it throws is said in the value's place, as far as the error itself can be read. */
  #guarded(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      return this.#complaint(error);
    }
  }

  #complaint(error: unknown): string {
    try {
      const message = error instanceof Error ? error.message : typeof error === 'string' ? error : typeof error;
      return this.text(`[Throws: ${cutText(String(message), 200)}]`);
    } catch {
      // The error's own message throws: there is nothing more to be said about it.
      return '[Throws]';
    }
  }

  #readObject(value: object, depth: number): Value {
    if (isClassified(value)) return this.policy.hide(value.kind, value);
    if (Array.isArray(value)) return this.#array(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof Map) return this.#entries(value.entries(), value.size, depth);
    if (value instanceof Set) return this.#iterable(value, value.size, depth);
    if (ArrayBuffer.isView(value)) return this.#view(value, depth);
    if (value instanceof ArrayBuffer || isSharedBuffer(value)) return this.#bytes(new Uint8Array(value));
    if (value instanceof URL) return this.text(value.href);
    if (value instanceof RegExp) return this.text(String(value));
    if (value instanceof String || value instanceof Number || value instanceof Boolean)
      return this.#value(value.valueOf(), depth);
    if (isPairList(value)) return this.#entries(value.entries(), undefined, depth);
    if (isOpaque(value)) return `[${value[Symbol.toStringTag]}]`;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') {
      const json: unknown = toJSON.call(value);
      if (json !== value) return this.#value(json, depth);
    }
    return this.#properties(value, depth);
  }

  #array(list: readonly unknown[], depth: number): Value {
    if (depth >= this.limits.depth) return [];
    const count = Math.min(list.length, this.limits.entries);
    const read: Value[] = [];
    for (let i = 0; i < count && this.#nodesLeft > 0; i++) {
      read.push(this.#guarded(() => this.#under(String(i), undefined, list[i], depth + 1)));
    }
    if (list.length > read.length) read.push(`… ${list.length - read.length} more`);
    return read;
  }

  #iterable(values: Iterable<unknown>, size: number, depth: number): Value {
    const first: unknown[] = [];
    for (const value of values) {
      if (first.length === this.limits.entries) break;
      first.push(value);
    }
    const read = this.#array(first, depth);
    return size > first.length && Array.isArray(read) ? [...(read as Value[]), `… ${size - first.length} more`] : read;
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>, size: number | undefined, depth: number): Value {
    const map = new ValueMap();
    if (depth >= this.limits.depth) return map;
    let count = 0;
    for (const [key, value] of entries) {
      if (count === this.limits.entries || this.#nodesLeft <= 0) break;
      count++;
      this.#put(map, typeof key === 'string' ? key : keyText(key), () => value, depth);
    }
    if (size !== undefined && size > count) map.set('…', `${size - count} more`);
    return map;
  }

  #properties(object: object, depth: number): Value {
    const map = new ValueMap();
    if (depth >= this.limits.depth) return map;
    const keys = Object.keys(object);
    const count = Math.min(keys.length, this.limits.entries);
    let read = 0;
    for (; read < count && this.#nodesLeft > 0; read++) {
      const key = keys[read] as string;
      this.#put(map, key, () => (object as Record<string, unknown>)[key], depth);
    }
    if (keys.length > read) map.set('…', `${keys.length - read} more`);
    return map;
  }

  #put(map: ValueMap, key: string, value: () => unknown, depth: number): void {
    const verdict = this.policy.key(cutText(key, MAX_KEY_LENGTH));
    map.set(
      verdict.shown,
      this.#guarded(() => this.#under(key, verdict.hides, value(), depth + 1)),
    );
  }

  /** An error as data: its class, message, stack and what else it carries, its cause and inner errors included. */
  #error(error: Error, depth: number): Value {
    const map = new ValueMap();
    if (depth >= this.limits.depth) return map;
    this.#put(map, 'type', () => errorType(error), depth);
    this.#put(map, 'message', () => error.message, depth);
    this.#put(map, 'stack', () => error.stack, depth);
    for (const key of Object.keys(error)) {
      if (map.size >= this.limits.entries) break;
      if (key !== 'stack' && key !== 'message')
        this.#put(map, key, () => (error as unknown as Record<string, unknown>)[key], depth);
    }
    if (error.cause !== undefined && map.get('cause') === undefined) this.#put(map, 'cause', () => error.cause, depth);
    if (error instanceof AggregateError) this.#put(map, 'errors', () => error.errors, depth);
    return map;
  }

  #view(view: ArrayBufferView, depth: number): Value {
    if (view instanceof Uint8Array || view instanceof Uint8ClampedArray || view instanceof DataView) {
      return this.#bytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    }
    const list = view as unknown as ArrayLike<number | bigint>;
    const first = Array.from({ length: Math.min(list.length, this.limits.entries) }, (_, i) => list[i]);
    const read = this.#array(first, depth);
    return list.length > first.length && Array.isArray(read)
      ? [...(read as Value[]), `… ${list.length - first.length} more`]
      : read;
  }

  /** A copy, since the application may write to its buffer again; text in it is redacted like any other. */
  #bytes(view: Uint8Array): Value {
    const kept = view.length > this.#textLeft ? view.subarray(0, this.#textLeft) : view;
    if (kept.length < view.length) return this.text(`[Cut: ${view.length} bytes]`);
    this.#textLeft -= kept.length;
    const asText = Buffer.from(kept.buffer, kept.byteOffset, kept.length).latin1Slice();
    const shown = this.policy.text(asText);
    return shown === asText ? Uint8Array.from(kept) : shown;
  }
}

/**
 * The class of an error as people search for it (semconv `exception.type`): the constructor's name, since subclasses
 * rarely set `name`; `name` where the constructor says nothing, as for `AbortError`. Never `code`.
 */
export function errorType(error: Error): string {
  const className = (error.constructor as { name?: unknown } | undefined)?.name;
  if (typeof className === 'string' && className !== '' && !GENERIC_ERRORS.has(className)) return className;
  return typeof error.name === 'string' && error.name !== '' ? error.name : 'Error';
}

const GENERIC_ERRORS: ReadonlySet<string> = new Set(['Error', 'DOMException', 'Object']);

/** The first `length` UTF-16 units, one less where the cut would split a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

function keyText(key: unknown): string {
  if (typeof key === 'object' && key !== null) return '[object]';
  return typeof key === 'function' ? '[function]' : String(key);
}

function isSharedBuffer(value: object): value is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;
}

/** Headers, URLSearchParams, FormData: lists of pairs without own properties. */
function isPairList(value: object): value is { entries(): Iterable<readonly [string, unknown]> } {
  return (
    value instanceof URLSearchParams ||
    (typeof Headers !== 'undefined' && value instanceof Headers) ||
    (typeof FormData !== 'undefined' && value instanceof FormData)
  );
}

/** Things that hold nothing that can be read now. */
function isOpaque(value: object): value is { [Symbol.toStringTag]: string } {
  return value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef;
}
