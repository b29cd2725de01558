import type { Disclosure } from '../../core/disclosure.ts';
import { forgetMatch } from '../../core/forget-match.ts';
import { redactedMark } from '../../core/value-policy.ts';
import { isSecretKind, isVendorKind } from './kinds.ts';
import type { KeyedHash } from './keyed-hash.ts';

/** What can stand in the place of something that was hidden. */
export type MaskStyle = Extract<Disclosure, 'mask' | 'partial' | 'hash'>;

/** Characters that a partial mask shows at most, and which share of them at most. */
const SHOWN_AT_MOST = 4;
const SHOWN_SHARE = 3;
/** Characters from the end that a partial mask is made of. */
const LOOKED_AT = 64;

export interface MarkParts {
  /** By kind; `vendor_token` stands for its family, `*` for all that are not named. */
  readonly mask?: Readonly<Record<string, MaskStyle>>;
  readonly hash?: KeyedHash | undefined;
  /** Gets each mark and its kind and returns what stands in its place, for whoever must find them again. */
  readonly place?: (mark: string, kind: string) => string;
}

/**
 * What stands in the place of a hidden value: `[REDACTED:card]`, `[REDACTED:card…1111]`, `[REDACTED:email-hmac.k1.abc…]`.
 * Whatever the style, the rules find nothing more to hide in it.
 */
export class Marks {
  readonly #mask: Readonly<Record<string, MaskStyle>>;
  readonly #hash: KeyedHash | undefined;
  readonly #place: (mark: string, kind: string) => string;
  /** Nothing but plain masks is asked for. */
  readonly #isPlain: boolean;

  constructor({ mask = {}, hash, place = (mark) => mark }: MarkParts) {
    this.#mask = mask;
    this.#hash = hash;
    this.#place = place;
    this.#isPlain = Object.values(mask).every((style) => style === 'mask');
  }

  /** How a kind is masked. A secret is never shown in part, and without a key there is no hash. */
  styleOf(kind: string): MaskStyle {
    if (this.#isPlain) return 'mask';
    const own = this.#mask[kind] ?? (isVendorKind(kind) ? this.#mask.vendor_token : undefined);
    const style = own ?? this.#mask['*'] ?? 'mask';
    if (style === 'partial' && isSecretKind(kind)) return 'mask';
    return style === 'hash' && this.#hash === undefined ? 'mask' : style;
  }

  /** In place of `text` from `start` to `end`, of a kind that a rule found. */
  found(kind: string, text: string, start: number, end: number): string {
    const style = this.styleOf(kind);
    return this.of(kind, style, style === 'mask' ? undefined : text.slice(start, end));
  }

  /** @param text what is hidden; undefined when it is no text, then a plain mask stands for it */
  of(kind: string, style: MaskStyle, text?: string): string {
    if (text === undefined || style === 'mask') return this.#place(redactedMark(kind), kind);
    return this.#place(style === 'partial' ? partialMark(kind, text) : this.#hashed(kind, text), kind);
  }

  #hashed(kind: string, text: string): string {
    return this.#hash === undefined ? redactedMark(kind) : hashMark(kind, this.#hash.of(text));
  }
}

/** `[REDACTED:email-hmac.k1.…]`. @param hashed as `KeyedHash.of` gives it */
export function hashMark(kind: string, hashed: string): string {
  return redactedMark(`${kind}-${hashed}`);
}

function partialMark(kind: string, text: string): string {
  const seen = endOf(text);
  return redactedMark(seen === undefined ? kind : `${kind}${seen}`);
}

/** The last letters and digits, or `undefined` for a text so short that they would tell too much of it. */
function endOf(text: string): string | undefined {
  const known = text.slice(-LOOKED_AT).replace(/[^\p{L}\p{N}]/gu, '');
  forgetMatch();
  const count = Math.min(SHOWN_AT_MOST, Math.floor(known.length / SHOWN_SHARE));
  return count === 0 ? undefined : `…${known.slice(-count)}`;
}
