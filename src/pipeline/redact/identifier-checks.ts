/** The check digits of personal and tax numbers, as their issuers define them. All take bare characters. */
import { luhnValid } from './checksums.ts';

const digitAt = (digits: string, i: number): number => digits.charCodeAt(i) - 48;

/** Sum of the digits, each times its weight; weights start again when they are used up. */
export function weighted(digits: string, weights: readonly number[], count = digits.length): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += digitAt(digits, i) * (weights[i % weights.length] as number);
  return sum;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `yymmdd` or, with `dayFirst`, `ddmmyy`; a month may be raised by a century's mark. */
export function isDate(digits: string, dayFirst?: boolean): boolean {
  const day = Number(digits.slice(dayFirst === true ? 0 : 4, dayFirst === true ? 2 : 6));
  const month = Number(digits.slice(2, 4));
  return day >= 1 && day <= (DAYS[month - 1] ?? 0);
}

/** ISO 7064 mod 11,10 (German tax id). */
export function mod1110(digits: string): boolean {
  let product = 10;
  for (let i = 0; i < digits.length - 1; i++) {
    const sum = (digitAt(digits, i) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === digitAt(digits, digits.length - 1);
}

const VERHOEFF = ['0123456789', '1234067895', '2340178956', '3401289567', '4012395678', '5987604321', '6598710432', '7659821043', '8765932104', '9876543210']; // prettier-ignore
const VERHOEFF_TURN = ['0123456789', '1576283094', '5803796142', '8916043527', '9453126870', '4286573901', '2793806415', '7046913258']; // prettier-ignore

/** Aadhaar. */
export function verhoeffValid(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    const turned = Number(VERHOEFF_TURN[i % 8]?.[digitAt(digits, digits.length - 1 - i)]);
    check = Number(VERHOEFF[check]?.[turned]);
  }
  return check === 0;
}

/** A check digit that is the rest of a division by 11, or that rest from 11. */
export function mod11(digits: string, weights: readonly number[]): boolean {
  const rest = weighted(digits, weights, weights.length) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digitAt(digits, weights.length);
}

export function isCpf(digits: string): boolean {
  return (
    !/^(\d)\1+$/.test(digits) &&
    mod11(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) &&
    mod11(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
  );
}

export function isCnpj(digits: string): boolean {
  const weights = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
  return !/^(\d)\1+$/.test(digits) && mod11(digits, weights) && mod11(digits, [6, ...weights]);
}

/** The Norwegian fødselsnummer; a rest of 10 is given to nobody. */
export function isFodselsnummer(digits: string): boolean {
  const first = 11 - (weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2], 9) % 11 || 11);
  const second = 11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 10) % 11 || 11);
  const day = String(Number(digits.slice(0, 2)) % 40).padStart(2, '0');
  return first === digitAt(digits, 9) && second === digitAt(digits, 10) && isDate(day + digits.slice(2), true);
}

export function isTurkishId(digits: string): boolean {
  const odd = [0, 2, 4, 6, 8].reduce((sum, i) => sum + digitAt(digits, i), 0);
  const even = [1, 3, 5, 7].reduce((sum, i) => sum + digitAt(digits, i), 0);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return !digits.startsWith('0') && tenth === digitAt(digits, 9) && (odd + even + tenth) % 10 === digitAt(digits, 10);
}

export function isPesel(digits: string): boolean {
  const month = String(Number(digits.slice(2, 4)) % 20).padStart(2, '0');
  return (
    isDate(digits.slice(0, 2) + month + digits.slice(4)) &&
    weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
  );
}

/** The Swedish personnummer, its day raised by 60 in coordination numbers. */
export function isPersonnummer(digits: string): boolean {
  const ten = digits.slice(-10);
  const day = String(Number(ten.slice(4, 6)) % 60).padStart(2, '0');
  return isDate(ten.slice(0, 4) + day) && luhnValid(ten);
}

export function isKoreanId(digits: string): boolean {
  const check = (11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], 12) % 11)) % 10;
  // Numbers of foreigners are raised by 2.
  return isDate(digits) && [check, (check + 2) % 10].includes(digitAt(digits, 12));
}

export function isThaiId(digits: string): boolean {
  const sum = weighted(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2], 12);
  return !/^[09]/.test(digits) && (11 - (sum % 11)) % 10 === digitAt(digits, 12);
}

const SPANISH = 'TRWAGMYFPDXBNJZSQVHLCKE';

export function isSpanishId(id: string): boolean {
  const number = Number(id.slice(0, -1).replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first))));
  return SPANISH[number % 23] === id.at(-1);
}

const FINNISH = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** With or without the century's sign, which may be a letter. */
export function isHetu(id: string): boolean {
  return isDate(id, true) && FINNISH[Number(id.slice(0, 6) + id.slice(-4, -1)) % 31] === id.at(-1);
}

const ITALIAN_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

export function isFiscalCode(code: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const character = code.charCodeAt(i);
    const value = character < 65 ? character - 48 : character - 65;
    sum += i % 2 === 0 ? (ITALIAN_ODD[value] as number) : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === code[15];
}

const SINGAPORE: Readonly<Record<string, string>> = {
  S: 'JZIHGFEDCBA',
  T: 'GFEDCBAJZIH',
  F: 'XWUTRQPNMLK',
  G: 'TRQPNMLKXWU',
  M: 'XWUTRQPNJLK',
};

export function isNric(id: string): boolean {
  const first = id[0] as string;
  const sum = weighted(id.slice(1, 8), [2, 7, 6, 5, 4, 3, 2]);
  // The tables of T and G hold the shift of 4 already.
  return SINGAPORE[first]?.[(first === 'M' ? sum + 3 : sum) % 11] === id[8];
}

/** The rest of a decimal number of any length. */
export function restOf(digits: string, divisor: number): number {
  let rest = 0;
  for (let i = 0; i < digits.length; i++) rest = (rest * 10 + digitAt(digits, i)) % divisor;
  return rest;
}

/** France's NIR; Corsica's departments count as numbers. */
export function isNir(id: string): boolean {
  const number = id.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - restOf(number, 97) === Number(id.slice(13));
}

/** Belgium's national number; 2 is put before it for those born since 2000. */
export function isBelgianId(digits: string): boolean {
  const check = Number(digits.slice(9));
  return (
    isDate(digits) &&
    (97 - restOf(digits.slice(0, 9), 97) === check || 97 - restOf(`2${digits.slice(0, 9)}`, 97) === check)
  );
}

export function isChineseId(id: string): boolean {
  const sum = weighted(id, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], 17);
  return isDate(id.slice(8, 14)) && '10X98765432'[sum % 11] === id[17];
}
