/**
 * What a field can hold once it has been read: OTLP's AnyValue, without a wire format.
 *
 * A `Value` is inert. It has no getters, no proxies, no cycles and no secrets left in it, so encoders, queues and
 * destinations need no defence of their own. Only `read-value.ts` makes Values out of what the application passes.
 */
export type Value = null | string | number | boolean | bigint | Uint8Array | ValueList | ValueMap;

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

/** True for integers that OTLP carries as `int_value` without loss; -0 is a double, so that its sign survives. */
export function isWireInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** The plain JavaScript form of a Value, for exporters that take objects: maps become prototype-free objects. */
export function toPlain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof ValueMap) {
    const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (let i = 0; i < value.keys.length; i++) plain[value.keys[i] as string] = toPlain(value.values[i] as Value);
    return plain;
  }
  return value;
}
