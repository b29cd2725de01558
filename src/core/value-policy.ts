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
  /** What stands in place of a value that `kind` hides; `value` is unread and may be anything. */
  hide(kind: string, value: unknown): Value;
  /**
   * Judges a place in the record by its keys from the root, array positions as decimal strings; the kind to hide it
   * under, or `undefined`. Absent when no path rules exist, so that no path is kept while reading.
   */
  path?(path: readonly string[]): string | undefined;
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
  return `[REDACTED:${kind}]`;
}
