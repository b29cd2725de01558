import { cutAtWord } from '../core/detached-text.ts';

/** UTF-16 units shown of one value: a notice stays one readable line. */
const MAX_SHOWN = 120;

export const HIDDEN = '[REDACTED]';

/**
 * A setting's value as a notice shows it. Texts are quoted and escaped, so that a value can't forge a line or drive a
 * terminal; what has parts is named by its shape only, since an object in the wrong place may well hold a token.
 */
export function valueText(value: unknown): string {
  try {
    return shown(value);
  } catch {
    // A revoked proxy throws at whatever is asked of it; its place still has to be filled.
    return '[unreadable]';
  }
}

function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'bigint':
      return `${String(value)}n`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[array of ${value.length}]` : '[object]';
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    default:
      return String(value);
  }
}

function quoted(text: string): string {
  // Credentials go first: a cut in the middle of them would leave their beginning.
  const safe = hideCredentials(text);
  const cut = cutAtWord(safe, MAX_SHOWN);
  // JSON escapes C0 only: DEL, C1, line separators and bidirectional marks are left to us.
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Hides the user part and the query of an address: both carry keys in practice. Works on malformed addresses too, which
 * are the ones that get shown, so it goes by the last `@` and the first `?` instead of by the URL's grammar.
 */
export function hideCredentials(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  const at = text.lastIndexOf('@');
  const query = text.indexOf('?');
  if (at !== -1) return query !== -1 ? `${scheme}${HIDDEN}` : `${scheme}${HIDDEN}${text.slice(at)}`;
  return query !== -1 && query < text.length - 1 ? `${text.slice(0, query)}?${HIDDEN}` : text;
}
