/**
 * What a field can hold once it has been read: OTLP's AnyValue, without a wire format.
 *
 * A `Value` is inert. It has no getters, no proxies, no cycles and no secrets left in it, so encoders, queues and
 * destinations need no defence of their own. Only `read-value.ts` makes Values out of what the application passes.
 */
export type Value = null | string | number | boolean | bigint | Uint8Array | ValueList | ValueMap | Varied;

export type ValueList = readonly Value[];

/**
 * Keys and values side by side, in insertion order.
 *
 * Not an object: a key may be `__proto__`, and two arrays cost less than a dictionary that is read once.
 */
export class ValueMap {
  readonly keys: string[] = [];
  readonly values: Value[] = [];

  get size(): number {
    return this.keys.length;
  }

  /** Appends; a key that is already there gets the new value, so keys stay unique (OTLP: AttributeCollection). */
  set(key: string, value: Value): void {
    const at = this.keys.indexOf(key);
    if (at === -1) {
      this.keys.push(key);
      this.values.push(value);
    } else {
      this.values[at] = value;
    }
  }

  get(key: string): Value | undefined {
    const at = this.keys.indexOf(key);
    return at === -1 ? undefined : this.values[at];
  }

  static from(entries: Iterable<readonly [string, Value]>): ValueMap {
    const map = new ValueMap();
    for (const [key, value] of entries) map.set(key, value);
    return map;
  }
}

/** In the place of a value that a view leaves out. */
export const DROPPED: unique symbol = Symbol('dropped');

/**
 * A value of which destinations show different things (`core/view`), already in the form that each of them shows: there
 * is nothing in it that no destination may see.
 *
 * It stands only where a field or the body of a record stands, never inside of another value: a map that holds one
 * becomes one itself (`liftVaried`). So an encoder asks `shownIn` once per field, and everything beneath is plain. Who
 * does not know of views gets `hidden`.
 */
export class Varied {
  /** By the index of the view. */
  readonly views: readonly (Value | typeof DROPPED)[];
  /** What may be shown to anyone. */
  readonly hidden: Value;

  constructor(views: readonly (Value | typeof DROPPED)[], hidden: Value) {
    this.views = views;
    this.hidden = hidden;
  }
}

/** True for integers that OTLP carries as `int_value` without loss; -0 is a double, so that its sign survives. */
export function isWireInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** The plain JavaScript form of a Value, for exporters that take objects: maps become prototype-free objects. */
export function toPlain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Varied) return toPlain(value.hidden);
  if (value instanceof ValueMap) {
    const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (let i = 0; i < value.keys.length; i++) plain[value.keys[i] as string] = toPlain(value.values[i] as Value);
    return plain;
  }
  return value;
}
