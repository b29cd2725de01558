import { types } from 'node:util';
import { cutText } from './detached-text.ts';
import { isClassified, kindOf } from './classified.ts';
import {
  bigintText,
  className,
  dateText,
  errorType,
  firstOf,
  groupedPairs,
  isBytes,
  isError,
  isPairList,
  isPlain,
  keyText,
  messageIn,
  stackOf,
  textOf,
} from './object-kind.ts';
import { kindAfterName, kindBesideName } from './neighbour-names.ts';
import { isUnscanned, MAX_COMPLAINT_LENGTH, MAX_KEY_LENGTH, SCAN_MARGIN, shareOf } from './read-budget.ts';
import { redactedStart, SMALL_MAP, startOf } from './read-budget.ts';
import { DEFAULT_READ_LIMITS } from './read-limits.ts';
import type { ReadLimits } from './read-limits.ts';
import { pathTo } from './read-place.ts';
import type { Place } from './read-place.ts';
import { ValueMap, Varied } from './value.ts';
import type { Value } from './value.ts';
import { classKind } from './value-policy.ts';
import type { ValuePolicy } from './value-policy.ts';
import { liftVaried } from './view.ts';

export { DEFAULT_READ_LIMITS, errorType, stackOf, textOf };
export type { ReadLimits };

/**
 * Turns whatever the application passes into an inert, bounded, already redacted `Value`.
 *
 * The one place where foreign objects are touched. Nothing it meets makes it throw: a getter, a proxy or a `toJSON`
 * that throws costs only its own place. Cycles are found by the path from the root, not by a set of all that was seen,
 * because an object that merely appears twice is no cycle. Kinds are told by their internal slots where there are any,
 * so that objects from another realm (`node:vm`, test runners) read like ours.
 */
export class ValueReader {
  readonly policy: ValuePolicy;
  readonly limits: ReadLimits;
  /** Whether the policy judges places, so that the paths to them are needed. */
  readonly #judgesPaths: boolean;
  /** Objects being read now. */
  #open = 0;
  #nodesLeft: number;
  #textLeft: number;
  #keyTextLeft: number;
  #valueLength: number;
  /** Something in this record is shown differently by different views. */
  #varies = false;

  constructor(policy: ValuePolicy, limits: ReadLimits = DEFAULT_READ_LIMITS) {
    this.policy = policy;
    this.limits = limits;
    this.#judgesPaths = policy.path !== undefined;
    this.#nodesLeft = limits.nodes;
    this.#textLeft = limits.recordText;
    this.#keyTextLeft = limits.recordText;
    this.#valueLength = limits.valueLength;
  }

  /** Starts a new record with full budgets; one that a getter logs while another is read lives on the outer one's budgets. */
  begin(): void {
    if (this.#open > 0) return;
    this.#varies = false;
    this.#nodesLeft = this.limits.nodes;
    this.#textLeft = this.limits.recordText;
    this.#keyTextLeft = this.limits.recordText;
  }

  /** Reads a value that has no key of its own, such as a body. */
  read(value: unknown): Value {
    return this.#whole(this.#value(value, undefined, undefined));
  }

  /** Reads an object whose entries become fields, each of which each view shows on its own. */
  readFields(fields: unknown): Value {
    const read = this.#value(fields, undefined, undefined);
    if (!(read instanceof ValueMap)) return this.#whole(read);
    if (this.#varies) read.values.forEach((value, i) => (read.values[i] = liftVaried(value)));
    return read;
  }

  /** Reads a body or the name of an event: the limit on attribute values does not apply to them (OTel, Log Record Limits). */
  readBody(value: unknown): Value {
    this.#valueLength = Infinity;
    try {
      return this.read(value);
    } finally {
      this.#valueLength = this.limits.valueLength;
    }
  }

  /** Reads what stands under `key`, already judged, at the root of a record. */
  readUnder(key: string, hides: string | undefined, value: unknown): Value {
    // Most fields are short primitives: they leave here without entering the walk.
    if (hides === undefined && !this.#judgesPaths) {
      if (typeof value === 'string') return this.text(value);
      if (typeof value === 'boolean') return value;
      if (typeof value === 'number' && isUnscanned(value)) return value;
    }
    return this.#whole(this.#under(key, hides, value, undefined));
  }

  /** Redacts and bounds one text. */
  text(text: string): string {
    const left = this.#textLeft;
    const valueLength = this.#valueLength;
    if (text.length <= left && text.length <= valueLength) {
      this.#textLeft = left - text.length;
      return this.policy.text(text);
    }
    // Something is left for the texts after it, or a giant would cost them all.
    const keep = Math.min(left - shareOf(left), valueLength);
    this.#textLeft = left - keep;
    const shown = keep === 0 ? '' : redactedStart(this.policy, text, keep);
    return left < valueLength ? `${shown}…[cut, ${text.length} characters in all]` : shown;
  }

  #under(key: string, hides: string | undefined, value: unknown, parent: Place | undefined): Value {
    const kind = hides ?? (this.#judgesPaths ? this.policy.path?.(pathTo(key, parent)) : undefined);
    if (kind === undefined) return this.#value(value, key, parent);
    this.#nodesLeft--;
    return this.#hidden(kind, value, key, parent);
  }

  #hidden(kind: string, value: unknown, key: string | undefined, parent: Place | undefined): Value {
    const hidden = this.policy.hide(kind, value, (inner, policy) => this.#disclosed(inner, policy, key, parent));
    if (hidden instanceof Varied) this.#varies = true;
    return hidden;
  }

  /**
   * Reads what a destination may see of a classified value, by rules of its own and on this reader's budgets. By a reader
   * of its own: what a getter in there logs is another record, and under the common rules.
   */
  #disclosed(value: unknown, policy: ValuePolicy, key: string | undefined, parent: Place | undefined): Value {
    const reader = new ValueReader(policy, this.limits);
    reader.#open = 1;
    reader.#nodesLeft = this.#nodesLeft;
    reader.#textLeft = this.#textLeft;
    reader.#keyTextLeft = this.#keyTextLeft;
    reader.#valueLength = this.#valueLength;
    try {
      return reader.#value(value, key, parent);
    } finally {
      this.#nodesLeft = reader.#nodesLeft;
      this.#textLeft = reader.#textLeft;
      this.#keyTextLeft = reader.#keyTextLeft;
      this.#varies ||= reader.#varies;
    }
  }

  /** Of a root: what holds something that views show differently is shown differently as a whole. */
  #whole(value: Value): Value {
    return this.#varies ? liftVaried(value) : value;
  }

  #value(value: unknown, key: string | undefined, parent: Place | undefined): Value {
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
        return this.#function(value);
      case 'object':
        return value === null ? null : this.#object(value, key, parent);
    }
  }

  #number(value: number): Value {
    return isUnscanned(value) || !Number.isInteger(value) ? value : this.#digits(value);
  }

  /** int64 exactly; what does not fit becomes its decimal text. */
  #bigint(value: bigint): Value {
    return BigInt.asIntN(64, value) === value ? this.#digits(value) : this.text(bigintText(value));
  }

  #digits(value: number | bigint): Value {
    const digits = String(value);
    const shown = this.policy.text(digits);
    return shown === digits ? value : shown;
  }

  #function(value: { readonly name?: unknown }): Value {
    try {
      return this.text(`[Function: ${textOf(value.name) || 'anonymous'}]`);
    } catch (error) {
      return this.#complaint(error);
    }
  }

  /** Reads an object; what its code throws is said in its place. */
  #object(object: object, key: string | undefined, parent: Place | undefined, converted = false): Value {
    for (let above = parent; above !== undefined; above = above.parent) {
      if (above.object === object) return '[Circular]';
    }
    const depth = parent === undefined ? 0 : converted ? parent.depth : parent.depth + 1;
    // Near the root, no object takes all that is left: its siblings would be cut for it.
    const isNearRoot = parent?.parent === undefined;
    const nodes = isNearRoot ? shareOf(this.#nodesLeft) : 0;
    const text = isNearRoot ? shareOf(this.#textLeft) : 0;
    const keyText = isNearRoot ? shareOf(this.#keyTextLeft) : 0;
    this.#nodesLeft -= nodes;
    this.#textLeft -= text;
    this.#keyTextLeft -= keyText;
    this.#open++;
    try {
      return this.#readObject({ object, key, parent, depth }, converted);
    } catch (error) {
      return this.#complaint(error);
    } finally {
      this.#open--;
      this.#nodesLeft += nodes;
      this.#textLeft += text;
      this.#keyTextLeft += keyText;
    }
  }

  /** Says that foreign code threw, as far as the error itself can be read. */
  #complaint(error: unknown): string {
    this.#nodesLeft--;
    const message = messageIn(error);
    return message === undefined
      ? '[Throws]'
      : `[Throws: ${redactedStart(this.policy, message, MAX_COMPLAINT_LENGTH)}]`;
  }

  #readObject(place: Place, converted: boolean): Value {
    const { object } = place;
    if (isClassified(object)) return this.#hidden(classKind(kindOf(object)), object, place.key, place.parent);
    if (Array.isArray(object)) return this.#list(object, object.length, place);
    const plain = isPlain(object);
    if (!plain) {
      const known = this.#knownKind(object, place);
      if (known !== undefined) return known;
    }
    if (!converted) {
      const toJSON: unknown = Reflect.get(object, 'toJSON');
      if (typeof toJSON === 'function') {
        const json: unknown = Reflect.apply(toJSON, object, []);
        // It stands in the object's place, and is not asked for a `toJSON` of its own.
        if (typeof json !== 'object' || json === null) return this.#value(json, undefined, place);
        if (json !== object) return this.#object(json, undefined, place, true);
      }
    }
    const keys = Object.keys(object);
    if (keys.length === 0 && !plain) return this.text(`[${className(object)}]`);
    return place.depth < this.limits.depth ? this.#properties(new ValueMap(), keys, place) : new ValueMap();
  }

  /** The built-in classes that have a form of their own. */
  #knownKind(object: object, place: Place): Value | undefined {
    if (isError(object)) return this.#error(object, place);
    if (types.isDate(object)) return dateText(object);
    if (types.isMap(object)) return this.#map(object, place);
    if (types.isSet(object)) return this.#list(firstOf(object, this.limits.entries), object.size, place);
    if (isBytes(object)) return this.#bytes(new Uint8Array(object.buffer, object.byteOffset, object.byteLength));
    if (types.isTypedArray(object)) return this.#list(object, object.length, place);
    if (types.isAnyArrayBuffer(object)) return this.#bytes(new Uint8Array(object));
    if (types.isRegExp(object)) return this.text(`/${textOf(object.source)}/${textOf(object.flags)}`);
    if (types.isBoxedPrimitive(object)) {
      const primitive: unknown = object.valueOf();
      return typeof primitive === 'object' ? undefined : this.#value(primitive, undefined, place);
    }
    switch (Reflect.get(object, Symbol.toStringTag)) {
      case 'URL':
        return this.text(textOf(Reflect.get(object, 'href')));
      case 'URLSearchParams':
      case 'Headers':
      case 'FormData':
        return isPairList(object) ? this.#map(groupedPairs(object, this.limits.entries), place) : undefined;
      default:
        return undefined;
    }
  }

  #list(list: ArrayLike<unknown>, length: number, place: Place): Value {
    if (place.depth >= this.limits.depth) return [];
    const count = Math.min(length, this.limits.entries);
    const read: Value[] = [];
    let element: unknown;
    for (let i = 0; i < count && this.#nodesLeft > 0; i++) {
      const before = element;
      try {
        element = list[i];
      } catch (error) {
        read.push(this.#complaint(error));
        continue;
      }
      const hides = i % 2 === 1 ? kindAfterName(before, element, length === 2 && place, this.policy) : undefined;
      read.push(this.#under(this.#judgesPaths ? String(i) : '', hides, element, place));
    }
    if (length > read.length) read.push(`… ${length - read.length} more`);
    return read;
  }

  #map(source: ReadonlyMap<unknown, unknown>, place: Place): Value {
    const map = new ValueMap();
    if (place.depth >= this.limits.depth) return map;
    const taken = source.size > SMALL_MAP ? new Set<string>() : undefined;
    let count = 0;
    for (const [key, value] of source) {
      if (count === this.limits.entries || !this.#hasRoom()) break;
      count++;
      this.#put(map, taken, typeof key === 'string' ? key : keyText(key), () => value, place);
    }
    if (source.size > count) map.set('…', `${source.size - count} more`);
    return map;
  }

  #properties(map: ValueMap, keys: readonly string[], place: Place): Value {
    const { object } = place;
    const count = Math.min(keys.length, this.limits.entries);
    const taken = count > SMALL_MAP ? new Set(map.keys) : undefined;
    let read = 0;
    for (; read < count && this.#hasRoom(); read++) {
      const key = keys[read] as string;
      this.#put(map, taken, key, () => Reflect.get(object, key), place);
    }
    if (keys.length > read) map.set('…', `${keys.length - read} more`);
    return map;
  }

  #hasRoom(): boolean {
    return this.#nodesLeft > 0 && this.#keyTextLeft > 0;
  }

  /**
   * Puts one entry into a map that is being read. Keys that look alike once they are redacted, cut or turned into text
   * get their position added, so that none hides another; `taken` finds them in maps too large for a search.
   */
  #put(map: ValueMap, taken: Set<string> | undefined, key: string, read: () => unknown, place: Place): void {
    const cut = key.length > MAX_KEY_LENGTH + SCAN_MARGIN;
    const { shown: whole, hides: own } = this.policy.key(cut ? key.slice(0, MAX_KEY_LENGTH + SCAN_MARGIN) : key);
    const hides = own ?? (key === 'value' ? kindBesideName(map, this.policy) : undefined);
    const shown = cut ? `${startOf(whole, MAX_KEY_LENGTH)}…` : whole;
    this.#keyTextLeft -= shown.length;
    let value: Value;
    try {
      value = this.#under(key, hides, read(), place);
    } catch (error) {
      value = hides === undefined ? this.#complaint(error) : this.policy.hide(hides, undefined);
    }
    const name = (taken?.has(shown) ?? map.keys.includes(shown)) ? `${shown} (entry ${map.size + 1})` : shown;
    taken?.add(name);
    map.keys.push(name);
    map.values.push(value);
  }

  /** An error as data: its class, message, stack and what else it carries, its cause and inner errors included. */
  #error(error: Error, place: Place): Value {
    const map = new ValueMap();
    if (place.depth >= this.limits.depth) return map;
    this.#put(map, undefined, 'type', () => errorType(error), place);
    this.#put(map, undefined, 'message', () => error.message, place);
    this.#put(map, undefined, 'stack', () => stackOf(error), place);
    const own = Object.keys(error).filter((key) => key !== 'message' && key !== 'stack');
    for (const key of ['cause', 'errors']) if (Object.hasOwn(error, key) && !own.includes(key)) own.push(key);
    return this.#properties(map, own, place);
  }

  /**
   * A copy, since the application may write to its buffer again; text in it is redacted like any other, by the start of what
   * is cut off as well.
   */
  #bytes(view: Uint8Array): Value {
    const keep = Math.min(view.length, this.#valueLength);
    if (keep > this.#textLeft) return `[Cut: ${view.length} bytes]`;
    this.#textLeft -= keep;
    const seen = Math.min(view.length, keep + SCAN_MARGIN);
    const asText = Buffer.from(view.buffer, view.byteOffset, seen).toString('latin1');
    const shown = this.policy.text(asText);
    if (shown === asText) return Uint8Array.from(view.subarray(0, keep));
    return seen < view.length ? startOf(shown, keep) : cutText(shown, keep);
  }
}
