/**
 * Secrets that were never anyone's, made with a seed from the formats that their issuers document.
 *
 * No token stands here in one piece: prefix and rest meet at run time, so that no secret scanner takes this file for a
 * leak.
 */
import { ibanLength } from '../../../src/pipeline/redact/checksums.ts';
import type { Dice } from './dice.ts';
import { ALNUM, DIGITS, HEX, LOWER, UPPER } from './dice.ts';

/** ISO/IEC 7812: prefixes, length, grouping in print. */
const BRANDS: readonly (readonly [prefixes: string, length: number, groups: readonly number[]])[] = [
  ['4', 16, [4, 4, 4, 4]],
  ['51 52 53 54 55 2221 2500 2720', 16, [4, 4, 4, 4]],
  ['34 37', 15, [4, 6, 5]],
  ['300 305 36 38 39', 14, [4, 6, 4]],
  ['6011 644 649 65', 16, [4, 4, 4, 4]],
  ['3528 3589', 16, [4, 4, 4, 4]],
  ['62', 16, [4, 4, 4, 4]],
  ['2200 2204', 16, [4, 4, 4, 4]],
  ['5018 6304 6759', 16, [4, 4, 4, 4]],
];

function luhnDigit(payload: string): string {
  let sum = 0;
  for (let i = payload.length - 1, double = true; i >= 0; i--, double = !double) {
    const value = Number(payload[i]) * (double ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return String((10 - (sum % 10)) % 10);
}

/** A card number of a brand, written in one piece or in the brand's groups. */
export function card(dice: Dice): string {
  const [prefixes, length, groups] = dice.pick(BRANDS);
  const prefix = dice.pick(prefixes.split(' '));
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

/** Account formats (SWIFT IBAN registry): letters that start the account number, then digits. */
const IBAN_COUNTRIES =
  'AD:0 AE:0 AL:0 AT:0 AZ:4 BA:0 BE:0 BG:4 BH:4 BR:0 CH:0 CR:0 CY:0 CZ:0 DE:0 DK:0 DO:4 EE:0 EG:0 ES:0 FI:0 FO:0 FR:0 GB:4 ' +
  'GE:2 GI:4 GL:0 GR:0 GT:4 HR:0 HU:0 IE:4 IL:0 IS:0 JO:4 KW:4 KZ:0 LB:0 LC:4 LI:0 LT:0 LU:0 LV:4 MC:0 MD:0 ME:0 MK:0 MT:4 ' +
  'MU:4 NL:4 NO:0 PK:4 PL:0 PT:0 QA:4 RO:4 RS:0 SA:0 SE:0 SI:0 SK:0 SM:1 TL:0 TN:0 TR:0 UA:0 VA:0 VG:4 XK:0';

export function iban(dice: Dice): string {
  const [country = '', letters = ''] = dice.pick(IBAN_COUNTRIES.split(' ')).split(':');
  const bank = dice.text(UPPER, Number(letters));
  const account = bank + dice.text(DIGITS, Math.abs(ibanLength(country)) - 4 - bank.length);
  const asNumber = Array.from(`${account}${country}00`, (c) => (c >= 'A' ? String(c.charCodeAt(0) - 55) : c)).join('');
  const check = String(98n - (BigInt(asNumber) % 97n)).padStart(2, '0');
  const whole = country + check + account;
  return dice.pick([whole, (whole.match(/.{1,4}/g) ?? []).join(' '), (whole.match(/.{1,4}/g) ?? []).join('-')]);
}

export function ssn(dice: Dice): string {
  const area = String(dice.pick([dice.between(1, 665), dice.between(667, 899)])).padStart(3, '0');
  const group = String(dice.between(1, 99)).padStart(2, '0');
  return [area, group, String(dice.between(1, 9_999)).padStart(4, '0')].join(dice.pick(['-', '-', '.']));
}

export function jwt(dice: Dice): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { sub: dice.text(ALNUM, 12), iat: 1_700_000_000 + dice.below(1e8) };
  if (dice.below(5) === 0) {
    // Encrypted (RFC 7516): five parts.
    const rest = [64, 16, 48, 22].map((length) => dice.text(`${ALNUM}-_`, length));
    return [part({ alg: 'RSA-OAEP', enc: 'A256GCM' }), ...rest].join('.');
  }
  const header = dice.pick([
    { alg: 'HS256', typ: 'JWT' },
    { typ: 'JWT', alg: 'ES256', kid: dice.text(HEX, 8) },
  ]);
  return [part(header), part(payload), dice.text(`${ALNUM}-_`, dice.pick([43, 86]))].join('.');
}

export function email(dice: Dice): string {
  const word = (): string => dice.text(LOWER, dice.between(3, 9));
  const locals = [word(), `${word()}.${word()}`, `${word()}+${word()}`, `${word()}_${dice.below(99)}`];
  const quotes = [word().toUpperCase(), `o'${word()}`, dice.text(DIGITS, 6), `${word()}-${word()}`];
  const domains = ['com', 'co.uk', 'io', 'museum', 'mail.example.org', 'k12.ca.us', 'xn--p1ai', 'travel', 'dev'];
  return `${dice.pick([...locals, ...quotes])}@${word()}${dice.pick(['', '-x', '.eu'])}.${dice.pick(domains)}`;
}

export function pem(dice: Dice): string {
  const label = dice.pick(['', 'RSA ', 'EC ', 'DSA ', 'OPENSSH ', 'ENCRYPTED ']);
  const lines = Array.from({ length: dice.between(3, 12) }, () => dice.text(`${ALNUM}+/`, 64));
  const breaks = dice.pick(['\n', '\n', '\r\n', '\\n']);
  return ['BEGIN', 'END']
    .map((edge) => `-----${edge} ${label}PRIVATE KEY-----`)
    .join(breaks + lines.join(breaks) + breaks);
}

type Format = readonly [prefix: string, alphabet: string, length: number, suffix?: string];
const BASE64 = `${ALNUM}+/`;
const BASE64URL = `${ALNUM}-_`;
const UPPER_DIGITS = UPPER + DIGITS;
const LOWER_DIGITS = LOWER + DIGITS;

/** Prefix, alphabet and length of tokens, as their issuers document them. */
const TOKENS: readonly Format[] = [
  ['AKIA', UPPER_DIGITS, 16],
  ['ASIA', UPPER_DIGITS, 16],
  ['ghp_', ALNUM, 36],
  ['gho_', ALNUM, 36],
  ['ghs_', ALNUM, 36],
  ['github_pat_', ALNUM, 82],
  ['glpat-', BASE64URL, 20],
  ['gldt-', BASE64URL, 20],
  ['glrt-', BASE64URL, 20],
  ['sk_live_', ALNUM, 24],
  ['rk_test_', ALNUM, 99],
  ['whsec_', ALNUM, 32],
  ['AIza', BASE64URL, 35],
  ['ya29.', BASE64URL, 80],
  ['GOCSPX-', BASE64URL, 28],
  ['npm_', ALNUM, 36],
  ['pypi-AgEIcHlwaS5vcmc', BASE64URL, 70],
  ['rubygems_', HEX, 48],
  ['oy2', LOWER_DIGITS, 43],
  ['dop_v1_', HEX, 64],
  ['shpat_', HEX, 32],
  ['shpss_', HEX, 32],
  ['hf_', LOWER + UPPER, 34],
  ['dapi', HEX, 32],
  ['sk-ant-api03-', BASE64URL, 93, 'AA'],
  ['sk-proj-', BASE64URL, 120],
  ['sk-', ALNUM, 48],
  ['gsk_', ALNUM, 52],
  ['r8_', ALNUM, 37],
  ['xai-', ALNUM, 80],
  ['pplx-', ALNUM, 48],
  ['hvs.', BASE64URL, 90],
  ['hvb.', BASE64URL, 140],
  ['SK', HEX, 32],
  ['AC', HEX, 32],
  ['xoxb-', DIGITS, 12, '-abcdefghijkl'],
  ['xoxp-', DIGITS, 12, '-123456789012-abcdef'],
  ['xapp-1-A', UPPER_DIGITS, 10, '-1234567890-abcdef'],
  ['dckr_pat_', BASE64URL, 27],
  ['glsa_', ALNUM, 32, '_0a1b2c3d'],
  ['glc_', BASE64, 64],
  ['PMAK-', HEX, 24, '-0123456789abcdef0123456789abcdef01'],
  ['lin_api_', ALNUM, 40],
  ['ntn_', ALNUM, 46],
  ['figd_', BASE64URL, 40],
  ['sq0atp-', BASE64URL, 22],
  ['EAAA', BASE64URL, 60],
  ['key-', HEX, 32],
  ['SG.', BASE64URL, 22, `.${'a1B2'.repeat(11)}`],
  ['xkeysib-', HEX, 64, '-abcdEFGH12345678'],
  ['NRAK-', UPPER_DIGITS, 27],
  ['phx_', ALNUM, 43],
  ['sntrys_', ALNUM, 100],
  ['dp.pt.', ALNUM, 43],
  ['pul-', HEX, 40],
  ['tfp_', ALNUM, 59],
  ['tskey-auth-', ALNUM, 16, '-abcdefghijklmnop12345'],
  ['CCIPAT_', ALNUM, 22, `_${'0a'.repeat(20)}`],
  ['sgp_', HEX, 40],
  ['pscale_tkn_', BASE64URL, 43],
  ['sbp_', HEX, 40],
  ['AGE-SECRET-KEY-1', 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58],
  ['EZAK', ALNUM, 54],
  ['FLWSECK_TEST-', 'abcdefgh12345', 12],
  ['shippo_live_', HEX, 40],
  ['duffel_test_', BASE64URL, 43],
  ['LTAI', ALNUM, 20],
  ['AQVN', BASE64URL, 36],
  ['pnu_', ALNUM, 36],
  ['ATATT3', BASE64URL, 186],
  ['sl.', BASE64URL, 135],
  ['cfut_', ALNUM, 48],
  ['vcp_', ALNUM, 24],
  ['rnd_', ALNUM, 32],
  ['bkua_', LOWER_DIGITS, 40],
  ['aio_', ALNUM, 28],
  ['4b1d', ALNUM, 38],
  ['mdb_sa_sk_', ALNUM, 40],
  ['BBFF-', ALNUM, 30],
  ['hawk.', ALNUM, 20, '.abcdefghijABCDEFGHIJ'],
  ['da2-', LOWER, 25, '7'],
  ['ddp_', ALNUM, 36],
  ['AVNS_', BASE64URL, 19],
  ['napi_', LOWER, 64],
  ['bkaj_', HEX, 40],
  ['snyk_uat.', HEX, 8, `.${'a1b2C3d4-'.repeat(8)}`],
  ['tr_prod_', ALNUM, 20],
  ['px-api-', HEX, 8, '-1234-5678-9abc-0123456789ab'],
  ['bb_pr_', HEX, 30],
  ['scp-live-', HEX, 32],
  ['tkn.v1_', ALNUM, 64],
  ['xau_', ALNUM, 40],
  ['hcaik_', HEX, 58],
  ['signkey-prod-', HEX, 64],
  ['vk1.a.', BASE64URL, 80],
  ['pk_', HEX, 5, 'b_0123456789abcdef0123456789abcdef01'],
  ['sk_', HEX, 31, '7'],
  ['live_', HEX, 34, '7'],
  ['test_', HEX, 34, '7'],
  ['ramp_sec_', ALNUM, 48],
  ['rh-api-', HEX, 8, '-1234-5678-9abc-0123456789ab'],
  ['pdl_live_', ALNUM, 50],
  ['polar_oat_', ALNUM, 40],
  ['live_', DIGITS, 10, '_abcdefghijABCDEFGHIJ0123456789'],
  ['jina_', ALNUM, 60],
  ['fc-', HEX, 32],
  ['rpa_', UPPER, 44],
  ['csk-', LOWER, 48],
  ['llx-', ALNUM, 48],
  ['e2b_', HEX, 40],
  ['rootly_', HEX, 64],
  ['hbp_', ALNUM, 36],
  ['phs_', ALNUM, 40],
  ['u-s4t2af-', HEX, 64],
  ['BBDC-', ALNUM, 44],
  ['figp_', BASE64URL, 43],
];

export function vendorToken(dice: Dice): string {
  const [prefix, alphabet, length, suffix = ''] = dice.pick(TOKENS);
  // A token never ends in a separator: that one would belong to the sentence.
  const rest = dice.text(alphabet, length - 1) + dice.text(alphabet.replace(/[-_+/]+$/, ''), 1);
  return prefix + rest + suffix;
}

/** Tokens whose mark is not at their start. */
const SHAPED: readonly ((dice: Dice) => string)[] = [
  (dice) => `${dice.text('123456789', 9)}:A${dice.text(ALNUM, 34)}`,
  (dice) => `${dice.text(ALNUM, 14)}.atlasv1.${dice.text(BASE64URL, 66)}a`,
  (dice) => `${dice.text(ALNUM, 3)}8Q~${dice.text(ALNUM, 34)}`,
  (dice) => `${dice.text(HEX, 32)}-us${dice.between(1, 21)}`,
  (dice) => `${dice.text(ALNUM, 6)}_${dice.text(ALNUM, 29)}_mmk`,
  (dice) => `MT${dice.text(DIGITS, 2)}${dice.text(ALNUM, 20)}.${dice.text(BASE64URL, 5)}x.${dice.text(ALNUM, 27)}`,
];

export function shapedToken(dice: Dice): string {
  return dice.pick(SHAPED)(dice);
}

/** What people and machines choose: letters with digits and signs; passphrases; hex and base64 keys; UUIDs. */
export function password(dice: Dice): string {
  const word = (): string => dice.text(LOWER, dice.between(4, 8));
  switch (dice.below(6)) {
    case 0:
      return word() + String(dice.between(10, 9_999));
    case 1:
      return `${word()}-${word()}-${word()}`;
    case 2:
      return dice.text(HEX, dice.pick([32, 40, 64]));
    case 3:
      return dice.text(ALNUM, dice.between(20, 60));
    case 4:
      return dice.uuid();
    default:
      return dice.text(LOWER, 1) + dice.text(`${ALNUM}!#*+-_.~^`, dice.between(7, 18)) + dice.text(DIGITS, 2);
  }
}

/** Passwords with signs that only a pair of quotes can hold together. */
export function oddPassword(dice: Dice): string {
  return dice.text(LOWER, 3) + dice.pick([' ', ', ', ';', '&', '=', ': ', '}', ')', '@', '#']) + dice.text(ALNUM, 9);
}
