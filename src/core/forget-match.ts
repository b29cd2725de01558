const ANYTHING = /(?:)/;

/**
 * V8 keeps the text that a regular expression matched last, and anybody can read it (`RegExp.input`, `RegExp.lastMatch`):
 * after a secret was looked at, it gets another text to keep.
 */
export function forgetMatch(): void {
  ANYTHING.test('');
}
