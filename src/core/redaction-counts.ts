/** Kinds that are told apart; classes come from the application, and must not fill memory or metrics. */
const MOST_KINDS = 1_000;
const OTHER = 'other';

/** How often each kind of secret was hidden, over all configurations of one pipeline. Kinds only, never values. */
export class RedactionCounts {
  readonly #counts = new Map<string, number>();

  add(kind: string): void {
    const before = this.#counts.get(kind);
    if (before === undefined && this.#counts.size >= MOST_KINDS && kind !== OTHER) {
      this.add(OTHER);
      return;
    }
    this.#counts.set(kind, (before ?? 0) + 1);
  }

  get byKind(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Kinds that never occurred are absent. */
  toRecord(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
