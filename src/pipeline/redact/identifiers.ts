/**
 * Identifiers of persons and things that are hidden only when asked for: national ids and tax numbers, MAC addresses, crypto
 * wallets. Each is a pattern of bounded length and the check that its issuer defines, so that of other numbers few are
 * taken for one. They run after the pass over a text, and only those that are switched on.
 */
import { luhnValid } from './checksums.ts';
import * as check from './identifier-checks.ts';
import { base58Valid, bech32Valid } from './wallets.ts';

export interface Identifier {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Judges the letters and digits of a match. */
  readonly isValid: (bare: string) => boolean;
}

const always = (): boolean => true;
/** Neither a part of a word, nor one group in a row of numbers. */
const BEFORE = '(?<![\\w.+-]|\\d\\d )';
const AFTER = '(?!\\w|[.-]\\d| \\d{2})';

/** `3-3-3` is three groups of digits, with the same space, dash, dot or nothing between them. */
function grouped(groups: string): string {
  const [first = '', ...others] = groups.split('-').map((size) => `\\d{${size}}`);
  return `${first}(?:([ .-]?)${others[0]}${others
    .slice(1)
    .map((group) => `\\1${group}`)
    .join('')})`;
}

function digits(kind: string, groups: string, isValid: (bare: string) => boolean): Identifier {
  const alternatives = groups.split('|').map((one) => (one.includes('-') ? grouped(one) : `\\d{${one}}`));
  // Each alternative refers to a separator of its own.
  const parts = alternatives.map((one, i) =>
    one.replace('([ .-]?)', `(?<s${i}>[ .-]?)`).replaceAll('\\1', `\\k<s${i}>`),
  );
  return letters(kind, parts.join('|'), (bare) => !/^0+$/.test(bare) && isValid(bare));
}

function letters(kind: string, source: string, isValid: (bare: string) => boolean = always, flags = 'g'): Identifier {
  return { kind, pattern: new RegExp(`${BEFORE}(?:${source})${AFTER}`, flags), isValid };
}

/** In capitals or not. */
function anyCase(kind: string, source: string, isValid: (bare: string) => boolean = always): Identifier {
  return letters(kind, source, (bare) => isValid(bare.toUpperCase()), 'gi');
}

/** Unix times in seconds and milliseconds, from 2020 to 2030, which pass a check digit one time in ten. */
function isTime(number: string): boolean {
  return (number.length === 10 || number.length === 13) && /^1[678]/.test(number);
}

const NATIONAL_IDS: readonly Identifier[] = [
  digits('aba_routing', '9|4-4-1', (n) => /^(?:0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/.test(n) && check.weighted(n, [3, 7, 1]) % 10 === 0),
  digits('au_abn', '2-3-3-3', (n) => (check.weighted(n, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0),
  digits('au_acn', '3-3-3', (n) => (10 - (check.weighted(n, [8, 7, 6, 5, 4, 3, 2, 1], 8) % 10)) % 10 === Number(n[8])),
  digits('au_medicare', '4-5-1|4-5-2|4-5-1-1', (n) => /^[2-6]/.test(n) && !isTime(n) && check.weighted(n, [1, 3, 7, 9, 1, 3, 7, 9], 8) % 10 === Number(n[8])),
  digits('au_tfn', '3-3-3', (n) => check.weighted(n, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0),
  letters('be_national_number', '\\d{2}\\.?\\d{2}\\.?\\d{2}-?\\d{3}\\.?\\d{2}', check.isBelgianId),
  letters('br_cnpj', '\\d{2}\\.?\\d{3}\\.?\\d{3}\\/?\\d{4}-?\\d{2}', check.isCnpj),
  letters('br_cpf', '\\d{3}\\.?\\d{3}\\.?\\d{3}-?\\d{2}', check.isCpf),
  digits('ca_sin', '3-3-3', (n) => !n.startsWith('8') && luhnValid(n)),
  letters('ch_ahv', '756([. ]?)\\d{4}\\1\\d{4}\\1\\d{2}', (n) => check.weighted(n, [1, 3]) % 10 === 0),
  letters('cn_resident_id', '[1-9]\\d{5}(?:19|20)\\d{9}[\\dX]', check.isChineseId),
  digits('de_tax_id', '2-3-3-3', (n) => !n.startsWith('0') && check.mod1110(n)),
  letters('dk_cpr', '[0-3]\\d[01]\\d\\d{2}-\\d{4}', (n) => check.isDate(n, true)),
  anyCase('es_nie', '[XYZ]-?\\d{7}-?[A-Z]', check.isSpanishId),
  anyCase('es_nif', '\\d{7,8}-?[A-Z]', check.isSpanishId),
  letters('fi_hetu', '\\d{6}[-+A-FU-Y]\\d{3}[0-9A-FHJ-NPR-Y]', check.isHetu),
  letters('fr_nir', '[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}', check.isNir),
  letters('in_aadhaar', '\\d{4}([ :.-]?)\\d{4}\\1\\d{4}(?!:)', (n) => /^[2-9]/.test(n) && check.verhoeffValid(n)),
  letters('in_gstin', '\\d{2}[A-Z]{5}\\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]'),
  letters('in_pan', '[A-Z]{3}[ABCFGHLJPT][A-Z]\\d{4}[A-Z]'),
  letters('it_fiscal_code', '(?:[A-Z]{6}|[a-z]{6})[\\dLMNP-V]{2}[A-EHLMPRSTa-ehlmprst][\\dLMNP-V]{2}[A-Za-z][\\dLMNP-V]{3}[A-Za-z]', (code) => check.isFiscalCode(code.toUpperCase())),
  // Those given since October 2020 have no check digit; the dash tells them.
  letters('kr_rrn', '\\d{6}-[1-8]\\d{6}', check.isDate),
  letters('kr_rrn', '\\d{6}[1-8]\\d{6}', (n) => !isTime(n) && check.isKoreanId(n)),
  letters('mx_curp', '[A-Z][AEIOUX][A-Z]{2}\\d{6}[HMX][A-Z]{5}[A-Z\\d]\\d', (id) => check.isDate(id.slice(4, 10))),
  digits('nl_bsn', '9|4-2-3', (n) => check.weighted(n, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && Number(n) > 9_999_999),
  digits('no_fodselsnummer', '6-5', check.isFodselsnummer),
  digits('pl_pesel', '11', check.isPesel),
  letters('se_personnummer', '(?:18|19|20)?\\d{6}[-+]?\\d{4}', (n) => !isTime(n) && check.isPersonnummer(n)),
  letters('sg_nric', '[STFGM]\\d{7}[A-Z]', check.isNric),
  digits('th_national_id', '1-4-5-2-1|13', (n) => !isTime(n) && check.isThaiId(n)),
  digits('tr_national_id', '11', check.isTurkishId),
  digits('uk_nhs', '3-3-4', (n) => !isTime(n) && check.mod11(n, [10, 9, 8, 7, 6, 5, 4, 3, 2]) && !/^(\d)\1+$/.test(n)),
  anyCase('uk_nino', '(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\\d{2}[ -]?\\d{2}[ -]?\\d{2}[ -]?[A-D]'),
  letters('us_itin', '9\\d{2}([ -])(?:5\\d|6[0-5]|7\\d|8[0-8]|9[0-24-9])\\1\\d{4}'),
  letters('us_mbi', '[1-9][AC-HJKMNP-RT-Y][\\dAC-HJKMNP-RT-Y]\\d(-?)[AC-HJKMNP-RT-Y][\\dAC-HJKMNP-RT-Y]\\d\\1[AC-HJKMNP-RT-Y]{2}\\d{2}'),
  digits('us_npi', '10|4-3-3', (n) => /^[12]/.test(n) && !isTime(n) && luhnValid(`80840${n}`)),
  digits('za_id', '6-4-3|13', (n) => !isTime(n) && check.isDate(n) && /^\d{10}[01]/.test(n) && luhnValid(n)),
]; // prettier-ignore

const THINGS: readonly Identifier[] = [
  {
    kind: 'mac_address',
    pattern:
      /(?<![\w:-])(?:[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5}|[\dA-Fa-f]{2}(?:-[\dA-Fa-f]{2}){5}|[\dA-Fa-f]{4}\.[\dA-Fa-f]{4}\.[\dA-Fa-f]{4})(?![\w:-])/g,
    isValid: (hex) => !/^(?:0{12}|f{12})$/i.test(hex),
  },
  {
    kind: 'crypto_wallet',
    pattern:
      /(?<![\w+/])(?:0x[\dA-Fa-f]{40}|(?:bc|tb|ltc)1[ac-hj-np-z02-9]{8,87}|[13LMDT][1-9A-HJ-NP-Za-km-z]{25,34})(?![\w+/])/gi,
    isValid: (address) =>
      /^0x/i.test(address) || (/^(?:bc|tb|ltc)1/i.test(address) ? bech32Valid(address) : base58Valid(address)),
  },
];

export const NATIONAL_ID_KINDS: readonly string[] = [...new Set(NATIONAL_IDS.map(({ kind }) => kind))];
export const THING_KINDS: readonly string[] = THINGS.map(({ kind }) => kind);

/** The identifiers that are looked for. */
export function identifiers(enabled: (kind: string) => boolean): Identifier[] {
  return [...NATIONAL_IDS, ...THINGS].filter(({ kind }) => enabled(kind));
}
