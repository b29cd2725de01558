/**
 * Reading what the application passes as options. It may be anything, a proxy that throws included, and start-up must
 * not fail for it: each property is read once, here, and a copy is used from then on.
 */

/** Own properties read of one object; no set of options has more. */
const MAX_PROPERTIES = 10_000;

export interface ForeignObject {
  /** What is there; `undefined` counts as not given. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Keys whose reading threw. */
  readonly unreadable: readonly string[];
}

/** The own enumerable properties of an object; `undefined` for anything else, and for an object that can't be read. */
export function readObject(value: unknown): ForeignObject | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const values = new Map<string, unknown>();
  const unreadable: string[] = [];
  try {
    if (Array.isArray(value)) return undefined;
    for (const key of Object.keys(value).slice(0, MAX_PROPERTIES)) {
      try {
        const read = (value as Record<string, unknown>)[key];
        if (read !== undefined) values.set(key, read);
      } catch {
        unreadable.push(key);
      }
    }
  } catch {
    return undefined;
  }
  return { values, unreadable };
}

/** A copy of an array; `undefined` for anything else, and for an array that can't be read. */
export function readArray(value: unknown): readonly unknown[] | undefined {
  try {
    return Array.isArray(value) ? Array.from(value.slice(0, MAX_PROPERTIES)) : undefined;
  } catch {
    return undefined;
  }
}

/** One property of an object, or `undefined` where there is none or reading it throws. */
export function readProperty(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** `instanceof`, which throws on a revoked proxy. */
export function isRegExp(value: unknown): value is RegExp {
  try {
    return value instanceof RegExp;
  } catch {
    return false;
  }
}
