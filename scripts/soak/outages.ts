import { setTimeout as delay } from 'node:timers/promises';
import type { Collector } from '../../test/support/collector.ts';
import { Dice } from '../../test/support/redaction/dice.ts';

/** `killed`: SIGKILL, and started again. `hung`: SIGSTOP, then SIGCONT. The third is killed while it hangs. */
export type OutageKind = 'killed' | 'hung' | 'hung, then killed';

/** An outage that is to come. */
export interface PlannedOutage {
  readonly kind: OutageKind;
  /** How long the Collector is up before. */
  readonly upMs: number;
  readonly downMs: number;
}

/** One that was. */
export interface Outage {
  readonly kind: OutageKind;
  /** Unix time in ms. */
  readonly fromMs: number;
  /** When the Collector answered again. */
  readonly toMs: number;
}

const KINDS: readonly OutageKind[] = ['killed', 'hung', 'hung, then killed'];
const SHORTEST_MS = 400;
const START_ATTEMPTS = 5;

/**
 * Outages without end, from a seed: many short ones, some up to a twelfth of the whole time, 15 s at most. After a long
 * one the Collector stays longer: the next attempt may be as far away as the outage was long, and nothing would be
 * learned if the Collector was gone again by then. In every three, each kind comes once.
 */
export function* planOutages(seed: number, durationMs: number): Generator<PlannedOutage, never> {
  const dice = new Dice(seed);
  const longestMs = Math.min(15_000, Math.max(1_000, durationMs / 12));
  const calmMs = Math.min(12_000, Math.max(1_500, durationMs / 12));
  let lastMs = 0;
  let kinds: OutageKind[] = [];
  for (;;) {
    if (kinds.length === 0) kinds = shuffled(KINDS, dice);
    const kind = kinds.pop() ?? 'killed';
    const upMs = 0.6 * lastMs + calmMs * (0.5 + 0.5 * dice.next());
    const downMs = SHORTEST_MS + (longestMs - SHORTEST_MS) * dice.next() ** 2;
    yield { kind, upMs, downMs };
    lastMs = downMs;
  }
}

/** Makes them happen for `durationMs`, or until `signal` is aborted. The Collector is up afterwards. */
export async function inflict(
  collector: Collector,
  options: {
    readonly seed: number;
    readonly durationMs: number;
    readonly signal: AbortSignal;
    readonly onOutage: (outage: Outage) => void;
  },
): Promise<Outage[]> {
  const { seed, durationMs, signal, onOutage } = options;
  const endMs = Date.now() + durationMs;
  const outages: Outage[] = [];
  // Resolves early when the application is gone: then there is nothing to wait for.
  const wait = (ms: number): Promise<unknown> =>
    delay(Math.max(0, Math.min(ms, endMs - Date.now())), undefined, { signal }).catch(() => undefined);
  for (const { kind, upMs, downMs } of planOutages(seed, durationMs)) {
    await wait(upMs);
    if (Date.now() >= endMs || signal.aborted) return outages;
    const fromMs = Date.now();
    await takeAway(collector, kind, () => wait(downMs));
    const outage = { kind, fromMs, toMs: Date.now() };
    outages.push(outage);
    onOutage(outage);
  }
  return outages;
}

async function takeAway(collector: Collector, kind: OutageKind, wait: () => Promise<unknown>): Promise<void> {
  const { pid } = collector;
  if (pid === undefined) throw new Error('the Collector is not running');
  if (kind !== 'killed') {
    process.kill(pid, 'SIGSTOP');
    await wait();
    if (kind === 'hung') {
      process.kill(pid, 'SIGCONT');
      return;
    }
    await collector.kill('SIGKILL');
  } else {
    await collector.kill('SIGKILL');
    await wait();
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await collector.start();
      return;
    } catch (error) {
      // While it was gone, someone else may have been given one of its ports for a moment.
      await collector.kill('SIGKILL');
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const rest = [...items];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(dice.below(rest.length), 1));
  return result;
}
