/**
 * The arithmetic that tells a real identifier from a number that merely looks like one.
 *
 * All functions take the bare characters (no separators) as text, and none of them allocates.
 */

/** ISO/IEC 7812-1 annex B: every payment card ends with this check digit; one random number in ten passes. */
export function luhnValid(digits: string): boolean {
  let sum = 0;
  let double = false;
  for (let i = digits.length - 1; i >= 0; i--) {
    let digit = digits.charCodeAt(i) - 48;
    if (double) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
    double = !double;
  }
  return sum % 10 === 0;
}

/**
 * True when issuer range and length belong together (issuers' published BIN ranges).
 *
 * Without it, a tenth of all order numbers and epoch timestamps would be taken for cards.
 */
export function isCardRange(digits: string): boolean {
  const { length } = digits;
  if (length < 13 || length > 19) return false;
  const first4 = Number(digits.slice(0, 4));
  const first2 = Math.trunc(first4 / 100);
  switch (digits.charCodeAt(0) - 48) {
    case 1: // UATP, the airlines' card; epoch times have 13, 16 or 19 digits
      return length === 15;
    case 4: // Visa
      return length === 13 || length === 16 || length === 19;
    case 2: // Mastercard 2221–2720, Mir 2200–2204
      return length === 16 && ((first4 >= 2221 && first4 <= 2720) || (first4 >= 2200 && first4 <= 2204));
    case 3:
      if (first2 === 34 || first2 === 37) return length === 15; // American Express
      if (first4 >= 3528 && first4 <= 3589) return length >= 16; // JCB
      // Diners Club: 14 digits, and 16 where co-branded
      return (length === 14 || length === 16) && (isDinersRange(first4) || first2 === 36 || first2 >= 38);
    case 5:
      if (first2 >= 51 && first2 <= 55) return length === 16; // Mastercard
      if (first2 === 50 || (first2 >= 56 && first2 <= 58)) return length === 16 || isMaestro(first4); // Dankort, Maestro
      return false;
    case 6: // Discover 6011 and 644–65, UnionPay 62, RuPay 60, Maestro
      if (length === 16) return true;
      return length > 16 ? first4 === 6011 || first2 === 62 || first2 >= 64 : isMaestro(first4);
    case 9: // Troy
      return length === 16 && first4 === 9792;
    default:
      return false;
  }
}

function isDinersRange(first4: number): boolean {
  return (first4 >= 3000 && first4 <= 3059) || first4 === 3095;
}

function isMaestro(first4: number): boolean {
  return [5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763].includes(first4);
}

/** US Social Security Number: ranges that were never issued (SSA, randomisation of 2011). */
export function isSsnRange(area: string, group: string, serial: string): boolean {
  return area !== '000' && area !== '666' && area.charCodeAt(0) !== 57 && group !== '00' && serial !== '0000';
}

/** ISO 7064 mod 97-10 over an IBAN without separators, in upper case; the remainder must be 1 (ISO 13616). */
export function ibanValid(iban: string): boolean {
  let remainder = 0;
  for (let i = 0; i < iban.length; i++) {
    const code = iban.charCodeAt((i + 4) % iban.length);
    // A letter counts as two digits: A = 10 … Z = 35.
    remainder = code >= 65 ? (remainder * 100 + (code - 55)) % 97 : (remainder * 10 + (code - 48)) % 97;
  }
  return remainder === 1;
}

/**
 * Length of an IBAN by country (SWIFT IBAN registry); negative where all that follows the country is digits, so that an
 * upper-case hex id of the same length does not pass.
 */
const IBAN_LENGTHS =
  'AD24 AE-23 AL28 AO-25 AT-20 AZ28 BA-20 BE-16 BF28 BG22 BH22 BI27 BJ28 BR29 BY28 CF27 CG27 CH21 CI28 CM27 CR-22 CV-25 ' +
  'CY28 CZ-24 DE-22 DJ27 DK-18 DO28 DZ-26 EE-20 EG-29 ES-24 FI-18 FK18 FO-18 FR27 GA27 GB22 GE22 GI23 GL-18 GN27 GQ27 ' +
  'GR27 GT28 GW25 HN28 HR-21 HU-28 IE22 IL-23 IQ23 IR-26 IS-26 IT27 JO30 KM27 KW30 KZ20 LB28 LC32 LI21 LT-20 LU20 LV21 ' +
  'LY-25 MA-28 MC27 MD24 ME-22 MG27 MK19 ML28 MN-20 MR-27 MT31 MU30 MZ-25 NE28 NI28 NL18 NO-15 OM23 PK24 PL-28 PS29 ' +
  'PT-25 QA29 RO24 RS-22 RU33 SA24 SC31 SD-18 SE-24 SI-19 SK-24 SM27 SN28 SO-23 ST-25 SV28 TD27 TG28 TL-23 TN-24 TR26 ' +
  'UA29 VA-22 VG24 XK-20 YE30';

const IBAN_BY_COUNTRY: ReadonlyMap<string, number> = new Map(
  IBAN_LENGTHS.split(' ').map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Characters of a country's IBAN, 0 for a country that has none; negative when only digits follow the country code. */
export function ibanLength(country: string): number {
  return IBAN_BY_COUNTRY.get(country) ?? 0;
}
