import { redactedMark } from './value-policy.ts';

const BRAND: unique symbol = Symbol.for('spanlog.classified') as typeof BRAND;

/**
 * A value with its data class on it. It prints as a mark wherever JavaScript would turn it into text, so that it stays
 * hidden even where splicing it into a string comes before any logger.
 */
export class Classified<T = unknown> {
  /** Known by a registered symbol, so that a value marked by another copy of the package is hidden too. */
  readonly [BRAND] = true;
  readonly kind: string;
  readonly #value: T;

  constructor(kind: string, value: T) {
    this.kind = kind;
    this.#value = value;
  }

  /** The value itself, for code that is entitled to it. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return redactedMark(this.kind);
  }

  toJSON(): string {
    return redactedMark(this.kind);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redactedMark(this.kind);
  }
}

/** Marks a value as a secret: no destination ever shows it, even with `redact: false`. */
export function secret<T>(value: T): Classified<T> {
  return new Classified('secret', value);
}

/** Marks a value as personal data: hidden unless a destination's policy says otherwise, even with `redact: false`. */
export function pii<T>(value: T): Classified<T> {
  return new Classified('pii', value);
}

/** True for a value marked by any copy of this package; never throws: of a revoked proxy nothing can be known. */
export function isClassified(value: object): value is Classified {
  try {
    return BRAND in value;
  } catch {
    return false;
  }
}

/** The class of a classified value. A proxy that says it is classified and won't say how is taken at its word. */
export function kindOf(value: Classified): string {
  try {
    const { kind }: { readonly kind: unknown } = value;
    return typeof kind === 'string' ? kind : 'secret';
  } catch {
    return 'secret';
  }
}
