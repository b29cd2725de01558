/**
 * What may be seen of a value that is hidden, the most open first: all of it, its last characters, a keyed hash by which
 * equal values can be found, a mark that says its kind, nothing at all.
 */
export const DISCLOSURES = ['plain', 'partial', 'hash', 'mask', 'drop'] as const;

export type Disclosure = (typeof DISCLOSURES)[number];

/** What a destination may see of each data class; `*` stands for those that are not named. */
export type ClassPolicy = ReadonlyMap<string, Disclosure>;

/** The class of what `secret()` marks: no policy shows any of its characters. */
export const SECRET_CLASS = 'secret';

/** Of a class of which nothing is said, a mask is seen. */
export function disclosureOf(policy: ClassPolicy, name: string): Disclosure {
  const disclosure = policy.get(name) ?? policy.get('*') ?? 'mask';
  return name === SECRET_CLASS && showsSome(disclosure) ? 'mask' : disclosure;
}

/** Whether characters of the value are seen. */
export function showsSome(disclosure: Disclosure): boolean {
  return disclosure === 'plain' || disclosure === 'partial';
}

export function stricter(one: Disclosure, other: Disclosure): Disclosure {
  return DISCLOSURES.indexOf(one) > DISCLOSURES.indexOf(other) ? one : other;
}
