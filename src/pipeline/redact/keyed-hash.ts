import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { forgetMatch } from '../../core/forget-match.ts';

const HASH_BYTES = 16;
const ID_BYTES = 3;
const CODE_OF_A = 97;

/** Digits with the separators that people write between them: cards, phone and social security numbers. */
const NUMBER = /^\+?\(?\d[\d ().-]*$/;
/** IBANs, printed in groups of four. */
const IBAN = /^[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{1,4})+$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/**
 * A hash by which equal values are found without being seen: HMAC-SHA-256 under a key that the log's readers don't have,
 * since a bare hash of a card or an address is found by trying them all.
 *
 * `hmac.<key id>.<hash>`: the first 128 bits, a letter `a`–`p` for each four, because a run of digits could be taken for a
 * number by whoever looks at it next. The key id tells under which key, when it has been changed. Nothing of a value is
 * kept.
 */
export class KeyedHash {
  readonly id: string;
  readonly #key: KeyObject;

  /** @param id letters and digits, 8 at most; made of the key when left out, so that equal keys have equal ids */
  constructor(key: string, id?: string) {
    this.#key = createSecretKey(key, 'utf8');
    this.id = id ?? lettersOf(this.#hmac('spanlog key id').subarray(0, ID_BYTES));
  }

  /** Equal for equal values, in whatever form they are written, in every process that has the same key. */
  of(text: string): string {
    const hash = this.#hmac(normalised(text)).subarray(0, HASH_BYTES);
    forgetMatch();
    return `hmac.${this.id}.${lettersOf(hash)}`;
  }

  #hmac(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text, 'utf8').digest();
  }
}

/** One form for what means the same: numbers and IBANs without separators, mail addresses in lower case. */
export function normalised(text: string): string {
  const value = text.trim();
  if (value.length > 256) return value;
  if (NUMBER.test(value)) return value.replace(/[^\d+]/g, '');
  if (IBAN.test(value)) return value.replaceAll(' ', '').toUpperCase();
  return EMAIL.test(value) ? value.toLowerCase() : value;
}

/** Four bits a letter, `a`–`p`. */
export function lettersOf(bytes: Buffer): string {
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(CODE_OF_A + (byte >> 4), CODE_OF_A + (byte & 15));
  return letters;
}
