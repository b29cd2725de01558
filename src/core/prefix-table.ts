/** Names whose answer is remembered. */
const CACHED_NAMES = 4_096;

/** What holds for a logger by the longest prefix of its name: `checkout` covers `checkout.payments`, not `checkouts`. */
export class PrefixTable<T> {
  readonly #prefixes: readonly (readonly [prefix: string, value: T])[];
  readonly #known = new Map<string, T | undefined>();

  constructor(entries: Iterable<readonly [prefix: string, value: T]>) {
    this.#prefixes = [...entries].sort((a, b) => b[0].length - a[0].length);
  }

  of(name: string): T | undefined {
    if (this.#prefixes.length === 0) return undefined;
    const known = this.#known.get(name);
    if (known !== undefined || this.#known.has(name)) return known;
    const value = this.#prefixes.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`))?.[1];
    if (this.#known.size < CACHED_NAMES) this.#known.set(name, value);
    return value;
  }
}
