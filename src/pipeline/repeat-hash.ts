import { randomBytes } from 'node:crypto';
import type { LogRecord } from '../core/record.ts';
import { DROPPED, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { halfSipHash } from './half-sip-hash.ts';

/** What tells two tellings of one thing apart, though both mean the same; a sampling processor draws its bits for each. */
const OF_THE_TELLING: readonly string[] = [
  'exception.stacktrace',
  'exception.first_time',
  'exception.first_event',
  'exception.first_uid',
  'sampling.randomness',
];

/** 8 kB. A longer record is no line that repeats; looking for it would cost more than keeping it. */
const MAX_WORDS = 2_048;
const TOO_LONG = MAX_WORDS + 1;
/** Names that are compared by a number; others are by their letters, as longer ones are: those are data. */
const MAX_NAMES = 4_096;
const MAX_NAME_LENGTH = 128;
/** In the place of a name's number. */
const UNNUMBERED = 0;
const IGNORED = -1;

/**
 * What a head says in its last four bits. Before them stands a length of fourteen bits, and before that the number of a
 * name. A text whose letters take two bytes each has the next type.
 */
const TYPE = {
  event: 0,
  name: 2,
  text: 4,
  bigint: 6,
  integer: 8,
  double: 9,
  boolean: 10,
  null: 11,
  bytes: 12,
  list: 13,
  map: 14,
  views: 15,
} as const;
const WIDE = 1;
const LENGTH_AT = 4;
const NAME_AT = 18;
/** A view that drops the value: a boolean is 0 or 1. */
const NO_VIEW = 2;

/**
 * The same 64 bits for records that say the same: logger, severity, event, body and the call's own fields. Records that
 * differ share them by chance alone, one pair in 2^64, since the hash has a key that is drawn for each process: whoever
 * chooses what is logged can't make two that collide, and hide one behind the other.
 *
 * A record is written as words, each value behind a head that says its type and length, so that none can look like
 * another's end; then they are hashed. Some 150 ns for five fields, most of it for the letters of texts.
 */
export class RepeatHash {
  readonly #key0 = randomBytes(4).readInt32LE();
  readonly #key1 = randomBytes(4).readInt32LE();
  /** With room for a head and what stands behind one of a number, and for the length of all. */
  readonly #words = new Int32Array(MAX_WORDS + 6);
  readonly #doubles = new Float64Array(this.#words.buffer);
  readonly #octets = new Uint8Array(this.#words.buffer);
  readonly #ignored: ReadonlySet<string>;
  /** Numbers of names, from 1 on. */
  readonly #names = new Map<string, number>();
  /** The event of the last record, then its fields by their place: the next one has the same most often. */
  readonly #lastNames: string[] = [];
  readonly #lastNumbers: number[] = [];

  /** @param ignored fields in which repeats may differ, besides those that differ by their nature */
  constructor(ignored: readonly string[]) {
    this.#ignored = new Set([...ignored, ...OF_THE_TELLING]);
  }

  /** The hash in the first two words, which are good until the next one is made; undefined for a record that is too long. */
  of({ scope, severity, eventName, body, fieldKeys, fieldValues, fieldCount }: LogRecord): Int32Array | undefined {
    const words = this.#words;
    words[0] = scope.id;
    words[1] = severity;
    const event = this.#lastNames[0] === eventName ? (this.#lastNumbers[0] as number) : this.#numberOf(0, eventName);
    words[2] = TYPE.event | (event << NAME_AT);
    let at = event === UNNUMBERED ? this.#text(2, TYPE.event, eventName) : 3;
    if (body !== eventName) at = this.#value(at, UNNUMBERED, body);
    for (let i = 0; i < fieldCount; i++) {
      const key = fieldKeys[i] as string;
      const isSame = this.#lastNames[i + 1] === key;
      const number = isSame ? (this.#lastNumbers[i + 1] as number) : this.#numberOf(i + 1, key);
      if (number === IGNORED) continue;
      if (number === UNNUMBERED) at = this.#text(at, TYPE.name, key);
      const value = fieldValues[i] as Value;
      // Here, what most fields are: a call for each cost a third more.
      if (typeof value === 'string') at = this.#text(at, (number << NAME_AT) | TYPE.text, value);
      else if (typeof value === 'number' && at < MAX_WORDS) at = this.#number(at, number << NAME_AT, value);
      else at = this.#value(at, number, value);
    }
    if (at >= TOO_LONG) return undefined;
    halfSipHash(words, at, this.#key0, this.#key1);
    return words;
  }

  #numberOf(place: number, name: string): number {
    if (name.length > MAX_NAME_LENGTH) return place > 0 && this.#ignored.has(name) ? IGNORED : UNNUMBERED;
    let number = place > 0 && this.#ignored.has(name) ? IGNORED : this.#names.get(name);
    if (number === undefined) {
      number = this.#names.size < MAX_NAMES ? this.#names.size + 1 : UNNUMBERED;
      if (number !== UNNUMBERED) this.#names.set(name, number);
    }
    this.#lastNames[place] = name;
    this.#lastNumbers[place] = number;
    return number;
  }

  /** Writes a value behind the words that there are. @returns how many there are then, or TOO_LONG */
  #value(at: number, name: number, value: Value): number {
    if (at >= MAX_WORDS) return TOO_LONG;
    const head = name << NAME_AT;
    if (typeof value === 'string') return this.#text(at, head | TYPE.text, value);
    if (typeof value === 'number') return this.#number(at, head, value);
    if (typeof value === 'boolean') return this.#head(at, head | TYPE.boolean, value ? 1 : 0);
    if (value === null) return this.#head(at, head | TYPE.null, 0);
    if (typeof value === 'bigint') return this.#text(at, head | TYPE.bigint, String(value));
    if (value instanceof Uint8Array) return this.#bytes(at, head | TYPE.bytes, value);
    if (value instanceof ValueMap) {
      let to = this.#head(at, head | TYPE.map, value.size);
      for (let i = 0; i < value.size && to < TOO_LONG; i++) {
        to = this.#value(this.#text(to, TYPE.name, value.keys[i] as string), UNNUMBERED, value.values[i] as Value);
      }
      return to;
    }
    // What any destination shows: records that differ for one of them are no repeats.
    const entries = value instanceof Varied ? value.views : value;
    let to = this.#head(at, head | (entries === value ? TYPE.list : TYPE.views), entries.length);
    for (let i = 0; i < entries.length && to < TOO_LONG; i++) {
      const entry = entries[i] as Value | typeof DROPPED;
      to = entry === DROPPED ? this.#head(to, TYPE.boolean, NO_VIEW) : this.#value(to, UNNUMBERED, entry);
    }
    return to;
  }

  /** There is room for it behind the last word. */
  #number(at: number, head: number, value: number): number {
    const words = this.#words;
    const integer = value | 0;
    if (integer === value) {
      words[at] = head | TYPE.integer;
      words[at + 1] = integer;
      return at + 2;
    }
    // It stands at an even place; where that leaves one free, the head is there twice.
    const place = (at + 2) & ~1;
    words[at] = head | TYPE.double;
    words[place - 1] = words[at];
    this.#doubles[place >> 1] = value;
    return place + 2;
  }

  #head(at: number, head: number, length: number): number {
    // What holds that many has no room for them, however small each is.
    if (at + length >= MAX_WORDS) return TOO_LONG;
    this.#words[at] = head | (length << LENGTH_AT);
    return at + 1;
  }

  #bytes(at: number, head: number, bytes: Uint8Array): number {
    const { length } = bytes;
    const from = at + 1;
    const to = from + ((length + 3) >> 2);
    if (to > MAX_WORDS) return TOO_LONG;
    this.#words[at] = head | (length << LENGTH_AT);
    this.#words.fill(0, from, to);
    this.#octets.set(bytes, 4 * from);
    return to;
  }

  /** Four letters a word where all have a code below 256, else two. */
  #text(at: number, head: number, text: string): number {
    const words = this.#words;
    const { length } = text;
    const whole = length & ~3;
    let to = at + 1;
    if (to + ((length + 3) >> 2) > MAX_WORDS) return TOO_LONG;
    words[at] = head | (length << LENGTH_AT);
    let all = 0;
    let i = 0;
    for (; i < whole; i += 4) {
      const a = text.charCodeAt(i);
      const b = text.charCodeAt(i + 1);
      const c = text.charCodeAt(i + 2);
      const d = text.charCodeAt(i + 3);
      all |= a | b | c | d;
      words[to++] = a | (b << 8) | (c << 16) | (d << 24);
    }
    if (i < length) {
      let word = 0;
      for (let shift = 0; i < length; i++, shift += 8) {
        const code = text.charCodeAt(i);
        all |= code;
        word |= code << shift;
      }
      words[to++] = word;
    }
    return all < 256 ? to : this.#wideText(at, head, text);
  }

  #wideText(at: number, head: number, text: string): number {
    const { length } = text;
    let to = at + 1;
    if (to + ((length + 1) >> 1) > MAX_WORDS) return TOO_LONG;
    this.#words[at] = head | WIDE | (length << LENGTH_AT);
    // Behind the last letter there is none, which counts as 0.
    for (let i = 0; i < length; i += 2) {
      this.#words[to++] = text.charCodeAt(i) | ((i + 1 < length ? text.charCodeAt(i + 1) : 0) << 16);
    }
    return to;
  }
}
