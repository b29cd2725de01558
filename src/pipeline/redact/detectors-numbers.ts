import { ibanLength, ibanValid, isCardRange, isSsnRange, luhnValid } from './checksums.ts';
import type { Scan } from './scan.ts';
import { isAlnum, isDigit, isUpper } from './scan.ts';

/** Digits of the longest card number; no window of groups holds more. */
const MAX_DIGITS = 19;
/** Nearly all cards have no more. */
const USUAL_DIGITS = 16;
/** How the digits of a card are grouped in print: 4-4-4-4, American Express 4-6-5, Diners 4-6-4, and 13 and 19 digits. */
const CARD_GROUPS: ReadonlySet<string> = new Set(['4444', '465', '464', '4441', '44443', '4442', '4443']);
/** How far before a number its name may stand. */
const CONTEXT = 40;
const CARD_WORD = /card|\bpan\b|\bcc\b|credit|debit/i;
/** Numbers of goods and devices, which have a check digit too. */
const NO_CARD_WORD = /\b(?:ean|gtin|isbn|upc|imei|iccid|barcode)(?:-?1[34])?\W{1,4}$/i;
const NO_CARD_REACH = 16;
const SSN_WORD = /\bssn|social.security/i;
/** The same directly before the number. */
const SSN_BEFORE = /(?:\bssn|social.security(?: (?:number|no\.?|#))?)(?: is|["'])?[#:=]?\s{0,3}["']?$/i;
/** A mobile or landline number with its country code, or in the North American form. */
const PHONE_INTERNATIONAL = /\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,5}){1,4}(?!\d)/y;
const PHONE_NATIONAL = /\(\d{2,4}\) ?\d{3,4}[ .-]\d{3,4}|\d{3}[ .-]\d{3}[ .-]\d{4}|0\d{1,3}[ -]\d{6,8}/y;

export interface NumberKinds {
  readonly card: boolean;
  readonly ssn: boolean;
}

/**
 * Judges the groups of digits that start at `at` (`4111 1111 1111 1111`, `078-05-1120`, one long number) and hides the
 * cards and social security numbers among them. Returns where the groups end, so that each digit is looked at once.
 */
export function detectNumbers(scan: Scan, at: number, kinds: NumberKinds): number {
  const { codes } = scan;
  const starts: number[] = [];
  const ends: number[] = [];
  let i = at;
  for (;;) {
    const start = i;
    while (isDigit(codes[i] as number)) i++;
    // A group that goes on with a letter is an id, not a number.
    if (i === start || isAlnum(codes[i] as number)) break;
    starts.push(start);
    ends.push(i);
    if (!isGroupSeparator(codes[i] as number) || !isDigit(codes[i + 1] as number)) break;
    i++;
  }
  for (let group = 0; group < starts.length;) {
    const used =
      (kinds.card ? cardGroups(scan, starts, ends, group) : 0) ||
      (kinds.ssn ? ssnGroups(scan, starts, ends, group) : 0);
    group += used === 0 ? 1 : used;
  }
  return ends[ends.length - 1] ?? i;
}

/** How many groups from `first` on make one card number, 0 for none; the card is hidden. */
function cardGroups(scan: Scan, starts: readonly number[], ends: readonly number[], first: number): number {
  const { codes, text } = scan;
  const start = starts[first] as number;
  const single = (ends[first] as number) - start;
  if (single >= 13 && single <= MAX_DIGITS) {
    const end = ends[first] as number;
    // A decimal fraction is no card number, nor is the whole part of one.
    const fraction = codes[start - 1] === 46 && isDigit(codes[start - 2] ?? 0);
    if (fraction || (codes[end] === 46 && isDigit(codes[end + 1] as number))) return 0;
    // `blk_-4…`: the 64-bit number of a thing, which is as long as the longest cards are.
    if (single > USUAL_DIGITS && isNumbered(codes, start)) return 0;
    const digits = text.slice(start, end);
    if (!luhnValid(digits) || !(isCardRange(digits) || namedNear(scan, start, CARD_WORD))) return 0;
    if (NO_CARD_WORD.test(text.slice(Math.max(0, start - NO_CARD_REACH), start))) return 0;
    scan.hide(start, end, 'card');
    return 1;
  }
  if (single !== 4) return 0;
  const separator = codes[ends[first] as number];
  // In a longer chain of equal separators (a UUID, a serial number) no part stands for itself.
  if (first > 0 && separator === 45 && codes[start - 1] === separator) return 0;
  let shape = '';
  let digits = '';
  for (let group = first; group < starts.length && digits.length < MAX_DIGITS; group++) {
    if (group > first && codes[(starts[group] as number) - 1] !== separator) break;
    const part = text.slice(starts[group], ends[group]);
    shape += String(part.length);
    digits += part;
    const closed = separator !== 45 || codes[ends[group] as number] !== 45;
    if (CARD_GROUPS.has(shape) && closed && luhnValid(digits) && isCardRange(digits)) {
      scan.hide(start, ends[group] as number, 'card');
      return group - first + 1;
    }
  }
  return 0;
}

/** Whether the number at `at` is joined to a word: `blk_4…`, `blk_-4…`. */
function isNumbered(codes: Uint8Array, at: number): boolean {
  return codes[at - 1] === 95 || (codes[at - 1] === 45 && codes[at - 2] === 95);
}

/** How many groups from `first` on make one US social security number, 0 for none; the number is hidden. */
function ssnGroups(scan: Scan, starts: readonly number[], ends: readonly number[], first: number): number {
  const { codes, text } = scan;
  // Without separators, only its name tells it.
  if ((ends[first] as number) - (starts[first] as number) === 9) {
    const [at, to] = [starts[first] as number, ends[first] as number];
    const isSsn = isSsnRange(text.slice(at, at + 3), text.slice(at + 3, at + 5), text.slice(at + 5, to));
    if (!isSsn || !SSN_BEFORE.test(text.slice(Math.max(0, at - CONTEXT), at))) return 0;
    scan.hide(at, to, 'ssn');
    return 1;
  }
  if (first + 2 >= starts.length) return 0;
  const [a, b, c] = [0, 1, 2].map((i) => text.slice(starts[first + i], ends[first + i])) as [string, string, string];
  if (a.length !== 3 || b.length !== 2 || c.length !== 4 || !isSsnRange(a, b, c)) return 0;
  const start = starts[first] as number;
  const end = ends[first + 2] as number;
  const separator = codes[start + 3] as number;
  if (codes[start + 6] !== separator) return 0;
  // Part of a longer chain (a part number, a version): not this number.
  const before = codes[start - 1] ?? 0;
  const goesOn = codes[end] === separator && isDigit(codes[end + 1] as number);
  if (separator !== 32 && (before === separator || goesOn)) return 0;
  // Spaced like this, three measurements (`200 12 3456`) look alike; but nobody pads those with zeros.
  const padded = a.startsWith('0') || b.startsWith('0') || c.startsWith('0');
  if (separator === 32 && !padded && !namedNear(scan, start, SSN_WORD)) return 0;
  scan.hide(start, end, 'ssn');
  return 3;
}

function namedNear(scan: Scan, at: number, name: RegExp): boolean {
  return name.test(scan.text.slice(Math.max(0, at - CONTEXT), at));
}

function isGroupSeparator(code: number): boolean {
  return code === 32 || code === 45 || code === 46;
}

/** An IBAN at `at`, spaced or not, of a country's own length and with a right checksum (ISO 13616). */
export function detectIban(scan: Scan, at: number): number {
  const { codes, text } = scan;
  const length = ibanLength(text.slice(at, at + 2));
  if (length === 0) return 0;
  const wanted = Math.abs(length);
  let iban = text.slice(at, at + 4);
  let i = at + 4;
  while (iban.length < wanted) {
    const code = codes[i] as number;
    const separated = (code === 32 || code === 45) && isAlnum(codes[i + 1] as number);
    const next = separated ? (codes[i + 1] as number) : code;
    if (!isDigit(next) && !(isUpper(next) && length > 0)) return 0;
    iban += String.fromCharCode(next);
    i += separated ? 2 : 1;
  }
  return !isAlnum(codes[i] as number) && ibanValid(iban) ? scan.hide(at, i, 'iban') : 0;
}

/** A phone number in international or North American form; `at` is its first character. Opt-in. */
export function detectPhone(scan: Scan, at: number): number {
  const pattern = scan.codes[at] === 43 ? PHONE_INTERNATIONAL : PHONE_NATIONAL;
  pattern.lastIndex = at;
  const match = pattern.exec(scan.text);
  if (match === null) return 0;
  const end = at + match[0].length;
  const digits = match[0].replace(/\D/g, '').length;
  if (digits < 8 || digits > 15 || isAlnum(scan.codes[end] as number)) return 0;
  const before = scan.codes[at - 1] ?? 0;
  if (isAlnum(before) || before === 45 || before === 46 || scan.codes[end] === 45) return 0;
  return scan.hide(at, end, 'phone');
}
