import type { Classified } from '../../core/classified.ts';
import { isClassified, kindOf } from '../../core/classified.ts';
import type { ClassPolicy, Disclosure } from '../../core/disclosure.ts';
import { disclosureOf, stricter } from '../../core/disclosure.ts';
import { DROPPED, Varied } from '../../core/value.ts';
import type { Value } from '../../core/value.ts';
import { classOfKind, keyOfKind, redactedMark } from '../../core/value-policy.ts';
import type { Disclose, ValuePolicy } from '../../core/value-policy.ts';
import { projectedTo } from '../../core/view.ts';
import type { Marks, MaskStyle } from './marks.ts';

export interface HiderParts {
  readonly views: readonly ClassPolicy[];
  readonly marks: Marks;
  readonly count: (kind: string) => void;
  /** Makes the rules for what may be seen of classified values. Asked for once, when it is needed. */
  readonly disclosing: () => ValuePolicy;
}

/** A whole mark, in any of its styles. */
const MARK = /^\[REDACTED:[\w*.-]{1,80}(?:…[\p{L}\p{N}]{1,4})?\]$/u;

/** Marks inside of marks that are taken off. */
const MAX_MARKS = 8;

/**
 * Decides what stands in place of a value that a key, a place or a data class hides: the one point where classified
 * values are opened. Fails closed: what can't be judged is `[REDACTED:error]`, and counted.
 */
export class Hider {
  readonly #parts: HiderParts;
  /** No destination asks for anything but masks, so that no value needs to be opened. */
  readonly #masksAll: boolean;
  #disclosing: ValuePolicy | undefined;

  constructor(parts: HiderParts) {
    this.#parts = parts;
    this.#masksAll = parts.views.every((policy) => [...policy.values()].every((disclosure) => disclosure === 'mask'));
  }

  /** See `ValuePolicy`. */
  hide(kind: string, value: unknown, disclose?: Disclose): Value {
    const { count, marks } = this.#parts;
    try {
      // Was it there at all? That stays visible.
      if (value === null || value === undefined) return null;
      const name = classOfKind(kind);
      if (name !== undefined || isMarked(value)) return this.#hideClassified(name, kind, value, disclose);
      // A flag under a secret key tells no secret; one that is classified is personal data like any other.
      if (typeof value === 'boolean') return value;
      // Hidden before: what the mark tells, such as a hash, stays.
      if (typeof value === 'string' && MARK.test(value)) return value;
      count(kind);
      return this.#marked(kind, marks.styleOf(kind), value);
    } catch {
      count('error');
      return marks.of('error', 'mask');
    }
  }

  #hideClassified(name: string | undefined, kind: string, value: unknown, disclose: Disclose | undefined): Value {
    const { views, marks, count } = this.#parts;
    // What the value itself was said to be tells more than the place where it stands.
    const label = isMarked(value) ? kindOf(value) : (name ?? kind);
    if (this.#masksAll) {
      count(label);
      return marks.of(label, 'mask');
    }
    const { classes, inner } = opened(value);
    if (name !== undefined) classes.push(name);
    // Under a key that hides, the stricter of the two counts.
    const key = keyOfKind(kind);
    const byKey: Disclosure = key === undefined ? 'plain' : marks.styleOf(key);
    const disclosures = views.map((policy) => {
      return classes.reduce<Disclosure>((strictest, one) => stricter(strictest, disclosureOf(policy, one)), byKey);
    });
    if (disclosures.some((disclosure) => disclosure !== 'plain')) count(label);
    const forms = new Map<Disclosure, Value | typeof DROPPED>();
    for (const disclosure of disclosures) {
      if (!forms.has(disclosure)) forms.set(disclosure, this.#form(disclosure, label, inner, disclose));
    }
    const [first] = forms.values();
    // What shows more is kept beside its mask: bound fields may meet destinations of another configuration.
    if (forms.size === 1 && forms.has('mask') && first !== undefined && first !== DROPPED) return first;
    const shown = disclosures.map((disclosure, index) => {
      const form = forms.get(disclosure);
      return form === undefined || form === DROPPED ? DROPPED : projectedTo(index, form);
    });
    return new Varied(shown, redactedMark(label));
  }

  #form(disclosure: Disclosure, label: string, inner: unknown, disclose?: Disclose): Value | typeof DROPPED {
    const { marks } = this.#parts;
    switch (disclosure) {
      case 'drop':
        return DROPPED;
      case 'plain':
        if (disclose === undefined) return marks.of(label, 'mask');
        this.#disclosing ??= this.#parts.disclosing();
        return disclose(inner, this.#disclosing);
      default:
        return this.#marked(label, disclosure, inner);
    }
  }

  /** A plain mask needs no text: that of a giant number takes its time. */
  #marked(kind: string, style: MaskStyle, value: unknown): string {
    return this.#parts.marks.of(kind, style, style === 'mask' ? undefined : textOf(value));
  }
}

function isMarked(value: unknown): value is Classified {
  return typeof value === 'object' && value !== null && isClassified(value);
}

/** Takes off the marks. A value that is marked more often than anyone would is taken for a secret that won't open. */
function opened(value: unknown): { readonly classes: string[]; readonly inner: unknown } {
  const classes: string[] = [];
  let inner = value instanceof Varied ? value.hidden : value;
  while (isMarked(inner)) {
    if (classes.length === MAX_MARKS) throw new RangeError('marked too often');
    classes.push(kindOf(inner));
    inner = inner.reveal();
  }
  return { classes, inner };
}

/** What a partial mask or a hash is made of: texts and numbers. Of anything else a plain mask stands. */
function textOf(value: unknown): string | undefined {
  // Of a mark a hash would be the same for all that it stands for.
  if (typeof value === 'string') return value.startsWith('[REDACTED') ? undefined : value;
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? String(value) : undefined;
  return typeof value === 'number' ? String(value) : undefined;
}
