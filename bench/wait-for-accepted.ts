import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector } from '../test/support/collector.ts';

const COUNT_TIMEOUT_MS = 15_000;

/** Waits until the Collector has accepted `due` records in all, or for as long as is reasonable; returns its count. */
export async function waitForAccepted(collector: Collector, due: number): Promise<number> {
  const deadline = Date.now() + COUNT_TIMEOUT_MS;
  for (;;) {
    const count = await collector.acceptedRecords();
    if (count >= due || Date.now() > deadline) return count;
    await sleep(20);
  }
}
