import { Assignments } from './detectors-assignments.ts';
import { detectIpv4, detectIpv6 } from './detectors-ip.ts';
import type { NumberKinds } from './detectors-numbers.ts';
import { detectIban, detectNumbers, detectPhone } from './detectors-numbers.ts';
import {
  detectAzureSecret,
  detectDiscordBot,
  detectFacebookApp,
  detectMailchimp,
  detectMaxmind,
  detectCryptHash,
  detectPasswordHash,
  detectTelegram,
  detectTerraform,
  SHORTEST_TOKEN,
  WordStarts,
} from './detectors-vendor.ts';
import {
  detectCredentials,
  detectDsnPassword,
  detectEmail,
  detectJwt,
  detectNetrc,
  detectPem,
  detectUrlPassword,
} from './detectors-web.ts';
import { isEscapeLetter } from './key-lookup.ts';
import type { KeyRules } from './keys.ts';
import { Scan, isDigit, isUpper, OTHER } from './scan.ts';

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
const CLASSES: Uint8Array = new Uint8Array(256).fill(PLAIN);

/** Longest string of the first stage: seven bits for each count. */
const MAX_SUMMED = 64;
const COUNT = 127;
const DASHES = 7;
const PLAINS = 14;
const BEYOND_HEX = 21;
/** The weight of a character that only the walk can judge: a sign, or one beyond ASCII. */
const WALK = -1;
const WEIGHTS: Int32Array = new Int32Array(256).fill(WALK);

for (let code = 9; code < OTHER; code++) {
  const character = String.fromCharCode(code);
  if (/[a-z]/.test(character)) setCharacter(code, LOWER, /[a-f]/.test(character) ? 0 : 1 << BEYOND_HEX);
  else if (/[A-Z]/.test(character)) setCharacter(code, UPPER, 1 << BEYOND_HEX);
  else if (/\d/.test(character)) setCharacter(code, DIGIT, 1);
  else if (character === '-') setCharacter(code, SIGN, 1 << DASHES);
  else if (character === '_' || character === '.') setCharacter(code, PLAIN, 1 << BEYOND_HEX);
  else if (/[@=:>"'`~%+(\\|]/.test(character)) setCharacter(code, SIGN, WALK);
  else setCharacter(code, PLAIN, 1 << PLAINS);
}

function setCharacter(code: number, kind: number, weight: number): void {
  CLASSES[code] = kind;
  WEIGHTS[code] = weight;
}

/** Fewest digits of a social security number, the shortest number that is hidden. */
const FEWEST_DIGITS = 9;
/** Fewest digits of an IPv4 address. */
const FEWEST_IP_DIGITS = 4;
const UUID_LENGTH = 36;
const SHORTEST_UNMARKED = 40;
const SHORTEST_DISCORD = 58;
const SPACE = 32;
const LETTER_CAPITAL_B = 66;
const LETTER_B = 98;
const LETTER_M = 109;
const LETTER_U = 117;
const UNDERSCORE = 95;
/** The length of `machine`. */
const MACHINE = 7;
const BACKSLASH = 92;
const DOLLAR = 36;
const DASH = 45;

/** First words of an `Authorization` value, in the cases people write them. */
const SCHEMES = ['Bearer', 'bearer', 'BEARER', 'Basic', 'basic', 'BASIC', 'Negotiate', 'NTLM'];
/** `{"`, and with a space or line break after the brace, in base64. */
const JWT_HEADERS = ['eyJ', 'eyA', 'ewo', 'ew0'];
const MAILCHIMP_REGIONS = ['us1', 'us2', 'us3', 'us4', 'us5', 'us6', 'us7', 'us8', 'us9'];

export interface TextRules {
  readonly enabled: (kind: string) => boolean;
  readonly keys: KeyRules;
  readonly userKeys: readonly string[];
}

export class TextScanner {
  readonly scan: Scan = new Scan();
  readonly #starts: WordStarts;
  readonly #assignments: Assignments | undefined;
  readonly #numbers: NumberKinds;
  readonly #email: boolean;
  readonly #iban: boolean;
  readonly #ip: boolean;
  readonly #passwordHash: boolean;
  readonly #phone: boolean;
  readonly #urls: boolean;
  readonly #vendor: boolean;
  /** Fewer digits than this prove that no number is hidden in a short string. */
  readonly #harmlessDigits: number;

  constructor({ enabled, keys, userKeys }: TextRules) {
    this.#assignments = enabled('assignment') ? new Assignments(keys, userKeys) : undefined;
    this.#numbers = { card: enabled('card'), ssn: enabled('ssn') };
    this.#email = enabled('email');
    this.#iban = enabled('iban');
    this.#ip = enabled('ip');
    this.#passwordHash = enabled('password_hash');
    this.#phone = enabled('phone');
    this.#urls = enabled('url_credentials');
    this.#vendor = enabled('vendor_token');
    this.#harmlessDigits = this.#ip ? FEWEST_IP_DIGITS : FEWEST_DIGITS;
    this.#starts = new WordStarts(enabled);
    if (enabled('jwt')) this.#starts.on(JWT_HEADERS, detectJwt);
    if (enabled('private_key')) this.#starts.on(['BEGIN'], detectPem);
    if (enabled('authorization')) this.#starts.on(SCHEMES, detectCredentials);
    if (this.#assignments !== undefined) {
      const assignments = this.#assignments;
      this.#starts.on(['machine '], detectNetrc);
      this.#starts.on(['ENV '], (scan, at) => assignments.detectEnv(scan, at));
    }
    if (enabled('terraform_token')) this.#starts.on(['atlasv1.'], detectTerraform);
    if (enabled('mailchimp_key')) this.#starts.on(MAILCHIMP_REGIONS, detectMailchimp);
    if (enabled('maxmind_key')) this.#starts.on(['mmk'], detectMaxmind);
    if (enabled('password_hash')) this.#starts.on(['2a$', '2b$', '2y$', 'argon2'], detectPasswordHash);
  }

  /** Whether a secret is found; `scan` then holds the places until it is released. */
  find(text: string): boolean {
    const { length } = text;
    if (length <= MAX_SUMMED) {
      let sum = 0;
      let i = 0;
      for (; i < length; i++) {
        // A character beyond Latin-1 is folded onto another one, which can only make the string more suspect.
        const weight = WEIGHTS[text.charCodeAt(i) & 255] as number;
        if (weight < 0) break;
        sum += weight;
      }
      if (i === length) {
        if (length < SHORTEST_TOKEN && (sum & COUNT) < this.#harmlessDigits) return false;
        if (this.#isHarmless(text, sum)) return false;
      }
    }
    this.scan.load(text);
    this.#walk(this.scan);
    if (this.scan.found) return true;
    this.scan.release();
    return false;
  }

  /** Judges a string without signs by the counts of its characters, and by what its words start with. */
  #isHarmless(text: string, sum: number): boolean {
    const { length } = text;
    const digits = sum & COUNT;
    const plains = (sum >> PLAINS) & COUNT;
    const dashes = (sum >> DASHES) & COUNT;
    if (sum >> BEYOND_HEX === 0 && plains === 0) {
      // Hex ids (trace, span, git) hold at least one letter and no capitals; anything else of digits may be a number.
      if (dashes === 0 && digits < length) return true;
      if (dashes === 4 && length === UUID_LENGTH && isUuidShape(text)) return true;
    }
    if (digits >= this.#harmlessDigits) return false;
    // Two tokens have no mark at their start: those of Discord, and MaxMind's.
    if (length >= SHORTEST_UNMARKED && (length >= SHORTEST_DISCORD || text.includes('_mmk'))) return false;
    // A shell flag (`--password x`) needs a dash and a space.
    if (plains > 0 && dashes > 0) return false;
    const starts = this.#starts;
    const last = length - SHORTEST_TOKEN;
    let before = PLAIN;
    for (let i = 0; i <= last; i++) {
      const code = text.charCodeAt(i);
      const kind = CLASSES[code & 255] as number;
      if (kind < PLAIN && before >= PLAIN) {
        const [second, third, fourth] = [text.charCodeAt(i + 1), text.charCodeAt(i + 2), text.charCodeAt(i + 3)];
        if (starts.possible(code, second, third, fourth)) return false;
      }
      before = kind;
    }
    return true;
  }

  #walk(scan: Scan): void {
    const { codes, length } = scan;
    const starts = this.#starts;
    const lastStart = length - SHORTEST_TOKEN;
    let i = 0;
    while (i < length) {
      let kind = CLASSES[codes[i] as number] as number;
      if (kind > WORD) {
        i = kind === SIGN ? this.#sign(scan, i) || i + 1 : i + 1;
        continue;
      }
      const start = i;
      let bits = 0;
      do {
        bits |= kind;
        kind = CLASSES[codes[++i] as number] as number;
      } while (kind <= WORD);
      if (bits === DIGIT) {
        i = this.#number(scan, start, i);
        continue;
      }
      const first = codes[start] as number;
      // Near the end only what is known by its last letters is looked for: `…-us12`, `…_mmk`.
      if (start > lastStart && first !== LETTER_U && first !== LETTER_M) continue;
      // A short word of prose before a space starts no token; of all that is known, only `bearer`, `basic`, `machine` and
      // `…_mmk` do.
      if (bits === LOWER && codes[i] === SPACE && i - start < SHORTEST_TOKEN) {
        if (first !== LETTER_B && (first !== LETTER_M || (i - start !== MACHINE && codes[start - 1] !== UNDERSCORE))) {
          continue;
        }
      }
      if (starts.possible(first, codes[start + 1] as number, codes[start + 2] as number, codes[start + 3] as number)) {
        const next = starts.detect(scan, start);
        if (next !== 0) {
          i = next;
          continue;
        }
      }
      if ((bits & UPPER) !== 0 && isUpper(first)) i = this.#capitalised(scan, start, i) || i;
    }
  }

  /** A word that starts with a capital: IBANs and the tokens of Discord have no other mark. */
  #capitalised(scan: Scan, start: number, end: number): number {
    const { codes } = scan;
    const isCountry = isUpper(codes[start + 1] as number) && isDigit(codes[start + 2] as number);
    if (this.#iban && isCountry && isDigit(codes[start + 3] as number)) {
      const next = detectIban(scan, start);
      if (next !== 0) return next;
    }
    const first = codes[start] as number;
    return this.#vendor && end - start >= 20 && first >= 77 && first <= 79 ? detectDiscordBot(scan, start) : 0;
  }

  /** `start` to `end` are digits; returns where the number, with all its groups, ends. */
  #number(scan: Scan, start: number, end: number): number {
    const { codes } = scan;
    const count = end - start;
    if (this.#vendor && codes[end] === 58 && count >= 8 && count <= 10) {
      const next = detectTelegram(scan, start);
      if (next !== 0) return next;
    }
    if (codes[end] === DOLLAR && this.#passwordHash && detectCryptHash(scan, start)) return scan.covered;
    if (this.#ip && codes[end] === 46) {
      const next = detectIpv4(scan, start);
      if (next !== 0) return next;
    }
    if (this.#phone) {
      const next = detectPhone(scan, start);
      if (next !== 0) return next;
    }
    if (count < FEWEST_DIGITS && count + digitsAhead(scan, end) < FEWEST_DIGITS) return end;
    return detectNumbers(scan, start, this.#numbers);
  }

  #sign(scan: Scan, at: number): number {
    const { codes } = scan;
    const assignments = this.#assignments;
    // The frequent ones first: they are compared one after another.
    switch (codes[at]) {
      case 34: // "
      case 39: // '
      case 96: {
        // Only after a space, a comma or a bracket can a name without `=` or `:` stand before a quote.
        const before = codes[at - 1] as number;
        if (before !== SPACE && before !== 44 && before !== 40) return 0;
        return assignments?.detectQuoted(scan, at) ?? 0;
      }
      case 58: // :
        if (codes[at + 1] === 47 && codes[at + 2] === 47) return this.#urls ? detectUrlPassword(scan, at) : 0;
        return (this.#ip ? detectIpv6(scan, at) : 0) || (assignments?.detect(scan, at) ?? 0);
      case DASH:
        return at === 0 || (codes[at - 1] as number) <= SPACE ? (assignments?.detectFlag(scan, at) ?? 0) : 0;
      case 61: // =
        return assignments?.detect(scan, at) ?? 0;
      case 40: // (
      case 43: // +
        return this.#phone ? detectPhone(scan, at) : 0;
      case 64: // @
        return (this.#email ? detectEmail(scan, at) : 0) || (this.#urls ? detectDsnPassword(scan, at) : 0);
      case BACKSLASH:
        // In a text inside of a text, `\n` and its like end what stands before them: the letter is no part of a word.
        return isEscapeLetter(codes[at + 1] as number) ? at + 2 : 0;
      case 62: // >
        return (
          (codes[at - 1] === DASH ? assignments?.detectArrow(scan, at) : assignments?.detectElement(scan, at)) ?? 0
        );
      case 37: // %40, %3D, and %B before the card number on a magnetic stripe
        if (codes[at + 1] === 52 && codes[at + 2] === 48) return this.#email ? detectEmail(scan, at, 3) : 0;
        if (codes[at + 1] === 51) return assignments?.detectEncoded(scan, at) ?? 0;
        return codes[at + 1] === LETTER_CAPITAL_B && isDigit(codes[at + 2] as number) ? at + 2 : 0;
      case 124: // |
        return this.#vendor ? detectFacebookApp(scan, at) : 0;
      default: // ~
        return this.#vendor ? detectAzureSecret(scan, at) : 0;
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
