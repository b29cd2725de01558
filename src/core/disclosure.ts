/**
 * What may be seen of a value that is hidden, the most open first: all of it, its last characters, a keyed hash by which
 * equal values can be found, a mark that says its kind, nothing.
 */
export const DISCLOSURES = ['plain', 'partial', 'hash', 'mark', 'drop'] as const;

export type Disclosure = (typeof DISCLOSURES)[number];

/** What a destination may see of each data class; `*` stands for those that are not named. A mark, where nothing is said. */
export type ClassPolicy = ReadonlyMap<string, Disclosure>;

export const ANY_CLASS = '*';

export function disclosureOf(policy: ClassPolicy, name: string): Disclosure {
  return policy.get(name) ?? policy.get(ANY_CLASS) ?? 'mark';
}

export function stricter(one: Disclosure, other: Disclosure): Disclosure {
  return DISCLOSURES.indexOf(one) > DISCLOSURES.indexOf(other) ? one : other;
}
