import type { Value } from './value.ts';

/**
 * What may be shown, asked while a value is read and before anything is kept.
 *
 * `read-value.ts` calls this for every key and every text it meets, at any depth, so that nothing unredacted can reach
 * a buffer. An implementation must not throw: what it can't judge it hides (fail closed).
 */
export interface ValuePolicy {
  /** Judges a key once; the answer is cached by the implementation. */
  key(name: string): KeyVerdict;
  /** Any text: field values, message bodies, error messages, stacks, URLs. Returns it as it may be shown. */
  text(text: string): string;
  /**
   * What stands in place of a value that `kind` hides; `value` is unread and may be anything. `kind` is that of a key or a
   * place, or a data class, as `classKind` writes it; a value that is marked brings its class along.
   *
   * @param disclose reads what a destination may see of a classified value; without it none sees any of it
   */
  hide(kind: string, value: unknown, disclose?: Disclose): Value;
  /**
   * Judges a place in the record by its keys from the root, array positions as decimal strings; the kind to hide it
   * under, or `undefined`. Absent when no path rules exist, so that no path is kept while reading.
   */
  path?(path: readonly string[]): string | undefined;
}

/** Reads a value by the rules of `policy`, in the place of the value that is hidden. */
export type Disclose = (value: unknown, policy: ValuePolicy) => Value;

const CLASS_PREFIX = 'class:';

/**
 * A data class in the place of a kind: what destinations show of it is theirs to say. A kind that a key rule names is
 * never shown, whatever it is called; it counts beside the class when it is given as `byKey`.
 */
export function classKind(name: string, byKey = ''): string {
  return `${CLASS_PREFIX}${byKey}:${name}`;
}

/** The class that `classKind` made a kind of, or `undefined` for any other kind. */
export function classOfKind(kind: string): string | undefined {
  return kind.startsWith(CLASS_PREFIX) ? kind.slice(kind.indexOf(':', CLASS_PREFIX.length) + 1) : undefined;
}

/** The kind of the key that `classKind` was given besides the class; of any other kind, that kind. */
export function keyOfKind(kind: string): string | undefined {
  if (!kind.startsWith(CLASS_PREFIX)) return kind;
  return kind.slice(CLASS_PREFIX.length, kind.indexOf(':', CLASS_PREFIX.length)) || undefined;
}

export interface KeyVerdict {
  /** The key as it may be shown; keys can carry secrets too. Well-formed: no encoding tells lone surrogates apart. */
  readonly shown: string;
  /** The kind under which everything below this key is hidden, or `undefined` when its value may be read. */
  readonly hides: string | undefined;
}

/** Shows everything as it is, for tests and for `redact: false`. */
export const SHOW_ALL: ValuePolicy = {
  key: (name) => ({ shown: name.toWellFormed(), hides: undefined }),
  text: (text) => text,
  hide: (kind) => redactedMark(kind),
};

/** `[REDACTED:card]`: what a reader sees instead of the value. */
export function redactedMark(kind: string): string {
  return `[REDACTED:${classOfKind(kind) ?? kind}]`;
}
