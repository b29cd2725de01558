import { ValueMap, Varied } from '../../core/value.ts';
import type { Value } from '../../core/value.ts';

/** Something that was hidden: what it was and where it stood, never the thing itself. */
export interface Finding {
  readonly kind: string;
  /** Keys and positions from the root, as `user.cards[0]`; empty for the value itself. */
  readonly path: string;
  /** How often in that place. */
  readonly count: number;
}

const OPEN = '\ue000';
const CLOSE = '\ue001';

/**
 * Finds again what a policy has hidden: each mark is put down with a number in brackets that no text of the application
 * can guess, and is made the mark it was once its place is known.
 */
export class Places {
  readonly #salt: string;
  readonly #marks: { readonly mark: string; readonly kind: string }[] = [];
  readonly #pattern: RegExp;

  /** @param salt at random, of letters */
  constructor(salt: string) {
    this.#salt = salt;
    // The text can be cut behind a mark's opening bracket: then nothing of the mark is left.
    this.#pattern = new RegExp(`${OPEN}${salt}(\\d+)${CLOSE}`, 'g');
  }

  /** For `createPolicy`. */
  readonly place = (mark: string, kind: string): string => {
    this.#marks.push({ mark, kind });
    return `${OPEN}${this.#salt}${this.#marks.length - 1}${CLOSE}`;
  };

  /** The value with its marks, and what they stand for. */
  settle(value: Value): { readonly value: Value; readonly found: readonly Finding[] } {
    const found: Finding[] = [];
    const settled = this.#settled(value, '', found);
    return { value: settled, found };
  }

  #settled(value: Value, path: string, found: Finding[]): Value {
    if (typeof value === 'string') return this.#text(value, path, found);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (value instanceof Varied) return this.#settled(value.hidden, path, found);
    if (!(value instanceof ValueMap)) return value.map((inner, i) => this.#settled(inner, `${path}[${i}]`, found));
    const map = new ValueMap();
    for (const [i, key] of value.keys.entries()) {
      const name = this.#text(key, path === '' ? '(key)' : `${path}.(key)`, found);
      map.keys.push(name);
      map.values.push(this.#settled(value.values[i] ?? null, pathTo(path, name), found));
    }
    return map;
  }

  #text(text: string, path: string, found: Finding[]): string {
    const counts = new Map<string, number>();
    const shown = text.replace(this.#pattern, (_, index: string) => {
      const { mark, kind } = this.#marks[Number(index)] ?? { mark: '[REDACTED]', kind: 'unknown' };
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return mark;
    });
    for (const [kind, count] of counts) found.push({ kind, path, count });
    return shown;
  }
}

function pathTo(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
