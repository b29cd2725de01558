/**
 * A regular expression as a tree, as far as its running time depends on it: what is repeated, what stands beside what, and
 * which characters an atom takes.
 */

/** The characters an atom takes: one byte for each of Latin-1, and one for all others together. */
export type CharSet = Uint8Array;

export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  /** `^`, `$`, `\b`, `\B`: takes nothing and can fail. */
  | { readonly kind: 'edge'; readonly start: boolean }
  | { readonly kind: 'look'; readonly branches: readonly Sequence[] }
  | { readonly kind: 'group'; readonly branches: readonly Sequence[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };
export type Sequence = readonly Node[];

/** Says why a pattern can't be judged. */
export class Unreadable extends Error {}

const OTHERS = 256;
/** Of the characters beyond Latin-1: letters, digits, spaces, signs, line ends, and the two that fold to ASCII letters. */
const SAMPLES = ['Ω', 'я', '中', '٣', '\u2003', '\u2028', '€', '\ud83d', '😀', '\u017f', '\u212a', '\ufeff'];
const BEYOND = /[^\0-\xff]|\\u|\\[pP]/;
const ATOM = /\\(?:u\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[pP]\{[^}]*\}|.)|\[(?:\\.|[^\]\\])*\]|[^\\]/suy;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;
const OPENING = /\((?:\?(?:([:]|<(?![=!])[^>]*>|[a-z-]+:)|([=!]|<[=!])))?/y;

export class PatternTree {
  readonly branches: readonly Sequence[];
  readonly #source: string;
  readonly #flags: string;
  #at = 0;

  /** Throws `Unreadable` for what the engine knows and this does not. */
  constructor(pattern: RegExp) {
    this.#source = pattern.source;
    this.#flags = `${pattern.flags.replace(/[gydm]/g, '')}${/\(\?[a-z]*i/.test(pattern.source) ? 'i' : ''}`;
    this.branches = this.#alternatives();
    if (this.#at < this.#source.length) throw new Unreadable('its brackets are not read');
  }

  #alternatives(): Sequence[] {
    const branches: Sequence[] = [];
    let sequence: Node[] = [];
    for (;;) {
      const sign = this.#source[this.#at];
      if (sign === undefined || sign === ')') break;
      if (sign === '|') {
        this.#at++;
        branches.push(sequence);
        sequence = [];
      } else {
        sequence.push(this.#quantified(this.#term()));
      }
    }
    return [...branches, sequence];
  }

  #term(): Node {
    const source = this.#source;
    if (source[this.#at] === '(') {
      OPENING.lastIndex = this.#at;
      const opening = OPENING.exec(source);
      this.#at = OPENING.lastIndex;
      const branches = this.#alternatives();
      if (source[this.#at] !== ')') throw new Unreadable('its brackets are not read');
      this.#at++;
      return { kind: opening?.[2] === undefined ? 'group' : 'look', branches };
    }
    ATOM.lastIndex = this.#at;
    const atom = ATOM.exec(source)?.[0];
    if (atom === undefined) throw new Unreadable('it is not read');
    this.#at += atom.length;
    if (atom === '^' || atom === '$' || atom === '\\b' || atom === '\\B') return { kind: 'edge', start: atom === '^' };
    if (/^\\(?:[1-9]|k)/.test(atom)) throw new Unreadable('a reference back to a group can take exponential time');
    return { kind: 'set', set: this.#setOf(atom) };
  }

  #quantified(node: Node): Node {
    QUANTIFIER.lastIndex = this.#at;
    const match = QUANTIFIER.exec(this.#source);
    if (match === null) return node;
    this.#at = QUANTIFIER.lastIndex;
    const [, sign, from, comma, to] = match;
    if (sign !== undefined) {
      return { kind: 'repeat', node, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    }
    const max = comma === '' ? Number(from) : to === '' ? Infinity : Number(to);
    return { kind: 'repeat', node, min: Number(from), max };
  }

  /** Asks the engine itself which characters an atom takes. */
  #setOf(atom: string): CharSet {
    const set = new Uint8Array(OTHERS + 1);
    let one: RegExp;
    try {
      one = new RegExp(`^(?:${atom})$`, this.#flags);
    } catch {
      throw new Unreadable('one of its classes is not read');
    }
    for (let code = 0; code < OTHERS; code++) if (one.test(String.fromCharCode(code))) set[code] = 1;
    if (BEYOND.test(atom) || SAMPLES.some((sample) => one.test(sample))) set[OTHERS] = 1;
    return set;
  }
}

export function overlap(a: CharSet, b: CharSet): boolean {
  return a.some((takes, i) => takes === 1 && b[i] === 1);
}

export function union(...sets: readonly CharSet[]): CharSet {
  const all = new Uint8Array(OTHERS + 1);
  for (const set of sets) for (let i = 0; i <= OTHERS; i++) if (set[i] === 1) all[i] = 1;
  return all;
}
