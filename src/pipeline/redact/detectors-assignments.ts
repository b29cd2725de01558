import { isQuote, KeyLookup, nameStart } from './key-lookup.ts';
import type { Key } from './key-lookup.ts';
import type { KeyRules } from './keys.ts';
import { isNoValue } from './no-value.ts';
import type { Scan } from './scan.ts';
import { isSpace, isWord } from './scan.ts';
import { looksEncoded } from './detectors-web.ts';
import { hideValue, valueAt } from './values.ts';

/**
 * Secrets that only their name gives away: `password=…`, `"api_key": "…"`, `\"token\":\"…\"`, YAML, env, shell flags, XML,
 * `setPassword("…")`. Found from the separator: what stands before it must be a key that hides, and only what stands
 * after it is replaced. All looks back are bounded, all looks forward are bounded or consumed, so the time is linear.
 */

const MAX_FLAG = 64;
const MAX_GAP = 8;
/** How far before `-u user:password` the command may stand. */
const COMMAND_REACH = 256;
/** How far after `kind: Secret` its data may start. */
const MANIFEST_REACH = 1_000;
/** One-letter flags that take a password, by the commands that have them. */
const PASSWORD_FLAGS: Readonly<Record<string, RegExp | undefined>> = {
  p: /\b(?:sshpass|(?:docker|podman|helm registry|az) login)\b/,
  a: /\bredis-cli\b/,
  P: /\bsqlcmd\b/,
  w: /\bldap(?:search|modify|add|whoami)\b/,
};
/** `IDENTIFIED BY '…'` of SQL, with what may stand between. */
const IDENTIFIED_BY = /identified\s+(?:with\s+\S{1,40}\s+)?(?:by|as)\s+$/i;
const IDENTIFIED_REACH = 80;
const IDENTIFIED: Key = { start: 0, kind: 'password', name: 'identified by', query: false };
/** What no name looks like: a scheme with its credentials, or letters and digits in a long row. */
const NO_NAME =
  /^(?:(?:bearer|basic|token|digest|negotiate) \S{6}|(?=[^\d]*\d)(?=[^a-z]*[a-z])\S{16,}$|[A-Za-z0-9+/_-]{32,}={0,2}$)/i;
/** Names that only headers have; then anything but letters and dashes is a value. */
const HEADER_NAME = /^(?:x-|(?:proxy-)?authorization$|(?:set-)?cookie$)/i;
const ALSO_A_NAME = /^[A-Za-z-]*$/;
/** To the `%26` before the next parameter, or to what no encoded text holds. */
const ENCODED_VALUE = /(?:[\w.~*+-]|%(?!26)[\dA-Fa-f]{2})+/y;
/** No word and no sign of a language. */
const TOKEN_LIKE = /^\w*\d|^\w{8}/;
const COOKIE_PAIR = /^[^"'`]*=/;
const SPACE = 32;
const BACKSLASH = 92;
const BAR = 124;
const QUESTION = 63;
const EQUALS = 61;
const COLON = 58;

export class Assignments {
  readonly #keys: KeyLookup;

  constructor(rules: KeyRules, userKeys: readonly string[]) {
    this.#keys = new KeyLookup(rules, userKeys);
  }

  /** `at` is a `=` or `:`. */
  detect(scan: Scan, at: number): number {
    const { codes } = scan;
    const sign = codes[at] as number;
    // Of `:=`, `::=`, `==`, `=>` the last sign counts.
    const next = codes[at + 1] as number;
    if (next === EQUALS || (sign === COLON && next === COLON)) return 0;
    const key = this.#keys.before(scan, at);
    if (key === undefined) return sign === COLON ? detectManifest(scan, at) : 0;
    // `log('password:', value)`: the quote ends a text, it does not start one.
    const quote = next === SPACE ? at + 2 : at + 1;
    if (isQuote(codes[quote] as number) && !isQuote(codes[at - 1] as number) && endsText(codes[quote + 1] as number)) {
      return 0;
    }
    const from = sign === EQUALS && next === 62 ? at + 2 : at + 1;
    const lead = codes[at - 1] as number;
    // `token?: Type` declares a member.
    if (sign === COLON && lead === QUESTION) return 0;
    // A comparison with something that has no quotes is source code, and so is `token ||= fetch`.
    if (sign === EQUALS && (isComparison(lead) || lead === BAR) && !valueAt(scan, from, sign).quoted) return 0;
    // An arrow function: `token => token.value`.
    if (from === at + 2 && isArrow(scan, from)) return 0;
    return hideValue(scan, key, from, sign);
  }

  /** `ENV API_TOKEN x` of a Dockerfile, as build logs show it; `at` is the `E`. */
  detectEnv(scan: Scan, at: number): number {
    const { codes, text } = scan;
    const start = at + 4;
    let end = start;
    while (end - start < MAX_FLAG && isWord(codes[end] as number)) end++;
    const name = text.slice(start, end);
    const kind = codes[end] === SPACE && this.#keys.likely(scan, end) ? this.#keys.kindOf(name) : undefined;
    return kind === undefined ? 0 : hideValue(scan, { start, kind, name, query: false }, end, EQUALS);
  }

  /** `at` is the percent sign of `%3D` or `%3A`: an assignment in a URL inside of a URL. */
  detectEncoded(scan: Scan, at: number): number {
    const { codes, text } = scan;
    if (((codes[at + 2] as number) | 32) !== 100 || !this.#keys.likely(scan, at)) return 0;
    const key = this.#keys.before(scan, at);
    if (key === undefined) return 0;
    ENCODED_VALUE.lastIndex = at + 3;
    const value = ENCODED_VALUE.exec(text)?.[0] ?? '';
    if (value === '' || isNoValue(value) || !looksEncoded(value)) return 0;
    return scan.hide(at + 3, at + 3 + value.length, key.kind);
  }

  /** `at` is a quote: `password "…"`, `setProperty("API_TOKEN", "…")`, `secret.assign("…")`, `setPassword("…")`. */
  detectQuoted(scan: Scan, at: number): number {
    const { codes, text } = scan;
    if (isIdentifiedBy(scan, at)) return hideValue(scan, IDENTIFIED, at, EQUALS);
    let before = at - 1;
    while (before > 0 && isSpace(codes[before] as number) && at - before < MAX_GAP) before--;
    const sign = codes[before] as number;
    const isArgument = sign === 44 && isQuote(codes[before - 1] as number);
    const isCall = sign === 40 && before === at - 1;
    const isBare = before < at - 1 && isWord(sign);
    if (!isArgument && !isCall && !isBare) return 0;
    const key = this.#keys.before(scan, isBare ? before + 1 : before);
    if (key === undefined || key.query || (isBare && key.name === 'Pass')) return 0;
    const lead = codes[key.start - 1] ?? 10;
    // Of two arguments, the first must be the call's first: in `{"type":"token","a":1}` nothing is named.
    if (isArgument && !(isQuote(lead) && codes[key.start - 2] === 40)) return this.#detectPair(scan, key, at);
    const after = codes[at + 1] as number;
    // `'… INVALID_PASSWORD ' +`: this quote ends a text.
    if (isBare && (after === SPACE || endsText(after))) return 0;
    // `context.token("(")` of a parser.
    // `cookie("sid", …)` names one.
    if (isCall && key.kind === 'cookie' && !COOKIE_PAIR.test(text.slice(at + 1, at + 1 + MAX_FLAG))) return 0;
    if (isCall && key.kind === 'token' && !TOKEN_LIKE.test(text.slice(at + 1, at + 1 + MAX_GAP))) return 0;
    // `Unexpected token "x"` is prose; a name at the start of a line, or one in capitals or of several words, is not.
    if (isBare && !/[a-z][A-Z]|[_-]|^[A-Z]{4,}$/.test(key.name) && lead !== 10 && lead !== 123 && lead !== 59) {
      const { start, end } = valueAt(scan, at, EQUALS);
      if (key.kind !== 'password' || !looksEncoded(text.slice(start, end))) return 0;
    }
    return hideValue(scan, key, at, EQUALS);
  }

  /**
   * `["authorization","Bearer …"]`, and raw headers in one list. A list of names looks alike (`["password","email"]`), so
   * the value must be one that no name looks like.
   */
  #detectPair(scan: Scan, key: Key, at: number): number {
    const { codes, text } = scan;
    const lead = key.start - 1;
    if (!isQuote(codes[lead] ?? 0)) return 0;
    let open = lead - 1;
    while (codes[open] === BACKSLASH || isSpace(codes[open] ?? 0)) open--;
    if (codes[open] !== 91 && codes[open] !== 44) return 0;
    const value = valueAt(scan, at, EQUALS);
    const shown = text.slice(value.start, value.end);
    const isValue = NO_NAME.test(shown) || (HEADER_NAME.test(key.name) && !ALSO_A_NAME.test(shown));
    return isValue ? hideValue(scan, key, at, EQUALS) : 0;
  }

  /** `at` is the first dash of a shell flag: `--password x`, `-token x`, and curl's `-u user:password`. */
  detectFlag(scan: Scan, at: number): number {
    const { codes, text } = scan;
    const start = codes[at + 1] === 45 ? at + 2 : at + 1;
    let end = start;
    while (end - start < MAX_FLAG && (isWord(codes[end] as number) || codes[end] === 45)) end++;
    if (end === start) return 0;
    if (codes[start] === 112 && end > start + 1 && isMysql(scan, at)) {
      return hideValue(scan, { start: at, kind: 'password', name: 'p', query: false }, start + 1, EQUALS);
    }
    if (codes[end] === EQUALS && isUserFlag(text.slice(start, end))) return hideUserFlag(scan, at, end + 1);
    if (!isSpace(codes[end] as number)) return 0;
    let from = end;
    while (isSpace(codes[from] as number)) from++;
    if (codes[from] === 45) return 0;
    const name = text.slice(start, end);
    if (isUserFlag(name)) return hideUserFlag(scan, at, from);
    if (name === 'b' && /\bcurl\b/.test(text.slice(Math.max(0, at - COMMAND_REACH), at))) {
      return hideValue(scan, { start: at, kind: 'cookie', name, query: false }, from, EQUALS);
    }
    const command = PASSWORD_FLAGS[name];
    if (command?.test(text.slice(Math.max(0, at - COMMAND_REACH), at)) === true) {
      return hideValue(scan, { start: at, kind: 'password', name, query: false }, from, EQUALS);
    }
    const kind = this.#keys.likely(scan, end) ? this.#keys.kindOf(name) : undefined;
    return kind === undefined ? 0 : hideValue(scan, { start: at, kind, name, query: false }, from, EQUALS);
  }

  /** `at` is the `>` of `password -> x`, which is a value only where it looks like one. */
  detectArrow(scan: Scan, at: number): number {
    const { codes, text } = scan;
    let end = at - 1;
    while (end > 0 && isSpace(codes[end - 1] as number) && at - end < MAX_GAP) end--;
    if (end === at - 1 || !this.#keys.likely(scan, end)) return 0;
    const key = this.#keys.before(scan, end);
    if (key === undefined || key.query) return 0;
    const { start, end: valueEnd } = valueAt(scan, at + 1, EQUALS);
    return looksEncoded(text.slice(start, valueEnd)) ? hideValue(scan, key, at + 1, EQUALS) : 0;
  }

  /** `at` is the `>` of `<password>`; the value ends at the closing tag. */
  detectElement(scan: Scan, at: number): number {
    const { codes, text } = scan;
    if (!this.#keys.likely(scan, at)) return 0;
    const start = nameStart(scan, at);
    if (start === at || codes[start - 1] !== 60) return 0;
    const kind = this.#keys.kindOf(text.slice(start, at));
    if (kind === undefined) return 0;
    let from = at + 1;
    while (isSpace(codes[from] as number) || codes[from] === 10 || codes[from] === 13) from++;
    let end = from;
    while (end < scan.length && codes[end] !== 60 && codes[end] !== 62) end++;
    if (codes[end] !== 60 || codes[end + 1] !== 47) return 0;
    while (end > from && (codes[end - 1] as number) <= 32) end--;
    return end === from || isNoValue(text.slice(from, end)) ? 0 : scan.hide(from, end, kind);
  }
}

/** Whether `IDENTIFIED BY ` stands before the quote at `at`. */
function isIdentifiedBy(scan: Scan, at: number): boolean {
  const { codes, text } = scan;
  if (codes[at - 1] !== 32 || ((codes[at - 2] ?? 0) | 32) > 121 || ((codes[at - 2] ?? 0) | 32) < 115) return false;
  return IDENTIFIED_BY.test(text.slice(Math.max(0, at - IDENTIFIED_REACH), at));
}

/** What can only follow a closing quote: the next argument, or the end of the call. */
function endsText(code: number): boolean {
  return code === 44 || code === 41 || code === 59 || code === 0;
}

/** Whether what follows `=>` is the body of a function rather than the value of a pair. */
function isArrow(scan: Scan, from: number): boolean {
  const { start, end, quoted } = valueAt(scan, from, EQUALS);
  return (
    !quoted && !looksEncoded(scan.text.slice(start, end)) && /^[\w$]*[.!([]|^\w+$/.test(scan.text.slice(start, end))
  );
}

function isComparison(code: number): boolean {
  return code === EQUALS || code === 33 || code === 60 || code === 62;
}

/** `mysql -u root -p<password>`; `--port` and the like start with two dashes. */
function isMysql(scan: Scan, at: number): boolean {
  if (scan.codes[at + 1] !== 112) return false;
  return /\b(?:mysql|mysqldump|mysqladmin|mariadb)\b/.test(scan.text.slice(Math.max(0, at - COMMAND_REACH), at));
}

function isUserFlag(name: string): boolean {
  return name === 'u' || name === 'user' || name === 'proxy-user' || name === 'U';
}

/** `curl -u user:password`; the flag means something else to other commands (`docker run -u 1000:1000`). */
function hideUserFlag(scan: Scan, at: number, from: number): number {
  const { text } = scan;
  if (!/\b(?:curl|wget|http|https)\b/.test(text.slice(Math.max(0, at - COMMAND_REACH), at))) return 0;
  const { start, end } = valueAt(scan, from, EQUALS);
  const shown = text.slice(start, end);
  const colon = shown.indexOf(':');
  if (colon === -1 || shown.startsWith('//', colon + 1) || isNoValue(shown)) return 0;
  const password = shown.slice(colon + 1);
  // Without a password, curl asks for it; a long user with none is a key (`-u sk_live_…:`).
  if (password === '' ? colon < 6 : isNoValue(password)) return 0;
  return scan.hide(start, end, 'authorization');
}

/**
 * The data of a Kubernetes Secret in YAML: `kind: Secret`, then `data:` or `stringData:` with one value on each line;
 * `at` is the colon after `kind`. The values have names of their own, which need not sound secret.
 */
function detectManifest(scan: Scan, at: number): number {
  const { codes, text } = scan;
  if (codes[at + 1] !== SPACE || codes[at - 1] !== 100 || !text.startsWith('kind: Secret', at - 4)) return 0;
  const data = /^(?:data|stringData):[ \t]*$/m.exec(text.slice(at, at + MANIFEST_REACH));
  if (data === null) return 0;
  const line = /\n[ \t]+(?:#.*|[\w.-]+:[ \t]*(.*))/y;
  line.lastIndex = at + data.index + data[0].length;
  let next = 0;
  for (let match = line.exec(text); match !== null; match = line.exec(text)) {
    const value = match[1] ?? '';
    if (value !== '' && !isNoValue(value, true)) {
      next = scan.hide(line.lastIndex - value.length, line.lastIndex, 'secret');
    }
  }
  return next;
}
