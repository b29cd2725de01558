import type { Scan } from './scan.ts';
import { isAlnum, isBase64url, isDigit, isWord, OTHER } from './scan.ts';

/** RFC 5321 4.5.3.1: 64 octets before the @, 255 after it. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;
/** An authority (RFC 3986 3.2) longer than this is no URL anyone wrote. */
const MAX_AUTHORITY = 512;
const DOMAIN = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})(?![\p{L}\p{N}_])/uy;
/** Files named like `logo@2x.png`, and package versions. */
const NO_MAIL_DOMAIN =
  /^(?:\d+(?:\.\d+)?x\.|.*\.(?:png|jpe?g|gif|svg|webp|ico|css|js|mjs|cjs|tsx?|jsx|json|map|html?)$)/i;
/** A base64url JSON object with one member takes at least this many characters; `eyJ` is `{"`. */
const SHORTEST_JWT_HEADER = 17;
const SHORTEST_JWT_PAYLOAD = 10;
const PEM_LABEL = /BEGIN[A-Z0-9 _-]{0,60}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_END = /-----END[A-Z0-9 _-]{0,60}PRIVATE KEY(?: BLOCK)?-----/g;
/** RFC 9110 11.4: scheme and token68, or a JWT. */
const CREDENTIALS =
  /(?:bearer|basic|digest|token|negotiate|apikey|api-key|ntlm)(?: +|%20|\+)(["']?)([\w.~+/%:-]{6,}={0,2})/iy;
/** `user` without a password is hidden only where it looks like a key: long and mixed, as in the DSNs of error trackers. */
const KEY_AS_USER = /^(?=[^\d]*\d)[\w-]{16,}$/;
/** What was hidden before. */
const MARK_END = /\[REDACTED[^[\]]*\]$/;
const NETRC = /machine\s{1,8}\S{1,255}\s{1,8}login\s{1,8}\S{1,128}\s{1,8}password\s{1,8}((?!\[REDACTED)\S{1,255})/y;
const DSN_HOST = /^(?:tcp\(|udp\(|unix\()/;
const ORACLE_USER = /(?:thin:|oci:|sqlplus +|sqlldr +)[\w$#.]{1,32}\/$/i;
const PLACEHOLDER = /^(?:\*+|x{3,}|<[^>]*>|\$\{?[\w.]+\}?|\{\{?[^}]*\}?\}|%[\w]+%|\[REDACTED(?::[^\]\s]+)?\])$/i;

/** A mail address around the `@` at `at`; `width` is 3 where it is written `%40`. */
export function detectEmail(scan: Scan, at: number, width = 1): number {
  const { codes, text } = scan;
  let start = at;
  const floor = Math.max(scan.covered, at - MAX_LOCAL);
  while (start > floor && isLocalPart(codes[start - 1] as number)) start--;
  // Of `\nbob@example.com` in a text inside of a text, the `n` is no part of the name.
  if (start > 0 && codes[start - 1] === 92 && start < at - 1) start++;
  while (start < at && !isAlnum(codes[start] as number) && codes[start] !== OTHER) start++;
  if (start === at || codes[at - 1] === 46) return 0;
  DOMAIN.lastIndex = at + width;
  const match = DOMAIN.exec(text);
  if (match === null || match[0].length > MAX_DOMAIN || NO_MAIL_DOMAIN.test(match[0])) return 0;
  // `git@host:path` is how repositories are named.
  if (at - start === 3 && text.startsWith('git@', start)) return 0;
  // `https://bob@host`: whom to log in as, at a host.
  if (codes[start - 1] === 47 && text.startsWith('://', start - 3)) return 0;
  return scan.hide(start, at + width + match[0].length, 'email');
}

function isLocalPart(code: number): boolean {
  return (
    isAlnum(code) ||
    code === 39 ||
    code === 46 ||
    code === 95 ||
    code === 43 ||
    code === 45 ||
    code === 37 ||
    code === OTHER
  );
}

/**
 * The password in `scheme://user:password@host`; `at` is the colon. The user, the host and the rest stay readable.
 * A user that is a key by itself (`https://<key>@host`) is hidden too.
 */
export function detectUrlPassword(scan: Scan, at: number): number {
  const { codes, text, length } = scan;
  const start = at + 3;
  const limit = Math.min(length, start + MAX_AUTHORITY);
  let colon = -1;
  let sign = -1;
  let slash = -1;
  let i = start;
  for (; i < limit; i++) {
    const code = codes[i] as number;
    if (code <= 32 || code === 34 || code === 39 || code === 96 || code === 60 || code === 62 || code === 92) break;
    if (code === 64) {
      sign = i;
    } else if (code === 58 && colon === -1 && sign === -1) {
      colon = i;
    } else if ((code === 47 || code === 63 || code === 35) && slash === -1) {
      // A password may hold an unescaped slash; a port may not, so after `host:8080/` the authority is over.
      if (sign !== -1 || colon === -1 || isPort(scan, colon + 1, i)) break;
      slash = i;
    } else if (code === 44 && colon === -1) {
      break;
    }
  }
  if (sign === -1 || codes[start] === 91) return 0;
  if (colon !== -1 && colon < sign) {
    const secret = text.slice(colon + 1, sign);
    // `https://<key>:x-oauth-basic@host`: the key is the user, and the password says so.
    if (KEY_AS_USER.test(text.slice(start, colon))) return scan.hide(start, sign, 'url_credentials');
    return secret === '' || PLACEHOLDER.test(secret) ? sign : scan.hide(colon + 1, sign, 'url_credentials');
  }
  return KEY_AS_USER.test(text.slice(start, sign)) ? scan.hide(start, sign, 'url_credentials') : 0;
}

/**
 * The password of data source names that are no URL: `user:password@tcp(host)/db` (Go's MySQL driver) and
 * `thin:user/password@host` (Oracle); `at` is the `@`.
 */
export function detectDsnPassword(scan: Scan, at: number): number {
  const { codes, text } = scan;
  const sign = DSN_HOST.test(text.slice(at + 1, at + 6)) ? 58 : 47;
  const floor = Math.max(scan.covered, at - MAX_LOCAL - MAX_LOCAL);
  if (codes[at - 1] === 93 && MARK_END.test(text.slice(floor, at))) return 0;
  let start = at;
  // To the last sign before the space, quote or `@` that the name starts after.
  while (start > floor && codes[start - 1] !== sign) {
    const code = codes[start - 1] as number;
    if (code <= 32 || code === 34 || code === 39 || code === 96 || code === 64) return 0;
    start--;
  }
  if (start === floor || start === at) return 0;
  if (sign === 47 && !ORACLE_USER.test(text.slice(Math.max(0, start - MAX_LOCAL), start))) return 0;
  if (sign === 58 && !isWord(codes[start - 2] ?? 0)) return 0;
  return PLACEHOLDER.test(text.slice(start, at)) ? 0 : scan.hide(start, at, 'url_credentials');
}

function isPort(scan: Scan, start: number, end: number): boolean {
  if (end - start > 5) return false;
  for (let i = start; i < end; i++) if (!isDigit(scan.codes[i] as number)) return false;
  return true;
}

/**
 * JSON Web Signature and Encryption, compact form (RFC 7515, 7516): a JSON object in base64url, then up to four parts
 * after dots. The run the header stands in is remembered, so that many false starts in one run cost no more than one.
 */
export function detectJwt(scan: Scan, at: number): number {
  const { codes } = scan;
  const dot = scan.runEnd(at);
  if (dot - at < SHORTEST_JWT_HEADER || codes[dot] !== 46) return 0;
  let end = base64urlEnd(scan, dot + 1);
  if (end - dot <= SHORTEST_JWT_PAYLOAD) return 0;
  for (let parts = 0; parts < 3 && codes[end] === 46; parts++) end = base64urlEnd(scan, end + 1);
  return scan.hide(at, end, 'jwt');
}

function base64urlEnd(scan: Scan, at: number): number {
  let end = at;
  while (isBase64url(scan.codes[end] as number)) end++;
  return end;
}

/** A private key in PEM form (RFC 7468, RFC 9580); a block without its end hides all that follows. Certificates stay. */
export function detectPem(scan: Scan, at: number): number {
  const { text } = scan;
  PEM_LABEL.lastIndex = at;
  if (!PEM_LABEL.test(text)) return 0;
  PEM_END.lastIndex = PEM_LABEL.lastIndex;
  const end = PEM_END.test(text) ? PEM_END.lastIndex : scan.length;
  let start = at;
  while (start > 0 && scan.codes[start - 1] === 45) start--;
  return scan.hide(start, end, 'private_key');
}

/** `machine host login bob password …` of a .netrc file; `at` is the `m`. */
export function detectNetrc(scan: Scan, at: number): number {
  NETRC.lastIndex = at;
  const secret = NETRC.exec(scan.text)?.[1];
  return secret === undefined ? 0 : scan.hide(NETRC.lastIndex - secret.length, NETRC.lastIndex, 'password');
}

/** `Bearer …`, `Basic …` anywhere; the scheme stays readable. Prose such as "basic authentication" stays whole. */
export function detectCredentials(scan: Scan, at: number): number {
  CREDENTIALS.lastIndex = at;
  const match = CREDENTIALS.exec(scan.text);
  if (match === null) return 0;
  const value = match[2] as string;
  const end = CREDENTIALS.lastIndex;
  return looksEncoded(value) || isBase64Pair(value) ? scan.hide(end - value.length, end, 'authorization') : 0;
}

/** True for what no word of a language looks like: digits or capitals inside, and long enough. */
export function looksEncoded(value: string): boolean {
  if (value.length >= 32) return true;
  if (/^\d+(?:\.\d+)*%?$/.test(value) || /^[a-z]+:\/\//i.test(value)) return false;
  return value.length >= 8 && (/\d/.test(value) || /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(value)) && /[A-Za-z]/.test(value);
}

function isBase64Pair(value: string): boolean {
  return /^[\w+/-]{6,}={0,2}$/.test(value) && /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(atobSafe(value));
}

function atobSafe(value: string): string {
  return Buffer.from(value, 'base64').toString('latin1');
}
