import { keyEndings } from './keys.ts';
import type { KeyRules } from './keys.ts';
import type { Scan } from './scan.ts';
import { isDigit, isSpace, isWord, OTHER } from './scan.ts';

/**
 * Finds the name that stands before a separator in a text, and says whether it hides what follows. Looks back a bounded
 * way; three letters decide whether it looks at all, since most names in a text hide nothing.
 */

const MAX_KEY = 64;
const MAX_GAP = 8;
const MAX_INDEX = 40;
const CACHED_NAMES = 1_024;

/** Between a name and its `=` in typed languages: `var token string = "…"`. */
const TYPE_NAMES: ReadonlySet<string> = new Set(['string', 'String', 'str', 'char', 'text', 'varchar', 'auto', 'byte']);
const METHOD_NAMES = [
  'assign',
  'equals',
  'set',
  'append',
  'compare',
  'compareTo',
  'equalsIgnoreCase',
  'push',
  'concat',
];
const METHODS = new RegExp(`\\.(?:${METHOD_NAMES.join('|')})$`);
/** Second words of names that people write with a space: `api key: …`, `card number 4111…`. */
const SPACED_NAMES: ReadonlySet<string> = new Set(
  'key keys number no num string code id phrase cookie secret token'.split(' '),
);
/** Names that are secret in the query of a URL only (signatures of presigned URLs, OAuth codes). */
const QUERY_NAMES: ReadonlySet<string> = new Set(
  'sig signature key code auth hmac hash sid ticket samlresponse client_assertion x-amz-signature x-amz-credential x-goog-signature x-goog-credential'.split(
    ' ',
  ),
);
/** `"name": "API_TOKEN", ` before a `"value"`: form fields, container environments, .NET settings. */
const PAIR_NAME =
  /\b(?:key|name)\\{0,4}["']?\s{0,4}[:=]\s{0,4}\\{0,4}["']?([\w.$-]{1,64})\\{0,4}["']?\s{0,40}[,;]?\s{0,40}\\{0,4}["']?$/i;
const PAIR_REACH = 160;

export interface Key {
  readonly start: number;
  readonly kind: string;
  readonly name: string;
  /** True for names that are often harmless, so that only a value that looks encoded is hidden. */
  readonly query: boolean;
}

export class KeyLookup {
  readonly #rules: KeyRules;
  /** By the last three letters of a name, folded to five bits each: whether it is worth a closer look. */
  readonly #endings = new Uint8Array(32_768);
  readonly #kinds = new Map<string, string | undefined>();

  constructor(rules: KeyRules, userKeys: readonly string[]) {
    this.#rules = rules;
    const names = [...QUERY_NAMES, ...TYPE_NAMES, ...SPACED_NAMES, ...METHOD_NAMES, 'kind', 'value'];
    for (const ending of [...keyEndings(userKeys), ...names.map((name) => name.slice(-3))]) {
      const letters = ending.padStart(3);
      // Of a name shorter than three letters, anything can stand before it.
      for (let first = 0; first < 32; first++) {
        if (ending.length >= 3 && first !== fold(letters.charCodeAt(0))) continue;
        this.#endings[endingSlot(first, letters.charCodeAt(1), letters.charCodeAt(2))] = 1;
      }
    }
  }

  /** Whether a name that ends before `end` is worth a closer look. */
  likely(scan: Scan, end: number): boolean {
    const { codes } = scan;
    let last = end - 1;
    while (last > 0 && isDigit(codes[last] as number)) last--;
    if (last < 1) return false;
    return this.#endings[endingSlot(codes[last - 2] ?? 0, codes[last - 1] as number, codes[last] as number)] === 1;
  }

  /** The key that ends before the separator at `at`, when it is one that hides. */
  before(scan: Scan, at: number): Key | undefined {
    const { codes, text } = scan;
    let end = at;
    const floor = Math.max(0, at - MAX_GAP);
    while (end > floor && isOperator(codes[end - 1] as number)) end--;
    if (codes[end - 1] === 93) end = beforeIndex(scan, end);
    while (end > floor && (isQuote(codes[end - 1] as number) || codes[end - 1] === 92)) end--;
    if (end <= 0 || !this.likely(scan, end)) return undefined;
    let start = nameStart(scan, end);
    if (start === end) return undefined;
    let name = text.slice(start, end);
    if (TYPE_NAMES.has(name) && isTypeLead(codes[start - 1] ?? 0)) {
      end = start - 1;
      while (end > floor - MAX_GAP && end > 0 && isTypeLead(codes[end - 1] as number)) end--;
      start = nameStart(scan, end);
      name = text.slice(start, end);
    }
    // `-Dhmac_key=…` sets a property of the Java virtual machine.
    if (name.startsWith('-D')) name = name.slice(2);
    name = name.replace(METHODS, '');
    const kind = this.kindOf(name);
    if (kind !== undefined) return { start, kind, name, query: false };
    return this.#named(scan, start, end, name, codes[at] === 61);
  }

  /** Names that only what stands before them makes a key: a first word, a `name` beside a `value`, a `?` or `&`. */
  #named(scan: Scan, start: number, end: number, name: string, equals: boolean): Key | undefined {
    const { codes, text } = scan;
    const lower = name.toLowerCase();
    const lead = codes[start - 1] ?? 0;
    if (isSpace(lead) && SPACED_NAMES.has(lower)) {
      const first = nameStart(scan, start - 1);
      const kind = this.kindOf(text.slice(first, end));
      return kind === undefined ? undefined : { start: first, kind, name: text.slice(first, end), query: false };
    }
    if (lower === 'value') {
      const pair = PAIR_NAME.exec(text.slice(Math.max(0, start - PAIR_REACH), start))?.[1];
      const kind = pair === undefined ? undefined : this.kindOf(pair);
      return kind === undefined ? undefined : { start, kind, name: pair as string, query: false };
    }
    // `"auth": "<base64>"` of Docker, `_auth=` of npm; many things are named so that are no secret.
    if (lower === 'auth' || lower === '_auth') return { start, kind: 'credentials', name, query: true };
    const query =
      equals && (lead === 63 || lead === 38 || lead === 35 || isEntity(scan, start)) && QUERY_NAMES.has(lower);
    return query ? { start, kind: 'url_secret', name, query } : undefined;
  }

  kindOf(name: string): string | undefined {
    const cached = this.#kinds.get(name);
    if (cached !== undefined || this.#kinds.has(name)) return cached;
    const kind = this.#rules.kindOf(name);
    if (this.#kinds.size < CACHED_NAMES) this.#kinds.set(name, kind);
    return kind;
  }
}

/** Of `secret[25]` and `secret[]` the end of the name; of `user[password]` the end of the inner one; 0 for a mark. */
function beforeIndex(scan: Scan, end: number): number {
  const { codes } = scan;
  let open = end - 2;
  const floor = Math.max(0, end - MAX_INDEX);
  while (open > floor && codes[open] !== 91) open--;
  if (codes[open] !== 91) return end;
  // What is hidden already is no name.
  if (scan.text.startsWith('[REDACTED', open)) return 0;
  const first = codes[open + 1] as number;
  return isDigit(first) || open + 1 === end - 1 ? open : end - 1;
}

/** Where the name that ends before `end` starts: words, dots, dashes and dollar signs. */
export function nameStart(scan: Scan, end: number): number {
  const { codes } = scan;
  const floor = Math.max(0, end - MAX_KEY);
  let start = end;
  while (start > floor) {
    const code = codes[start - 1] as number;
    if (!isWord(code) && code !== 45 && code !== 46 && code !== 36) break;
    start--;
  }
  // Of `\npassword=` in a text inside of a text, the `n` is no part of the name.
  if (start > 0 && codes[start - 1] === 92 && start < end - 1 && isEscapeLetter(codes[start] as number)) start++;
  return start;
}

/** Whether `&amp;` stands before `at`, as in the URLs of HTML. */
function isEntity(scan: Scan, at: number): boolean {
  return scan.codes[at - 1] === 59 && scan.text.startsWith('&amp', at - 5);
}

/** Of the escapes `\n`, `\r`, `\t`. */
export function isEscapeLetter(code: number): boolean {
  return code === 110 || code === 114 || code === 116;
}

export function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** What may stand between a name and its `=`: spaces, and the first signs of `:=`, `?=`, `.=`, `+=`, `==`, `||=`. */
function isOperator(code: number): boolean {
  return (
    isSpace(code) ||
    code === 58 ||
    code === 63 ||
    code === 46 ||
    code === 43 ||
    code === 61 ||
    code === 33 ||
    code === 124
  );
}

/** Between a name and its type: `token string`, `token: string`, `token: &str`. */
function isTypeLead(code: number): boolean {
  return isSpace(code) || code === 58 || code === 38 || code === 63;
}

function endingSlot(a: number, b: number, c: number): number {
  return (fold(a) << 10) | (fold(b) << 5) | fold(c);
}

/** Upper and lower case are one; letters beyond ASCII are all the same. */
function fold(code: number): number {
  return code < OTHER ? code & 31 : 0;
}
