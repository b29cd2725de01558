import { Assignments } from './redact-detectors-assignments.ts';
import { detectIpv4, detectIpv6 } from './redact-detectors-ip.ts';
import type { NumberKinds } from './redact-detectors-numbers.ts';
import { detectIban, detectNumbers, detectPhone } from './redact-detectors-numbers.ts';
import {
  detectAzureSecret,
  detectDiscordBot,
  detectMailchimp,
  detectTelegram,
  detectTerraform,
  SHORTEST_TOKEN,
  WordStarts,
} from './redact-detectors-vendor.ts';
import { detectCredentials, detectEmail, detectJwt, detectPem, detectUrlPassword } from './redact-detectors-web.ts';
import type { KeyRules } from './redact-keys.ts';
import { Scan, isDigit, isUpper, OTHER } from './redact-scan.ts';

/**
 * Finds secrets in a text in one pass.
 *
 * Two stages. Short strings of letters, digits, `_`, `.` and `-` (ids, names, enums: most of what is logged) are summed
 * up in one loop over their characters, and nearly all are proven harmless by the sum alone. Everything else is walked
 * word by word; a sign that can belong to a secret (`@`, `=`, `:`, a quote, a long number, a known prefix) calls the
 * detectors for that sign at that place, which look a bounded way back and consume what they hide.
 */

/** What a character is to the walk; the first three are bits of a word. */
const LOWER = 1;
const UPPER = 2;
const DIGIT = 4;
const WORD = 7;
const PLAIN = 8;
const SIGN = 9;

/** Longest string of the first stage: seven bits for each count. */
const MAX_SUMMED = 64;
const COUNT = 127;
const DASHES = 7;
const UPPERS = 14;
const BEYOND_HEX = 21;
/** The weight of a character that only the walk can judge. */
const WALK = -1;

/** Fewest digits of a social security number, the shortest number that is hidden. */
const FEWEST_DIGITS = 9;
const UUID_LENGTH = 36;

/** First words of an `Authorization` value, in the cases people write them. */
const SCHEMES = ['Bearer', 'bearer', 'BEARER', 'Basic', 'basic', 'BASIC', 'Negotiate', 'NTLM'];

export interface TextRules {
  enabled(kind: string): boolean;
  readonly keys: KeyRules;
  readonly userKeys: readonly string[];
}

export class TextScanner {
  readonly scan: Scan = new Scan();
  readonly #weights = new Int32Array(256).fill(WALK);
  readonly #classes = new Uint8Array(256).fill(PLAIN);
  readonly #starts: WordStarts;
  readonly #assignments: Assignments | undefined;
  readonly #numbers: NumberKinds;
  readonly #enabled: Readonly<Record<'email' | 'iban' | 'ip' | 'phone' | 'urls' | 'vendor', boolean>>;

  constructor({ enabled, keys, userKeys }: TextRules) {
    this.#assignments = enabled('assignment') ? new Assignments(keys, userKeys) : undefined;
    this.#numbers = { card: enabled('card'), ssn: enabled('ssn') };
    this.#enabled = {
      email: enabled('email'),
      iban: enabled('iban'),
      ip: enabled('ip'),
      phone: enabled('phone'),
      urls: enabled('url_credentials'),
      vendor: enabled('vendor_token'),
    };
    this.#starts = new WordStarts(enabled);
    if (enabled('jwt')) this.#starts.on(['eyJ'], detectJwt);
    if (enabled('private_key')) this.#starts.on(['BEGIN '], detectPem);
    if (enabled('authorization')) this.#starts.on(SCHEMES, detectCredentials);
    if (enabled('terraform_token')) this.#starts.on(['atlasv1.'], detectTerraform);
    if (enabled('mailchimp_key')) {
      this.#starts.on(['us1', 'us2', 'us3', 'us4', 'us5', 'us6', 'us7', 'us8', 'us9'], detectMailchimp);
    }
    this.#fillTables();
  }

  #fillTables(): void {
    for (let code = 0; code < OTHER; code++) {
      const character = String.fromCharCode(code);
      const hex = /[\da-fA-F]/.test(character) ? 0 : 1 << BEYOND_HEX;
      if (/[a-z]/.test(character)) this.#set(code, LOWER, hex);
      else if (/[A-Z]/.test(character)) this.#set(code, UPPER, (1 << UPPERS) + hex);
      else if (/\d/.test(character)) this.#set(code, DIGIT, 1);
      else if (character === '-') this.#set(code, SIGN, 1 << DASHES);
      else if (character === '_' || character === '.') this.#set(code, PLAIN, hex);
      else if (/[@=:>"'`~%]/.test(character)) this.#set(code, SIGN, WALK);
      else if (/[+(]/.test(character) && this.#enabled.phone) this.#set(code, SIGN, WALK);
    }
  }

  #set(code: number, kind: number, weight: number): void {
    this.#classes[code] = kind;
    this.#weights[code] = weight;
  }

  /** Whether a secret is found; `scan` then holds the places. */
  find(text: string): boolean {
    const { length } = text;
    if (length <= MAX_SUMMED) {
      const weights = this.#weights;
      let sum = 0;
      let weight = 0;
      for (let i = 0; i < length; i++) {
        // A character beyond Latin-1 is folded onto another one, which can only make the string more suspect.
        weight = weights[text.charCodeAt(i) & 255] as number;
        if (weight < 0) break;
        sum += weight;
      }
      if (weight >= 0 && this.#isHarmless(text, sum)) return false;
    }
    this.scan.load(text);
    this.#walk(this.scan);
    return this.scan.found;
  }

  /** Judges a string of letters, digits, `_`, `.` and `-` by the counts of its characters. */
  #isHarmless(text: string, sum: number): boolean {
    const { length } = text;
    const digits = sum & COUNT;
    if (length < SHORTEST_TOKEN && digits < FEWEST_DIGITS) return !this.#enabled.ip || digits < 4;
    if (sum >> BEYOND_HEX === 0) {
      const dashes = (sum >> DASHES) & COUNT;
      // Hex ids (trace, span, git) hold at least one letter and no capitals; anything else of digits may be a number.
      if (dashes === 0 && sum >> UPPERS === 0 && digits < length) return true;
      if (dashes === 4 && length === UUID_LENGTH && isUuidShape(text)) return true;
    }
    if (digits >= FEWEST_DIGITS || (this.#enabled.ip && digits >= 4)) return false;
    const starts = this.#starts;
    const last = length - SHORTEST_TOKEN;
    for (let i = 0, before = 45; i <= last; i++) {
      const code = text.charCodeAt(i);
      if (
        (before === 45 || before === 95 || before === 46) &&
        starts.possible(code, text.charCodeAt(i + 1), text.charCodeAt(i + 2))
      ) {
        return false;
      }
      before = code;
    }
    return true;
  }

  #walk(scan: Scan): void {
    const { codes, length } = scan;
    const classes = this.#classes;
    let i = 0;
    while (i < length) {
      let kind = classes[codes[i] as number] as number;
      if (kind <= WORD) {
        const start = i;
        let bits = 0;
        do {
          bits |= kind;
          kind = classes[codes[++i] as number] as number;
        } while (kind <= WORD);
        i = bits === DIGIT ? this.#number(scan, start, i) : this.#word(scan, start, i, bits) || i;
      } else if (kind === SIGN) {
        i = this.#sign(scan, i) || i + 1;
      } else {
        i++;
      }
    }
  }

  #word(scan: Scan, start: number, end: number, bits: number): number {
    const { codes } = scan;
    if (scan.length - start < SHORTEST_TOKEN) return 0;
    const [first, second, third] = [codes[start] as number, codes[start + 1] as number, codes[start + 2] as number];
    if (this.#starts.possible(first, second, third)) {
      const next = this.#starts.detect(scan, start);
      if (next !== 0) return next;
    }
    if (bits === LOWER || !isUpper(first)) return 0;
    if (this.#enabled.iban && isUpper(second) && isDigit(third) && isDigit(codes[start + 3] as number)) {
      const next = detectIban(scan, start);
      if (next !== 0) return next;
    }
    return this.#enabled.vendor && end - start >= 20 && first >= 77 && first <= 79 ? detectDiscordBot(scan, start) : 0;
  }

  /** `start` to `end` are digits; returns where the number, with all its groups, ends. */
  #number(scan: Scan, start: number, end: number): number {
    const { codes } = scan;
    if (codes[end] === 58 && this.#enabled.vendor) {
      const next = detectTelegram(scan, start);
      if (next !== 0) return next;
    }
    if (this.#enabled.ip && codes[end] === 46) {
      const next = detectIpv4(scan, start);
      if (next !== 0) return next;
    }
    if (this.#enabled.phone) {
      const next = detectPhone(scan, start);
      if (next !== 0) return next;
    }
    if (end - start < FEWEST_DIGITS && digitsAhead(scan, end) + end - start < FEWEST_DIGITS) return end;
    return detectNumbers(scan, start, this.#numbers);
  }

  #sign(scan: Scan, at: number): number {
    const { codes } = scan;
    const assignments = this.#assignments;
    switch (codes[at]) {
      case 64: // @
        return this.#enabled.email ? detectEmail(scan, at) : 0;
      case 37: // %40
        return this.#enabled.email && codes[at + 1] === 52 && codes[at + 2] === 48 ? detectEmail(scan, at, 3) : 0;
      case 58: // :
        if (codes[at + 1] === 47 && codes[at + 2] === 47) return this.#enabled.urls ? detectUrlPassword(scan, at) : 0;
        return (this.#enabled.ip ? detectIpv6(scan, at) : 0) || (assignments?.detect(scan, at) ?? 0);
      case 61: // =
        return assignments?.detect(scan, at) ?? 0;
      case 62: // >
        return assignments?.detectElement(scan, at) ?? 0;
      case 45: // -
        return at === 0 || (codes[at - 1] as number) <= 32 ? (assignments?.detectFlag(scan, at) ?? 0) : 0;
      case 126: // ~
        return this.#enabled.vendor ? detectAzureSecret(scan, at) : 0;
      case 40: // (
      case 43: // +
        return detectPhone(scan, at);
      default: // quotes
        return assignments?.detectQuoted(scan, at) ?? 0;
    }
  }
}

function isUuidShape(text: string): boolean {
  return (
    text.charCodeAt(8) === 45 && text.charCodeAt(13) === 45 && text.charCodeAt(18) === 45 && text.charCodeAt(23) === 45
  );
}

/** Digits in the groups that follow, as far as they matter. */
function digitsAhead(scan: Scan, end: number): number {
  const { codes } = scan;
  let digits = 0;
  for (let i = end; digits < FEWEST_DIGITS; i++) {
    const code = codes[i] as number;
    if (isDigit(code)) digits++;
    else if ((code !== 32 && code !== 45 && code !== 46) || !isDigit(codes[i + 1] as number)) break;
  }
  return digits;
}
