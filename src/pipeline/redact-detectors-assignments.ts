import type { KeyRules } from './redact-keys.ts';
import { keyEndings } from './redact-keys.ts';
import { endOfLine, looksEncoded } from './redact-detectors-web.ts';
import type { Scan } from './redact-scan.ts';
import { isDigit, isSpace, isWord } from './redact-scan.ts';

/**
 * Secrets that only their name gives away: `password=…`, `"api_key": "…"`, `\"token\":\"…\"`, YAML, env, shell flags, XML,
 * `setPassword("…")`. Found from the separator: what stands before it must be a key that hides, and only what stands
 * after it is replaced. All looks back are bounded, all looks forward are consumed, so the time is linear.
 */

const MAX_KEY = 64;
const MAX_GAP = 8;
const CACHED_KEYS = 1_024;
/**
 * Characters of a value that are looked at before it is known to be one. A value that is then hidden is consumed to its
 * end; without this bound, values that are looked at and left alone could be walked again and again.
 */
const JUDGED = 512;

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
  'sig signature key code auth hmac hash x-amz-signature x-amz-credential x-goog-signature x-goog-credential'.split(
    ' ',
  ),
);
/** What stands for a value where there is none, and the words an error message goes on with. */
const NO_VALUES: ReadonlySet<string> = new Set(
  (
    'null undefined none nil true false yes no on off empty missing required invalid expired incorrect wrong unset ' +
    'optional unknown failed error ok success rejected denied revoked unauthorized unexpected is are was were must ' +
    'should cannot can could does do did has have not too at in for from to of the a an and or with by on string ' +
    'number boolean object array function any never void new await typeof get set include omit same-origin redacted ' +
    'filtered hidden masked removed changed reset updated created deleted generated refreshed verified rotated sent ' +
    'length token password secret key bearer basic field header please your this that it will may but if when'
  ).split(' '),
);
const PLACEHOLDER =
  /^(?:\*+|•+|\.{3}|x{3,}|<[^<>]*>|\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_]\w*|\{\{[^}]*\}\}|%[A-Za-z_]\w*%|%[sdjo]|\[[\w: .*…-]*\])$/i;
/** A reference in source code rather than a value: a call, an index, a member of a well-known object. */
const CODE =
  /^(?:[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*[([]|(?:process|this|self|req|request|config|os|env|options|opts|params|args|props|ctx|settings|user|body|data|input|event)\.[\w.$]+[;,)]?$)/;
const DOUBTFUL_BEFORE =
  /(?:unexpected|invalid|expected|illegal|missing|unknown|bad|wrong|incorrect|unrecognized|next) $/i;
const CARD_LIKE = /[A-Za-z]{0,2}\d[\dA-Za-z]{0,40}(?:[ -][\dA-Za-z]{0,8}\d[\dA-Za-z]{0,8}){0,12}/y;
/** Kinds whose value is made of digits; in a text, a value without enough of them is something else. */
const DIGITS_WANTED: Readonly<Record<string, number>> = { card: 8, ssn: 7, iban: 8, cvv: 3, pin: 3, otp: 4 };

interface Key {
  readonly start: number;
  readonly kind: string;
  readonly name: string;
  /** True for names that count in the query of a URL only. */
  readonly query: boolean;
}

export class Assignments {
  readonly #rules: KeyRules;
  /** By the last three letters of a name, folded to five bits each: whether it is worth a closer look. */
  readonly #endings = new Uint8Array(32_768);
  readonly #kinds = new Map<string, string | undefined>();

  constructor(rules: KeyRules, userKeys: readonly string[]) {
    this.#rules = rules;
    const names = [...QUERY_NAMES, ...TYPE_NAMES, ...SPACED_NAMES, ...METHOD_NAMES].map((name) => name.slice(-3));
    for (const ending of [...keyEndings(userKeys), ...names]) {
      const letters = ending.padStart(3);
      // Of a name shorter than three letters, anything can stand before it.
      for (let first = 0; first < 32; first++) {
        if (ending.length >= 3 && first !== (letters.charCodeAt(0) & 31)) continue;
        this.#endings[endingSlot(first, letters.charCodeAt(1), letters.charCodeAt(2))] = 1;
      }
    }
  }

  /** `at` is a `=` or `:`. */
  detect(scan: Scan, at: number): number {
    const { codes } = scan;
    const equals = codes[at] === 61;
    // Of `:=`, `::=`, `==`, `=>` the last sign counts; `://` is no assignment.
    const next = codes[at + 1] as number;
    if (next === 61 || (!equals && (next === 58 || (next === 47 && codes[at + 2] === 47)))) return 0;
    const key = this.#keyBefore(scan, at);
    if (key === undefined) return 0;
    let from = at + 1;
    if (equals && codes[from] === 62) from++;
    return this.#hideValue(scan, key, from, equals ? 61 : 58);
  }

  /** `at` is a quote: `password "…"`, `setProperty("API_TOKEN", "…")`, `secret.assign("…")`, `setPassword("…")`. */
  detectQuoted(scan: Scan, at: number): number {
    const { codes } = scan;
    let before = at - 1;
    while (before > 0 && isSpace(codes[before] as number) && at - before < MAX_GAP) before--;
    const sign = codes[before] as number;
    if (sign === 44) {
      if (!isQuote(codes[before - 1] as number)) return 0;
      const key = this.#keyBefore(scan, before);
      return key === undefined || key.query ? 0 : this.#hideValue(scan, key, at, 61);
    }
    if (sign === 40) {
      if (before !== at - 1) return 0;
      const key = this.#keyBefore(scan, before);
      return key === undefined || key.query ? 0 : this.#hideValue(scan, key, at, 61);
    }
    if (before === at - 1 || !isWord(sign)) return 0;
    const key = this.#keyBefore(scan, before + 1);
    if (key === undefined || key.query) return 0;
    // `Unexpected token "x"` is prose; a name at the start of a line, or one in capitals or of several words, is not.
    const lead = codes[key.start - 1] ?? 10;
    const compound = /[a-z][A-Z]|[_-]|^[A-Z]{4,}$/.test(key.name);
    return compound || lead === 10 || lead === 123 || lead === 59 ? this.#hideValue(scan, key, at, 61) : 0;
  }

  /** `at` is the first dash of a shell flag: `--password x`, `-token x`, and curl's `-u user:password`. */
  detectFlag(scan: Scan, at: number): number {
    const { codes, text } = scan;
    let name = at + 1;
    if (codes[name] === 45) name++;
    let end = name;
    while (end - name < MAX_KEY && (isWord(codes[end] as number) || codes[end] === 45)) end++;
    if (end === name || !isSpace(codes[end] as number)) return 0;
    let from = end;
    while (isSpace(codes[from] as number)) from++;
    if (codes[from] === 45) return 0;
    if (isUserFlag(text.slice(name, end)) && namesHttpClient(text, at)) {
      const value = this.#valueAt(scan, from, 61);
      const shown = text.slice(value.start, value.end);
      if (isNoValue(shown)) return 0;
      if (!/^[^:/]*:./.test(shown) && !/^[^:/]{6,}:$/.test(shown)) return 0;
      return /^\d+:\d+$/.test(shown) ? 0 : scan.hide(value.start, value.end, 'authorization');
    }
    if (this.#endings[this.#slotBefore(scan, end)] === 0) return 0;
    const kind = this.#kindOf(text.slice(name, end));
    return kind === undefined
      ? 0
      : this.#hideValue(scan, { start: at, kind, name: text.slice(name, end), query: false }, from, 61);
  }

  /** `at` is the `>` of `<password>`; the value ends at the closing tag. */
  detectElement(scan: Scan, at: number): number {
    const { codes, text } = scan;
    if (this.#endings[this.#slotBefore(scan, at)] === 0) return 0;
    const start = nameStart(scan, at);
    if (start === at || codes[start - 1] !== 60) return 0;
    const kind = this.#kindOf(text.slice(start, at));
    if (kind === undefined) return 0;
    let from = at + 1;
    while (isSpace(codes[from] as number) || codes[from] === 10 || codes[from] === 13) from++;
    let end = from;
    while (end < scan.length && codes[end] !== 60 && codes[end] !== 62) end++;
    if (codes[end] !== 60 || codes[end + 1] !== 47) return 0;
    while (end > from && (codes[end - 1] as number) <= 32) end--;
    return end === from || isNoValue(text.slice(from, end)) ? 0 : scan.hide(from, end, kind);
  }

  /** The key that ends before the separator at `at`, when it is one that hides. */
  #keyBefore(scan: Scan, at: number): Key | undefined {
    const { codes, text } = scan;
    let end = at;
    const floor = Math.max(0, at - MAX_GAP);
    while (end > floor && isOperator(codes[end - 1] as number)) end--;
    if (codes[end - 1] === 93) {
      // `secret[25] = `, `secret[] = `
      const open = text.lastIndexOf('[', end);
      if (open !== -1 && end - open < MAX_GAP) end = open;
    }
    while (end > floor && (isQuote(codes[end - 1] as number) || codes[end - 1] === 92)) end--;
    if (end === 0 || this.#endings[this.#slotBefore(scan, end)] === 0) return undefined;
    let start = nameStart(scan, end);
    if (start === end) return undefined;
    let name = text.slice(start, end);
    if (TYPE_NAMES.has(name) && isSpace(codes[start - 1] ?? 0)) {
      end = start - 1;
      start = nameStart(scan, end);
      name = text.slice(start, end);
    }
    name = name.replace(METHODS, '');
    let kind = this.#kindOf(name);
    for (let words = 0; kind === undefined && words < 2 && SPACED_NAMES.has(name.toLowerCase()); words++) {
      if (!isSpace(codes[start - 1] ?? 0)) break;
      const previous = nameStart(scan, start - 1);
      kind = this.#kindOf(text.slice(previous, end));
      if (kind !== undefined) start = previous;
      else break;
    }
    if (kind !== undefined) return { start, kind, name, query: false };
    const lead = codes[start - 1] ?? 0;
    if (codes[at] === 61 && (lead === 63 || lead === 38) && QUERY_NAMES.has(name.toLowerCase())) {
      return { start, kind: 'url_secret', name, query: true };
    }
    return undefined;
  }

  /** The slot of the three letters before `end`, digits left out; 0 is no name's slot. */
  #slotBefore(scan: Scan, end: number): number {
    let last = end - 1;
    while (last > 0 && isDigit(scan.codes[last] as number)) last--;
    if (last < 1) return 0;
    const { codes } = scan;
    return endingSlot(codes[last - 2] ?? 0, codes[last - 1] as number, codes[last] as number);
  }

  #kindOf(name: string): string | undefined {
    const cached = this.#kinds.get(name);
    if (cached !== undefined || this.#kinds.has(name)) return cached;
    const kind = this.#rules.kindOf(name);
    if (this.#kinds.size < CACHED_KEYS) this.#kinds.set(name, kind);
    return kind;
  }

  #hideValue(scan: Scan, key: Key, from: number, sign: number): number {
    const { codes, text } = scan;
    const value = this.#valueAt(scan, from, sign);
    if (value.start >= value.end) return 0;
    const first = codes[value.start] as number;
    if (!value.quoted && (first === 123 || first === 91)) return redactedEnd(text, value.start);
    const { kind } = key;
    const wanted = DIGITS_WANTED[kind];
    if (wanted !== undefined) return hideDigits(scan, value.start, value.quoted ? value.end : 0, kind, wanted);
    if (kind === 'authorization' || kind === 'cookie') return hideHeader(scan, value, kind);
    const shown = text.slice(value.start, value.end);
    if (isNoValue(shown, value.quoted) || (key.query && !looksEncoded(shown))) return 0;
    if (!value.quoted && !this.#isPlainValue(scan, key, value, sign, shown)) return 0;
    if (
      value.quoted &&
      !looksEncoded(shown) &&
      DOUBTFUL_BEFORE.test(text.slice(Math.max(0, key.start - 14), key.start))
    ) {
      return 0;
    }
    return hideWhole(scan, value, kind);
  }

  /** Whether what follows without quotes is a value, and not code or the rest of a sentence. */
  #isPlainValue(scan: Scan, key: Key, value: Value, sign: number, shown: string): boolean {
    const { codes, text } = scan;
    if (CODE.test(shown) && (isSpace(codes[value.start - 1] as number) || shown.includes('.'))) return false;
    if (shown.replace(/\W+$/, '').toLowerCase() === key.name.toLowerCase()) return false;
    if (key.kind === 'connection_string') return false;
    // `PWD=/home/app` is the working directory.
    if (key.name === 'PWD' || key.name === 'OLDPWD') return first(shown) !== '/';
    if (sign === 61) return true;
    // After a colon and a space, a plain word is a sentence going on, unless the key starts its line as in YAML.
    if (key.kind === 'password' || key.kind === 'secret') {
      return !DOUBTFUL_BEFORE.test(text.slice(Math.max(0, key.start - 14), key.start));
    }
    return looksEncoded(shown) || shown.length >= 16 || (startsLine(scan, key.start) && !/^[a-z]+[.,;!]?$/.test(shown));
  }

  #valueAt(scan: Scan, from: number, sign: number): Value {
    const { codes } = scan;
    let start = from;
    while (isSpace(codes[start] as number)) start++;
    if (codes[start] === 64 && isQuote(codes[start + 1] as number)) start++;
    let escapes = 0;
    while (codes[start + escapes] === 92) escapes++;
    const quote = codes[start + escapes] as number;
    if (isQuote(quote)) {
      start += escapes + 1;
      return { start, end: closingQuote(scan, start, quote, escapes, JUDGED), quoted: true, quote, escapes };
    }
    // YAML: the value goes on to the end of its line.
    const yaml = sign === 58 && start > from && codes[start - 1] === 32 && isYamlKey(scan, from);
    const end = yaml ? endOfYaml(scan, start) : unquotedEnd(scan, start, JUDGED);
    return { start, end, quoted: false, quote: 0, escapes: 0 };
  }
}

interface Value {
  readonly start: number;
  /** At most `JUDGED` characters on; `wholeEnd` gives the true end. */
  readonly end: number;
  readonly quoted: boolean;
  readonly quote: number;
  readonly escapes: number;
}

/** Hides a value to its true end. */
function hideWhole(scan: Scan, value: Value, kind: string): number {
  let { end } = value;
  if (end - value.start >= JUDGED) {
    end = value.quoted
      ? closingQuote(scan, value.start, value.quote, value.escapes, Infinity)
      : Math.max(end, unquotedEnd(scan, value.start, Infinity));
  }
  return scan.hide(value.start, end, kind);
}

function endingSlot(a: number, b: number, c: number): number {
  return ((a & 31) << 10) | ((b & 31) << 5) | (c & 31);
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** The scheme of an `Authorization` value with the space after it. */
const SCHEME = /^[A-Za-z][\w-]* +(?=[^\s=:])/;

/** What may stand between a name and its `=`: spaces, and the first signs of `:=`, `?=`, `.=`, `+=`, `==`. */
function isOperator(code: number): boolean {
  return isSpace(code) || code === 58 || code === 63 || code === 46 || code === 43 || code === 61 || code === 33;
}

function nameStart(scan: Scan, end: number): number {
  const { codes } = scan;
  const floor = Math.max(0, end - MAX_KEY);
  let start = end;
  while (start > floor) {
    const code = codes[start - 1] as number;
    if (!isWord(code) && code !== 45 && code !== 46 && code !== 36) break;
    start--;
  }
  return start;
}

/** The closing quote with as many backslashes before it as the opening one had; else the end of the line. */
function closingQuote(scan: Scan, start: number, quote: number, escapes: number, limit: number): number {
  const { codes } = scan;
  const length = Math.min(scan.length, start + limit);
  let slashes = 0;
  for (let i = start; i < length; i++) {
    const code = codes[i] as number;
    if (code === 92) {
      slashes++;
      continue;
    }
    if (code === quote && (escapes === 0 ? slashes % 2 === 0 : slashes <= escapes)) {
      return i - (escapes === 0 ? 0 : slashes);
    }
    if (code === 10 || code === 13) return i;
    slashes = 0;
  }
  return length;
}

function unquotedEnd(scan: Scan, start: number, limit: number): number {
  const { codes } = scan;
  const length = Math.min(scan.length, start + limit);
  let i = start;
  for (; i < length; i++) {
    const code = codes[i] as number;
    if (code <= 32 || isQuote(code)) break;
    // `\n`, `\r`, `\t`, `\"` of a text inside a text.
    if (code === 92 && /[nrt"'\\]/.test(scan.text[i + 1] ?? '')) break;
    if ((code === 44 || code === 59 || code === 38) && separates(scan, i)) break;
  }
  // Closing brackets that were not opened inside belong to what surrounds the value.
  while (i > start && isCloser(codes[i - 1] as number) && !hasOpener(scan, start, i - 1)) i--;
  return i;
}

function isCloser(code: number): boolean {
  return code === 41 || code === 93 || code === 125;
}

function hasOpener(scan: Scan, start: number, closer: number): boolean {
  const code = scan.codes[closer];
  const opener = code === 41 ? 40 : code === 93 ? 91 : 123;
  for (let i = closer - 1; i >= start && closer - i < 256; i--) if (scan.codes[i] === opener) return true;
  return false;
}

/** Whether a comma, semicolon or ampersand ends the value: nothing, a space, or the next assignment follows it. */
function separates(scan: Scan, at: number): boolean {
  const { codes, length } = scan;
  let i = at + 1;
  if (i >= length || (codes[i] as number) <= 32 || isQuote(codes[i] as number) || isCloser(codes[i] as number)) {
    return true;
  }
  if (!isWord(codes[i] as number)) return false;
  const limit = Math.min(length, i + 40);
  while (i < limit && (isWord(codes[i] as number) || codes[i] === 45 || codes[i] === 46 || codes[i] === 32)) i++;
  return codes[i] === 61 || codes[i] === 58 || codes[i] === 91;
}

function startsLine(scan: Scan, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && (isSpace(scan.codes[i] as number) || scan.codes[i] === 45)) i--;
  return i < 0 || scan.codes[i] === 10;
}

/** Whether the colon before `from` ends a bare key at the start of its line. */
function isYamlKey(scan: Scan, from: number): boolean {
  const start = nameStart(scan, from - 1);
  return start < from - 1 && startsLine(scan, start);
}

function endOfYaml(scan: Scan, start: number): number {
  const word = unquotedEnd(scan, start, JUDGED);
  const line = endOfLine(scan, start, 0);
  const rest = scan.text.slice(word, Math.min(line, word + 200));
  // More keys on the same line: a log line, no YAML.
  return /[=:{}]/.test(rest) ? word : Math.max(word, line);
}

function hideDigits(scan: Scan, start: number, end: number, kind: string, wanted: number): number {
  CARD_LIKE.lastIndex = start;
  if (!CARD_LIKE.test(scan.text)) return 0;
  const last = end === 0 ? CARD_LIKE.lastIndex : Math.min(end, CARD_LIKE.lastIndex);
  let digits = 0;
  for (let i = start; i < last; i++) if (isDigit(scan.codes[i] as number)) digits++;
  return digits < wanted ? 0 : scan.hide(start, last, kind);
}

/** `Authorization: Bearer x`, `Cookie: a=b; c=d`: the scheme's parameters and all cookies belong to the value. */
function hideHeader(scan: Scan, value: Value, kind: string): number {
  const { text } = scan;
  const { start } = value;
  const shown = text.slice(start, value.quoted ? value.end : Math.min(endOfLine(scan, start, 0, 128), scan.length));
  const credentials = shown.replace(SCHEME, '');
  if (isNoValue(credentials, shown !== credentials)) return 0;
  if (value.quoted) return hideWhole(scan, value, kind);
  if (kind === 'cookie') return shown.includes('=') ? scan.hide(start, headerEnd(scan, start), kind) : 0;
  if (/^(?:digest|oauth|aws4-hmac|hawk|signature)\b/i.test(shown)) {
    return scan.hide(start, headerEnd(scan, start), kind);
  }
  const scheme = SCHEME.exec(shown)?.[0].length ?? 0;
  const end = unquotedEnd(scan, start + scheme, Infinity);
  // `Authorization: required`, `authorization: ok` tell no credential.
  return /[\d=:~/+]|[A-Z]{2}|[a-z][A-Z]/.test(text.slice(start, end)) ? scan.hide(start, end, kind) : 0;
}

function headerEnd(scan: Scan, start: number): number {
  const { codes } = scan;
  const line = endOfLine(scan, start, 0);
  for (let i = start; i < line; i++) {
    const quote = codes[i] as number;
    // A quote that closes what the header stands in, not one of a parameter (`realm="x"`).
    if (isQuote(quote) && codes[i - 1] !== 61 && !(i > start && insideParameter(scan, start, i))) return i;
  }
  return line;
}

function insideParameter(scan: Scan, start: number, at: number): boolean {
  for (let i = at - 1; i > start && at - i < 256; i--) {
    if (scan.codes[i] === scan.codes[at]) return scan.codes[i - 1] === 61;
  }
  return false;
}

/** `whole` values (in quotes) are judged as a whole; without quotes, the first word tells whether a sentence goes on. */
function isNoValue(value: string, whole = false): boolean {
  if (value === '' || PLACEHOLDER.test(value)) return true;
  const word = value.replace(/[^\p{L}\p{N}_-]+$/u, '').toLowerCase();
  // `PasswordAuthentication=0`: a switch, no secret of one digit.
  if (word === '0' || word === '1') return true;
  return NO_VALUES.has(whole ? word : (word.split(' ')[0] as string));
}

/** After a mark that is already there, so that redacting twice changes nothing. */
function redactedEnd(text: string, at: number): number {
  if (!text.startsWith('[REDACTED', at)) return 0;
  const end = text.indexOf(']', at);
  return end === -1 ? 0 : end + 1;
}

function isUserFlag(name: string): boolean {
  return name === 'u' || name === 'user' || name === 'proxy-user' || name === 'U';
}

function namesHttpClient(text: string, before: number): boolean {
  return /\b(?:curl|wget|http|https)\b/.test(text.slice(Math.max(0, before - 256), before));
}

function first(text: string): string {
  return text.slice(0, 1);
}
