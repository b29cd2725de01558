const ANYTHING = /(?:)/;

/**
 * V8 keeps the text that a regular expression matched last, and anybody can read it (`RegExp.input`, `RegExp.lastMatch`):
 * after a secret was looked at, it gets another text to keep.
 */
export function forgetMatch(): void {
  try {
    ANYTHING.test('');
  } catch {
    // Somebody has replaced what all regular expressions run on; this is called where nothing may throw.
  }
}
