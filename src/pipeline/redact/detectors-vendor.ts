import type { Detector, Scan } from './scan.ts';
import { isAlnum, isDigit } from './scan.ts';
import { TOKEN_FORMATS } from './vendor-tokens.ts';

/** No known token is shorter. */
export const SHORTEST_TOKEN = 13;
/** Slots of the first look; a slot can be shared, the prefix decides. */
const SLOT_BITS = 14;
const SLOTS = 1 << SLOT_BITS;
/** Fibonacci hashing: 2^32 over the golden ratio. */
const MIX = 0x9e3779b1;

const TELEGRAM = /\d{8,10}:[\w-]{35}(?![\w-])/y;
const TERRAFORM = /(?<=(?:(?<![A-Za-z0-9])|\\[nrt])[A-Za-z0-9]{14}\.)atlasv1\.[\w=-]{60,}/y;
const AZURE_CLIENT = /(?<=(?:(?<![\w~.-])|\\[nrt])[\w~.-]{3}\dQ)~[\w~.-]{31,34}(?![\w~-])/y;
const MAILCHIMP = /(?<=(?:(?<![\w-])|\\[nrt])[0-9a-f]{32}-)us\d{1,2}(?!\w)/y;
const MAXMIND = /(?<=(?:(?<!\w)|\\[nrt])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_)mmk(?!\w)/y;
/** Hashes of passwords in the modular crypt format; `$2b$10$…`, `$argon2id$v=19$…`, `$6$…`. */
const PASSWORD_HASH = /(?<=\$)(?:2[aby]\$\d\d\$[\w./]{53}|argon2(?:id|i|d)\$[\w=,$+/-]{30,400})/y;
const CRYPT_HASH = /(?<=\$)[1567]\$(?:rounds=\d{1,9}\$)?[\w./]{1,16}\$[\w./]{22,86}(?![\w./])/y;
const FACEBOOK_APP = /(?<=(?<!\d)\d{15,16})\|[\w-]{27,40}(?![\w-])/y;
const DISCORD_BOT = /[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])/y;

/** What to try where a word starts with a known prefix: the rest of a token, or a detector of its own. */
interface WordStart {
  readonly kind: string;
  readonly prefix: string;
  /** Sticky, so that a match costs its own length and nothing is searched for. */
  readonly rest: RegExp | undefined;
  readonly weak: boolean;
  readonly detector: Detector | undefined;
}

/** The slot of three characters; the same three always share one. */
function slotOf(a: number, b: number, c: number): number {
  return Math.imul((a << 14) | (b << 7) | c, MIX) >>> (32 - SLOT_BITS);
}

/** Finds what is known by how it starts: three characters at the start of each word select what is worth a try. */
export class WordStarts {
  readonly #bucketOf = new Uint16Array(SLOTS);
  /** By slot, which fourth characters may follow: one bit for each, folded to five bits; 0 for an empty slot. */
  readonly #fourth = new Uint32Array(SLOTS);
  readonly #buckets: WordStart[][] = [[]];

  /** `enabled` says whether a kind is switched on. */
  constructor(enabled: (kind: string) => boolean) {
    for (const { kind, prefixes, rest, weak } of TOKEN_FORMATS) {
      if (!enabled(kind)) continue;
      const pattern = new RegExp(`(?:${rest})`, 'y');
      for (const prefix of prefixes) {
        this.#add({ kind, prefix, rest: pattern, weak: weak === true, detector: undefined });
      }
    }
  }

  /** Calls `detector` where a word starts with one of `prefixes`. */
  on(prefixes: readonly string[], detector: Detector): void {
    for (const prefix of prefixes) this.#add({ kind: '', prefix, rest: undefined, weak: false, detector });
  }

  #add(start: WordStart): void {
    const { prefix } = start;
    const [a, b] = [prefix.charCodeAt(0), prefix.charCodeAt(1)];
    if (prefix.length >= 3) this.#put(slotOf(a, b, prefix.charCodeAt(2)), start);
    // A prefix of two characters is looked for under every third one.
    else for (let c = 48; c < 123; c++) if (isAlnum(c)) this.#put(slotOf(a, b, c), start);
  }

  #put(slot: number, start: WordStart): void {
    const bucket = this.#bucketOf[slot] as number;
    const fourth = start.prefix.length > 3 ? 1 << (start.prefix.charCodeAt(3) & 31) : -1;
    this.#fourth[slot] = (this.#fourth[slot] as number) | fourth;
    if (bucket !== 0) {
      this.#buckets[bucket]?.push(start);
      return;
    }
    this.#bucketOf[slot] = this.#buckets.length;
    this.#buckets.push([start]);
  }

  /** True when something known could start with these four characters. */
  possible(a: number, b: number, c: number, d: number): boolean {
    return (((this.#fourth[slotOf(a, b, c)] as number) >>> (d & 31)) & 1) === 1;
  }

  /** Hides what starts at `at`, a word's first character. */
  detect(scan: Scan, at: number): number {
    const { codes, text } = scan;
    const slot = slotOf(codes[at] as number, codes[at + 1] as number, codes[at + 2] as number);
    for (const { kind, prefix, rest, weak, detector } of this.#buckets[this.#bucketOf[slot] as number] as WordStart[]) {
      if (!text.startsWith(prefix, at)) continue;
      if (rest === undefined) {
        const next = detector?.(scan, at) ?? 0;
        if (next !== 0) return next;
        continue;
      }
      rest.lastIndex = at + prefix.length;
      if (!rest.test(text)) continue;
      const end = rest.lastIndex;
      if (!weak || standsAlone(scan, at, end)) return scan.hide(at, end, kind);
    }
    return 0;
  }
}

/** Not a part of base64, of a path or of a longer name. */
function standsAlone(scan: Scan, start: number, end: number): boolean {
  const before = scan.codes[start - 1] ?? 0;
  const after = scan.codes[end] as number;
  if (isAlnum(after) || after === 43 || after === 47 || after === 95) return false;
  return before !== 43 && before !== 46 && before !== 95 && before !== 47;
}

/** `<bot id>:<key>` (Telegram Bot API); `at` is the first digit. */
export function detectTelegram(scan: Scan, at: number): number {
  return hideMatch(scan, TELEGRAM, at, at, 'telegram_token');
}

/** `<14 characters>.atlasv1.<secret>` (HCP Terraform); `at` is the `a`. */
export function detectTerraform(scan: Scan, at: number): number {
  return hideMatch(scan, TERRAFORM, at, at - 15, 'terraform_token');
}

/** Microsoft Entra client secret: three characters, a digit, `Q~`; `at` is the tilde. */
export function detectAzureSecret(scan: Scan, at: number): number {
  if (scan.codes[at - 1] !== 81 || !isDigit(scan.codes[at - 2] ?? 0)) return 0;
  return hideMatch(scan, AZURE_CLIENT, at, at - 5, 'azure_client_secret');
}

/** `<32 hex digits>-us12` (Mailchimp); `at` is the `u`. */
export function detectMailchimp(scan: Scan, at: number): number {
  return hideMatch(scan, MAILCHIMP, at, at - 33, 'mailchimp_key');
}

/** `<6 characters>_<29 characters>_mmk` (MaxMind); `at` is the `m`. */
export function detectMaxmind(scan: Scan, at: number): number {
  return hideMatch(scan, MAXMIND, at, at - 37, 'maxmind_key');
}

/** `<app id>|<secret>` (Meta); `at` is the bar. */
export function detectFacebookApp(scan: Scan, at: number): number {
  if (!isDigit(scan.codes[at - 1] ?? 0)) return 0;
  return hideMatch(scan, FACEBOOK_APP, at, at, 'facebook_token');
}

/** A password's hash (bcrypt, Argon2), which can be guessed at; `at` is the character after the first dollar sign. */
export function detectPasswordHash(scan: Scan, at: number): number {
  return scan.codes[at - 1] === 36 ? hideMatch(scan, PASSWORD_HASH, at, at - 1, 'password_hash') : 0;
}

/** The same of crypt(3), known by a number. */
export function detectCryptHash(scan: Scan, at: number): number {
  return scan.codes[at - 1] === 36 ? hideMatch(scan, CRYPT_HASH, at, at - 1, 'password_hash') : 0;
}

/** A Discord bot token: three base64url parts of known lengths, the first being a snowflake. */
export function detectDiscordBot(scan: Scan, at: number): number {
  const word = scan.text.slice(at, at + 26);
  return /\d/.test(word) && /[a-z]/.test(word) ? hideMatch(scan, DISCORD_BOT, at, at, 'discord_token') : 0;
}

function hideMatch(scan: Scan, pattern: RegExp, at: number, start: number, kind: string): number {
  pattern.lastIndex = at;
  return pattern.test(scan.text) ? scan.hide(Math.max(start, scan.covered), pattern.lastIndex, kind) : 0;
}
