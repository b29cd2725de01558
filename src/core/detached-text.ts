/**
 * A copy of `text` that shares no memory with another string. V8 keeps a slice as a pointer into the whole: what was cut
 * off or hidden would stay in memory for as long as the rest is kept (R4.4).
 */
export function detachedText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** What ends at a cut: a word, and groups of digits before it, which can be one number. */
const LAST_WORDS = /(?:[\s,;][\d().+-]*)*[^\s,;]*$/;

/**
 * At most `length` UTF-16 units of a text that is redacted later, by who can't see what was cut off: what stands at the cut
 * could be half a secret, which no rule knows, and is left out.
 */
export function cutAtWord(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(LAST_WORDS, '')}…`;
}

/** The first `length` UTF-16 units, one less where the cut would split a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return detachedText(text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length));
}
