import type { Account, Counts } from './ledger.ts';

type Counter = Exclude<keyof Counts, 'pending' | 'dropped'> | 'droppedTotal' | 'spooled' | 'held';

/** How each counter of an account bears on what would be lost with its thread: it came in, or something became of it. */
const SIGNS = {
  emitted: 1,
  replayed: 1,
  delivered: -1,
  sampledOut: -1,
  limited: -1,
  deduplicated: -1,
  discarded: -1,
  filtered: -1,
  rejected: -1,
  droppedTotal: -1,
  spooled: -1,
  held: -1,
} as const satisfies Record<Counter, 1 | -1>;

const COUNTERS = Object.entries(SIGNS) as readonly (readonly [Counter, 1 | -1])[];

/** Numbers that the counters of one account take. */
export const SHARED_COUNTERS: number = COUNTERS.length;

/**
 * Moves the counters of an account into `cells`, memory that another thread can read when this one is no more. They are
 * used as before. Only accounts in worker threads are moved: elsewhere they stay the plain fields that cost a record least.
 */
export function shareCounters(account: Account, cells: Float64Array): void {
  for (const [i, [name]] of COUNTERS.entries()) {
    cells[i] = account[name];
    Object.defineProperty(account, name, {
      get: () => cells[i],
      set: (count: number) => {
        cells[i] = count;
      },
    });
  }
}

/**
 * Records that are lost if the thread that counts in `cells` is no more: the ledger's equation, solved for what is pending
 * and neither in a spool nor held by the flight recorder, which nobody misses. `emitted` is counted last, so that a thread which was stopped in the middle of a log call has either
 * counted the record or not; and a batch is taken out of its queue after it was counted.
 */
export function lostIn(cells: Float64Array): number {
  let lost = 0;
  for (const [i, [, sign]] of COUNTERS.entries()) lost += sign * (cells[i] as number);
  return Math.max(0, lost);
}
