import { looksEncoded } from './detectors-web.ts';
import type { Key } from './key-lookup.ts';
import { isQuote, nameStart } from './key-lookup.ts';
import { isNoValue } from './no-value.ts';
import { endOfLine, isDigit, isSpace, isWord } from './scan.ts';
import type { Scan } from './scan.ts';

/**
 * What stands after `password=`: where the value ends, and whether it is one at all.
 *
 * In doubt a value is hidden. It is left alone where it is plainly none: empty, a placeholder (`${DB_PASSWORD}`), a
 * reference in source code, or the next word of a sentence (`password is required`).
 */

/**
 * Characters of a value that are looked at before it is known to be one. A value that is then hidden is consumed to its
 * end; without this bound, values that are looked at and left alone could be walked again and again.
 */
const JUDGED = 256;

/** A reference in source code rather than a value: a call, an index, a member of a well-known object. */
const CODE =
  /^(?:[A-Za-z_$][\w$]*(?:(?:\??\.|::)[A-Za-z_$][\w$]*)*[([]|[A-Z][A-Za-z.]*\{|&\w+\.[A-Z]\w*\{|(?:process|this|self|req|request|config|os|env|options|opts|params|args|props|ctx|settings|user|body|data|input|event)\.[\w.$]+[;,)]?$)/;
/** `node.computed`, `body;`: the right side of an assignment in source code. */
const MEMBERS = /^(?:[A-Za-z_$]+(?:\.[A-Za-z_$]+)+[;,)]?|[A-Za-z_$]+;)$/;
const DECLARED_BEFORE = /\b(?:const|let|var|val|type) $/;
const DECLARATION_REACH = 6;
const DOUBTFUL_BEFORE =
  /(?:unexpected|invalid|expected|illegal|missing|unknown|bad|wrong|incorrect|unrecognized|next) $/i;
const DOUBT_REACH = 14;
/** A word of a language, with the sign that may end it. */
const PLAIN_WORD = /^[A-Za-z]+[.,;:!]?$/;
const LONG = 16;
/** What a template or a vault will put here, and a note that there is nothing. */
const STAND_IN =
  /\$?\{\{|\$\{[A-Za-z_][\w.:]{0,64}\}|!(?:vault|Ref|Sub|GetAtt|ImportValue|secret|env|include)\b|\([a-z]{1,16}(?: [a-z]{1,16}){0,3}\)/iy;
/** `Pwd={…};` of ODBC. */
const BRACED = /\{([^{}\s"'=:]{6,128})\}(?=[;"']|$)/y;
const BLOCK = /[|>][+-]?\d?[ \t]{0,8}\r?\n([ \t]{1,64})\S/y;
/** A member of an object in source code. */
const MEMBER = /[A-Za-z_$][\w$]{0,64}(?:\??\.([A-Za-z_$][\w$]{0,64})){1,8}/y;
/** `{SSHA}…`: a password hash with its scheme (RFC 2307), no object. */
const HASH_SCHEME = /\{[A-Za-z][\w-]{0,15}\}[^\s,}]/y;
const CARD_LIKE = /[A-Za-z]{0,2}\d[\dA-Za-z]{0,40}(?:[ -][\dA-Za-z]{0,8}\d[\dA-Za-z]{0,8}){0,12}/y;
/** Kinds whose value is made of digits; in a text, a value without enough of them is something else. */
const DIGITS_WANTED: Readonly<Record<string, number>> = { card: 8, ssn: 7, iban: 8, cvv: 3, pin: 3, otp: 4 };
/** The scheme of an `Authorization` value with the space after it. */
const SCHEME = /^[A-Za-z][\w-]* +(?=[^\s=:])/;
/** Schemes whose credentials are a list of parameters, up to the end of the line. */
const PARAMETER_SCHEMES = /^(?:digest|oauth|aws4-hmac|hawk|signature)\b/i;
const HEADER_JUDGED = 128;

export interface Value {
  readonly start: number;
  /** At most `JUDGED` characters on. */
  readonly end: number;
  readonly quoted: boolean;
  readonly quote: number;
  readonly escapes: number;
}

/** Hides the value that stands at `from`, after the separator `sign`, when it is one. Returns where to go on, or 0. */
export function hideValue(scan: Scan, key: Key, from: number, sign: number): number {
  const { codes, text } = scan;
  const value = valueAt(scan, from, sign);
  if (value.start >= value.end) return 0;
  const { kind } = key;
  if (!value.quoted && isSameMember(scan, key, value.start)) return 0;
  if (!value.quoted && codes[value.start] === 91) return hideList(scan, value.start, kind);
  if (!value.quoted && kind === 'cookie' && codes[value.start] === 123) return hideCookies(scan, key, value.start);
  if (!value.quoted && startsWith(scan, STAND_IN, value.start)) return 0;
  if (!value.quoted && codes[value.start] === 123 && !startsWith(scan, HASH_SCHEME, value.start)) {
    return hideBraced(scan, value.start, kind);
  }
  if (!value.quoted && (codes[value.start] === 124 || codes[value.start] === 62)) {
    const next = hideBlock(scan, key, value.start, kind);
    if (next !== 0) return next;
  }
  // The session ids of ZooKeeper count connections and open nothing.
  if (kind === 'session' && text.startsWith('0x', value.start)) return 0;
  const wanted = DIGITS_WANTED[kind];
  if (wanted !== undefined) return hideDigits(scan, value.start, value.quoted ? value.end : 0, kind, wanted);
  if (kind === 'authorization' || kind === 'cookie') return hideHeader(scan, value, kind);
  // A key of several lines in quotes; its own detector knows where it ends.
  if (text.startsWith('-----BEGIN', value.start)) return 0;
  const shown = text.slice(value.start, value.end);
  if (isNoValue(shown, value.quoted) || (key.query && !looksEncoded(shown))) return 0;
  const fits = value.quoted
    ? looksEncoded(shown) || !isDoubtful(scan, key)
    : isPlainValue(scan, key, value, sign, shown);
  return fits ? hideWhole(scan, value, kind) : 0;
}

/** `"cookies":{"sid":"…"}`; a `cookie` with members is how one is set, not what it holds. */
function hideCookies(scan: Scan, key: Key, at: number): number {
  const { codes, length } = scan;
  if (!/cookies$/i.test(key.name) || !(isQuote(codes[at + 1] as number) || codes[at + 1] === 92)) return 0;
  let end = at + 1;
  while (end < length && codes[end] !== 125) end++;
  return scan.hide(at + 1, end, 'cookie');
}

/** The lines of a YAML block scalar, `key: |` or `key: >-`: all that are indented under the key. */
function hideBlock(scan: Scan, key: Key, at: number, kind: string): number {
  BLOCK.lastIndex = at;
  const match = startsLine(scan, key.start) ? BLOCK.exec(scan.text) : null;
  if (match === null) return 0;
  const start = BLOCK.lastIndex - 1;
  const indent = match[1] as string;
  let end = endOfLine(scan, start);
  if (scan.text.startsWith('-----BEGIN', start)) return start;
  while (scan.codes[end] === 10 && scan.text.startsWith(indent, end + 1) && !isFrame(scan, end + 1 + indent.length)) {
    end = endOfLine(scan, end + 1 + indent.length);
  }
  return isNoValue(scan.text.slice(start, Math.min(end, start + JUDGED)), true) ? start : scan.hide(start, end, kind);
}

/** The message of an error ends where the frames of its stack begin. */
function isFrame(scan: Scan, at: number): boolean {
  let i = at;
  while (isSpace(scan.codes[i] as number)) i++;
  return scan.text.startsWith('at ', i);
}

/** `b.token=c.token`: the value's last part is the name itself. */
function isSameMember(scan: Scan, key: Key, at: number): boolean {
  MEMBER.lastIndex = at;
  const last = MEMBER.exec(scan.text)?.[1];
  return last !== undefined && key.name.toLowerCase().endsWith(last.toLowerCase());
}

/** `{…}` around a whole value; what looks like a name is a variable's. */
function hideBraced(scan: Scan, at: number, kind: string): number {
  BRACED.lastIndex = at;
  const inner = BRACED.exec(scan.text)?.[1];
  if (inner === undefined || /^[A-Za-z_$][A-Za-z_$.]*$/.test(inner)) return 0;
  return scan.hide(at + 1, at + 1 + inner.length, kind);
}

/** Whether what follows without quotes is a value, and not code or the rest of a sentence. */
function isPlainValue(scan: Scan, key: Key, value: Value, sign: number, shown: string): boolean {
  const { codes } = scan;
  const spaced = isSpace(codes[value.start - 1] as number);
  if (CODE.test(shown) && (spaced || shown.includes('.'))) return false;
  if (bare(shown) === bare(key.name.slice(key.name.lastIndexOf('.') + 1))) return false;
  if (spaced && (MEMBERS.test(shown) || isDeclared(scan, key))) return false;
  if (key.kind === 'connection_string') return false;
  // `PWD=/home/app` is the working directory.
  if (key.name === 'PWD' || key.name === 'OLDPWD') return !shown.startsWith('/');
  // `pass: 12, fail: 0` counts tests, `a second pass: then …` is prose.
  if (
    key.name.toLowerCase() === 'pass' &&
    (/^\d{1,3}(?!\w)/.test(shown) || (sign === 58 && spaced && /^[a-z]+ ?$/.test(firstWord(shown))))
  ) {
    return false;
  }
  if (sign === 61) return true;
  // `user:42:token:x`, `arn:…:secret:x`: the parts of an id.
  if (!spaced && codes[key.start - 1] === 58) return false;
  // After a colon and a space, a plain word is a sentence going on, unless the key says that a password comes.
  const word = firstWord(shown);
  if (key.kind === 'password' || key.kind === 'secret') {
    return isDoubtful(scan, key) ? isEncodedWord(word) : !isSentence(scan, key, value);
  }
  // The length of a mark says nothing about what was there.
  if (word.includes('[REDACTED')) return false;
  return looksEncoded(word) || word.length >= LONG || (startsLine(scan, key.start) && !PLAIN_WORD.test(word));
}

/** After `const token = ` and `type Token = `, only code stands without quotes. */
function isDeclared(scan: Scan, key: Key): boolean {
  return DECLARED_BEFORE.test(scan.text.slice(Math.max(0, key.start - DECLARATION_REACH), key.start));
}

/** After `invalid password:`, words and numbers go on; letters and digits in one do not. */
function isEncodedWord(word: string): boolean {
  return looksEncoded(word) && /^[\w!@#$%^&*~+=-]{8,}$/.test(word) && /\d/.test(word);
}

/** Without the signs that one style of names has and another has not. */
function bare(name: string): string {
  return name.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

function firstWord(text: string): string {
  return text.split(' ', 1)[0] ?? '';
}

function isDoubtful(scan: Scan, key: Key): boolean {
  return DOUBTFUL_BEFORE.test(scan.text.slice(Math.max(0, key.start - DOUBT_REACH), key.start));
}

/** `reset your password: follow the link`: words before and after. */
function isSentence(scan: Scan, key: Key, value: Value): boolean {
  const { text } = scan;
  if (!/\b(?:your|the|their) $/i.test(text.slice(Math.max(0, key.start - DOUBT_REACH), key.start))) return false;
  return /^[a-z]{2,12} [a-z]{2,}/.test(text.slice(value.start, value.start + DOUBT_REACH + DOUBT_REACH));
}

/** Where the value after `from` stands: in quotes, escaped ones too, to the end of a YAML line, or to the next space. */
export function valueAt(scan: Scan, from: number, sign: number): Value {
  const { codes } = scan;
  let start = from;
  while (isSpace(codes[start] as number)) start++;
  // `@"…"` of C#, `b'…'` and `u'…'` of Python, `L"…"` of C.
  if (isQuote(codes[start + 1] as number) && isStringPrefix(codes[start] as number)) start++;
  let escapes = 0;
  while (codes[start + escapes] === 92) escapes++;
  const quote = codes[start + escapes] as number;
  if (isQuote(quote)) {
    start += escapes + 1;
    return { start, end: closingQuote(scan, start, quote, escapes, JUDGED), quoted: true, quote, escapes };
  }
  const yaml = sign === 58 && start > from && codes[start - 1] === 32 && isYamlKey(scan, from);
  const end = yaml ? endOfYaml(scan, start) : unquotedEnd(scan, start, JUDGED);
  return { start, end, quoted: false, quote: 0, escapes: 0 };
}

/** `@`, and the letters that say how a text in quotes is meant. */
function isStringPrefix(code: number): boolean {
  return code === 64 || code === 98 || code === 117 || code === 114 || code === 76 || code === 102;
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
  // The message of an error is its own first line; in its stack, a name stands before it.
  return i < 0 || scan.codes[i] === 10 || (scan.codes[i] === 58 && scan.text.startsWith('Error', i - 5));
}

/** Whether the colon before `from` ends a bare key at the start of its line. */
function isYamlKey(scan: Scan, from: number): boolean {
  const start = nameStart(scan, from - 1);
  return start < from - 1 && startsLine(scan, start);
}

function endOfYaml(scan: Scan, start: number): number {
  const word = unquotedEnd(scan, start, JUDGED);
  const line = endOfLine(scan, start);
  const rest = scan.text.slice(word, Math.min(line, word + 200));
  // More keys on the same line: a log line, no YAML.
  return /[=:{}]/.test(rest) ? word : Math.max(word, line);
}

/** The texts of `["a", "b"]` under a secret key; a mark that is already there is stepped over. */
function hideList(scan: Scan, at: number, kind: string): number {
  const { codes, text } = scan;
  if (text.startsWith('[REDACTED', at)) {
    const end = text.indexOf(']', at);
    return end === -1 ? 0 : end + 1;
  }
  let first = at + 1;
  while (isSpace(codes[first] as number) || codes[first] === 92) first++;
  if (!isQuote(codes[first] as number)) return 0;
  const limit = Math.min(scan.length, at + JUDGED);
  let end = first;
  while (end < limit && codes[end] !== 93 && codes[end] !== 91 && codes[end] !== 123) end++;
  return codes[end] === 93 ? scan.hide(at + 1, end, kind) : 0;
}

function hideDigits(scan: Scan, start: number, end: number, kind: string, wanted: number): number {
  if (!startsWith(scan, CARD_LIKE, start)) return 0;
  const last = end === 0 ? CARD_LIKE.lastIndex : Math.min(end, CARD_LIKE.lastIndex);
  let digits = 0;
  for (let i = start; i < last; i++) if (isDigit(scan.codes[i] as number)) digits++;
  return digits < wanted ? 0 : scan.hide(start, last, kind);
}

/** Whether the sticky pattern matches at `at`. */
function startsWith(scan: Scan, pattern: RegExp, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(scan.text);
}

/** `Authorization: Bearer x`, `Cookie: a=b; c=d`: the scheme's parameters and all cookies belong to the value. */
function hideHeader(scan: Scan, value: Value, kind: string): number {
  const { text } = scan;
  const { start } = value;
  const head = text.slice(start, value.quoted ? value.end : endOfLine(scan, start, HEADER_JUDGED));
  const scheme = SCHEME.exec(head)?.[0].length ?? 0;
  if (value.quoted) return isNoValue(head.slice(scheme), true) ? 0 : hideWhole(scan, value, kind);
  if (kind === 'cookie') return head.includes('=') ? scan.hide(start, headerEnd(scan, start), kind) : 0;
  if (PARAMETER_SCHEMES.test(head)) return scan.hide(start, headerEnd(scan, start), kind);
  const end = unquotedEnd(scan, start + scheme, Infinity);
  // `Authorization: required`, `authorization: ok` tell no credential.
  if (isNoValue(text.slice(start + scheme, Math.min(end, start + JUDGED)), scheme > 0)) return 0;
  return /[\d=:~/+]|[A-Z]{2}|[a-z][A-Z]/.test(text.slice(start, end)) ? scan.hide(start, end, kind) : 0;
}

function headerEnd(scan: Scan, start: number): number {
  const { codes } = scan;
  const line = endOfLine(scan, start);
  for (let i = start; i < line; i++) {
    // A quote that closes what the header stands in, not one of a parameter (`realm="x"`).
    if (isQuote(codes[i] as number) && codes[i - 1] !== 61 && !insideParameter(scan, start, i)) return i;
  }
  return line;
}

function insideParameter(scan: Scan, start: number, at: number): boolean {
  for (let i = at - 1; i > start && at - i < 256; i--) {
    if (scan.codes[i] === scan.codes[at]) return scan.codes[i - 1] === 61;
  }
  return false;
}
