/**
 * The ledger: what became of every record, per destination.
 *
 *   emitted + replayed = delivered + sampledOut + limited + deduplicated + discarded + filtered + dropped + rejected + pending
 *
 * Every count is taken where the thing happens. `pending` is read from the queue that holds the records and never
 * derived from the others, so that `balanced` can be false: then there is a bug, and a test says so.
 */
export interface Counts {
  /** Passed the level gate, entered the flight recorder, or was made by spanlog itself. */
  emitted: number;
  /** Read back from a spool that an earlier process left. */
  replayed: number;
  /** Acknowledged by the other side. */
  delivered: number;
  sampledOut: number;
  limited: number;
  deduplicated: number;
  /** Left the flight recorder unneeded. */
  discarded: number;
  /** Kept out by the destination's own filter. */
  filtered: number;
  /** Refused by the other side in a partial success. */
  rejected: number;
  /** In a buffer, a queue, a spool, or on its way. */
  pending: number;
  /** Lost, by reason. */
  dropped: Record<string, number>;
}

export type Ledger = Counts & {
  /** True when the equation holds for every destination. */
  balanced: boolean;
  destinations: Record<string, Counts>;
};

/** The account of one destination. Plain counters: an increment is all that a record pays. */
export class Account {
  emitted = 0;
  replayed = 0;
  delivered = 0;
  sampledOut = 0;
  limited = 0;
  deduplicated = 0;
  discarded = 0;
  filtered = 0;
  rejected = 0;
  /** Sum of all that `drop` was told. */
  droppedTotal = 0;
  /** Pending records that a spool holds: they outlive this thread, and this process. */
  spooled = 0;
  /** Pending records that the flight recorder holds: nobody has asked for them. */
  held = 0;
  readonly #dropped = new Map<string, number>();
  readonly #holders = new Set<() => number>();

  drop(reason: string, count = 1): void {
    if (!(count > 0)) return;
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count);
    this.droppedTotal += count;
  }

  /** Registers something that holds records for this destination; returns how to take it off again. */
  holds(count: () => number): () => void {
    this.#holders.add(count);
    return () => this.#holders.delete(count);
  }

  get pending(): number {
    let sum = this.held;
    for (const count of this.#holders) sum += count();
    return sum;
  }

  counts(): Counts {
    return {
      emitted: this.emitted,
      replayed: this.replayed,
      delivered: this.delivered,
      sampledOut: this.sampledOut,
      limited: this.limited,
      deduplicated: this.deduplicated,
      discarded: this.discarded,
      filtered: this.filtered,
      rejected: this.rejected,
      pending: this.pending,
      dropped: Object.fromEntries(this.#dropped),
    };
  }
}

/** True when what came in equals what became of it. */
export function isBalanced(counts: Counts): boolean {
  const dropped = Object.values(counts.dropped).reduce((sum, count) => sum + count, 0);
  const { delivered, sampledOut, limited, deduplicated, discarded, filtered, rejected, pending } = counts;
  return (
    counts.emitted + counts.replayed ===
    delivered + sampledOut + limited + deduplicated + discarded + filtered + rejected + pending + dropped
  );
}

/** The ledger as the API shows it; `accounts` by the destination's name. */
export function ledgerOf(accounts: ReadonlyMap<string, Account>): Ledger {
  const sum = new Account().counts();
  const destinations: Record<string, Counts> = {};
  let balanced = true;
  for (const [name, account] of accounts) {
    const counts = account.counts();
    destinations[name] = counts;
    balanced &&= isBalanced(counts);
    for (const key of Object.keys(sum) as (keyof Counts)[]) {
      if (key !== 'dropped') sum[key] += counts[key];
    }
    for (const [reason, count] of Object.entries(counts.dropped)) {
      sum.dropped[reason] = (sum.dropped[reason] ?? 0) + count;
    }
  }
  return { ...sum, balanced, destinations };
}
