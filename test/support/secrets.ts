/**
 * Secrets that were never anyone's, made from the documented formats with a seed, and harmless texts that look alike.
 *
 * No token stands here in one piece: prefix and rest meet at run time, so that no secret scanner takes this file for a
 * leak.
 */
import { ibanLength } from '../../src/pipeline/redact/checksums.ts';

/** A text with a secret in it, which must not survive redaction. */
export interface Leak {
  readonly kind: string;
  readonly secret: string;
  readonly text: string;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const ALNUM = LOWER + UPPER + DIGITS;

/** Random choices that a seed repeats (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join('');
  }
}

/** ISO/IEC 7812: prefix, length, grouping in print. */
const BRANDS: readonly (readonly [prefix: string, length: number, groups: readonly number[]])[] = [
  ['4', 16, [4, 4, 4, 4]],
  ['51', 16, [4, 4, 4, 4]],
  ['55', 16, [4, 4, 4, 4]],
  ['2221', 16, [4, 4, 4, 4]],
  ['34', 15, [4, 6, 5]],
  ['37', 15, [4, 6, 5]],
  ['36', 14, [4, 6, 4]],
  ['6011', 16, [4, 4, 4, 4]],
  ['65', 16, [4, 4, 4, 4]],
  ['3528', 16, [4, 4, 4, 4]],
  ['62', 16, [4, 4, 4, 4]],
];

function luhnDigit(payload: string): string {
  for (const digit of DIGITS) {
    let sum = 0;
    Array.from(`${payload}${digit}`)
      .reverse()
      .forEach((character, i) => {
        const value = Number(character) * (i % 2 === 0 ? 1 : 2);
        sum += value > 9 ? value - 9 : value;
      });
    if (sum % 10 === 0) return digit;
  }
  throw new Error('unreachable: one of ten digits completes every number');
}

/** A card number of a brand, written in one piece or in the brand's groups. */
export function card(dice: Dice): string {
  const [prefix, length, groups] = dice.pick(BRANDS);
  const payload = prefix + dice.text(DIGITS, length - prefix.length - 1);
  const digits = payload + luhnDigit(payload);
  const separator = dice.pick(['', '', ' ', '-']);
  let at = 0;
  return groups.map((size) => digits.slice(at, (at += size))).join(separator);
}

/** A number in the look of a card whose checksum is wrong. */
export function almostCard(dice: Dice): string {
  const right = card(dice);
  const last = Number(right.at(-1));
  return right.slice(0, -1) + String((last + 1 + dice.below(9)) % 10);
}

export function iban(dice: Dice): string {
  const country = dice.pick(['DE', 'FR', 'GB', 'ES', 'NL', 'AT', 'CH', 'PL', 'NO', 'MT', 'SE']);
  // Great Britain, Malta and the Netherlands start the account with four letters for the bank.
  const bank = dice.text(UPPER, ['GB', 'MT', 'NL'].includes(country) ? 4 : 0);
  const account = bank + dice.text(DIGITS, Math.abs(ibanLength(country)) - 4 - bank.length);
  const asNumber = Array.from(`${account}${country}00`, (c) => (c >= 'A' ? String(c.charCodeAt(0) - 55) : c)).join('');
  const check = String(98n - (BigInt(asNumber) % 97n)).padStart(2, '0');
  const whole = country + check + account;
  return dice.pick([true, false]) ? whole : (whole.match(/.{1,4}/g) ?? []).join(' ');
}

export function ssn(dice: Dice): string {
  const area = String(dice.pick([1 + dice.below(665), 667 + dice.below(233)])).padStart(3, '0');
  const separator = dice.pick(['-', '-', '.']);
  const group = String(1 + dice.below(99)).padStart(2, '0');
  return [area, group, String(1 + dice.below(9_999)).padStart(4, '0')].join(separator);
}

export function jwt(dice: Dice): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { sub: dice.text(ALNUM, 12), iat: 1_700_000_000 + dice.below(1e8) };
  return [part({ alg: 'HS256', typ: 'JWT' }), part(payload), dice.text(ALNUM, 43)].join('.');
}

export function email(dice: Dice): string {
  const local = dice.text(LOWER, 3 + dice.below(8)) + dice.pick(['', '.x', '+tag', '_1']);
  return `${local}@${dice.text(LOWER, 4 + dice.below(6))}.${dice.pick(['com', 'co.uk', 'io', 'example.org'])}`;
}

export function pem(dice: Dice): string {
  const label = dice.pick(['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ']);
  const lines = Array.from({ length: 3 }, () => dice.text(`${ALNUM}+/`, 64));
  const breaks = dice.pick(['\n', '\\n']);
  return ['BEGIN', 'END']
    .map((edge) => `-----${edge} ${label}PRIVATE KEY-----`)
    .join(breaks + lines.join(breaks) + breaks);
}

/** Prefix, alphabet and length of tokens, as their issuers document them. */
const TOKENS: readonly (readonly [prefix: string, alphabet: string, length: number])[] = [
  ['AKIA', `${UPPER}${DIGITS}`, 16],
  ['ghp_', ALNUM, 36],
  ['github_pat_', ALNUM, 82],
  ['glpat-', ALNUM, 20],
  ['sk_live_', ALNUM, 24],
  ['AIza', `${ALNUM}_-`, 35],
  ['npm_', ALNUM, 36],
  ['dop_v1_', HEX, 64],
  ['shpat_', HEX, 32],
  ['hf_', `${LOWER}${UPPER}`, 34],
  ['dapi', HEX, 32],
  ['sk-ant-api03-', ALNUM, 95],
  ['sk-proj-', ALNUM, 48],
  ['hvs.', ALNUM, 90],
  ['SK', HEX, 32],
  ['xoxb-1', `${DIGITS}${LOWER}`, 30],
  ['pypi-AgEI', ALNUM, 60],
  ['dckr_pat_', ALNUM, 27],
  ['glsa_', ALNUM, 32],
].map(([prefix, alphabet, length]) => [prefix, alphabet, length] as [string, string, number]);

export function vendorToken(dice: Dice): string {
  const [prefix, alphabet, length] = dice.pick(TOKENS);
  const rest = dice.text(alphabet, length);
  return prefix === 'glsa_' ? `${prefix}${rest}_${dice.text(HEX, 8)}` : prefix + rest;
}

/** A password of letters, digits and signs, starting with a letter, none of them ending an unquoted value. */
export function password(dice: Dice): string {
  return dice.text(LOWER, 1) + dice.text(`${ALNUM}!#*+-_.~^`, 7 + dice.below(12)) + dice.text(DIGITS, 2);
}

const SECRET_NAMES = [
  'password',
  'DB_PASSWORD',
  'apiKey',
  'api_key',
  'client-secret',
  'accessToken',
  'AUTH_TOKEN',
  'pwd',
];

/** How people, programs and files write a name and its secret. */
const ASSIGNMENTS: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name}=${value}`,
  (name, value) => `${name} = "${value}"`,
  (name, value) => `${name}: ${value}`,
  (name, value) => `connecting with ${name}=${value}, retrying`,
  (name, value) => JSON.stringify({ id: 7, [name]: value, ok: true }),
  (name, value) => JSON.stringify({ body: JSON.stringify({ [name]: value }) }),
  (name, value) => `{ ${name}: '${value}', id: 7 }`,
  (name, value) => `GET /login?user=7&${name}=${value}&next=%2F HTTP/1.1`,
  (name, value) => `tool --${name} ${value} --verbose`,
  (name, value) => `<${name}>${value}</${name}>`,
  (name, value) => `id: 7\n${name}: ${value}\nregion: eu`,
  (name, value) => `export ${name}='${value}'`,
];

const SENTENCES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `payment failed for ${secret} (declined)`,
  (secret) => `{"value":"${secret}","n":1}`,
  (secret) => `Error: bad input ${secret}\n    at charge (file:///app/src/charge.js:12:7)`,
  (secret) => `a=1 b=${secret} c=3`,
  (secret) => `[${secret}]`,
];

const MAKERS: Readonly<Record<string, (dice: Dice) => Omit<Leak, 'kind'>>> = {
  card: (dice) => inSentence(dice, card(dice)),
  iban: (dice) => inSentence(dice, iban(dice)),
  ssn: (dice) => inSentence(dice, ssn(dice)),
  email: (dice) => inSentence(dice, email(dice)),
  jwt: (dice) => inSentence(dice, jwt(dice)),
  pem: (dice) => inSentence(dice, pem(dice)),
  vendor: (dice) => inSentence(dice, vendorToken(dice)),
  assignment: (dice) => {
    const secret = password(dice);
    return { secret, text: dice.pick(ASSIGNMENTS)(dice.pick(SECRET_NAMES), secret) };
  },
  bearer: (dice) => {
    const secret = dice.text(ALNUM, 40);
    return { secret, text: dice.pick(['Authorization: Bearer ', 'sent bearer ', 'authorization=Bearer ']) + secret };
  },
  basic: (dice) => {
    const secret = Buffer.from(`user:${password(dice)}`).toString('base64');
    return { secret, text: `curl -H "Authorization: Basic ${secret}" https://api.example.com/` };
  },
  url: (dice) => {
    const secret = password(dice).replace(/[#]/g, 'x');
    const scheme = dice.pick(['https', 'postgres', 'mongodb+srv', 'redis', 'amqp', 'jdbc:mysql']);
    return { secret, text: `connect ${scheme}://app:${secret}@db.internal:5432/main failed` };
  },
  connection: (dice) => {
    const secret = password(dice);
    return { secret, text: `Server=tcp:db,1433;User ID=sa;Password=${secret};Encrypt=True` };
  },
  cookie: (dice) => {
    const secret = dice.text(ALNUM, 24);
    return { secret, text: `Cookie: theme=dark; sid=${secret}; lang=en` };
  },
};

function inSentence(dice: Dice, secret: string): Omit<Leak, 'kind'> {
  return { secret, text: dice.pick(SENTENCES)(secret) };
}

/** `count` leaks of every kind. */
export function leaks(seed: number, count: number): Leak[] {
  const dice = new Dice(seed);
  return Object.entries(MAKERS).flatMap(([kind, make]) =>
    Array.from({ length: count }, () => ({ kind, ...make(dice) })),
  );
}

function uuid(dice: Dice): string {
  return [8, 4, 4, 4, 12].map((length) => dice.text(HEX, length)).join('-');
}

const LOOK_ALIKES: readonly ((dice: Dice) => string)[] = [
  uuid,
  (dice) => uuid(dice).toUpperCase(),
  (dice) => dice.text(HEX, 32),
  (dice) => dice.text(HEX, 40),
  (dice) => `commit ${dice.text(HEX, 40)}`,
  (dice) => `00-${dice.text(HEX, 32)}-${dice.text(HEX, 16)}-01`,
  almostCard,
  (dice) => new Date(1.6e12 + dice.below(3e11)).toISOString(),
  (dice) => String(1.6e12 + dice.below(3e11)),
  (dice) => `1${dice.text(DIGITS, 18)}`,
  (dice) => `v${dice.below(20)}.${dice.below(99)}.${dice.below(99)}-beta.${dice.below(9)}`,
  (dice) => `ord_${dice.text(HEX, 8)}`,
  (dice) => `https://shop.example.com/orders/${dice.text(HEX, 12)}?page=${dice.below(9)}&sort=asc#top`,
  (dice) => `http://10.0.${dice.below(255)}.${dice.below(255)}:8080/health`,
  (dice) => `    at Foo.bar (/app/node_modules/@scope/pkg@${dice.below(9)}.1.0/dist/index.js:${dice.below(999)}:7)`,
  (dice) => `10.0.0.${dice.below(255)} - - [10/Oct/2025:13:55:36 -0700] "GET /a.gif HTTP/1.1" 200 ${dice.below(9_999)}`,
  (dice) => JSON.stringify({ token_type: 'bearer', expires_in: dice.below(9_999), tokens_used: dice.below(999) }),
  (dice) => `Unexpected token '<', "<!DOCTYPE "... is not valid JSON at position ${dice.below(99)}`,
  (dice) => dice.pick(['password is required', 'invalid password: must be longer', 'csrf token missing', 'no api key']),
  (dice) => dice.pick(['author=jane', 'monkey: banana', 'cardinality=12', 'has_password=yes', 'pinned: 3']),
  (dice) => dice.pick(['password: ${DB_PASSWORD}', 'api_key = ""', "secret: ''", 'token=<redacted>', 'pwd=***']),
  (dice) =>
    dice.pick([
      "console.log('password:', value);",
      'Pass `Infinity` to lift them',
      'no pass: valid source',
      'pass: 12',
    ]),
  (dice) => `took ${dice.below(999)} ms, ${dice.below(99)} of ${dice.below(9_999)} rows`,
];

/** Harmless texts, `count` of each look, which must come out as they went in. */
export function harmless(seed: number, count: number): string[] {
  const dice = new Dice(seed);
  return LOOK_ALIKES.flatMap((make) => Array.from({ length: count }, () => make(dice)));
}
