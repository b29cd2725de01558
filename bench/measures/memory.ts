import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from '../load.ts';
import { SLICE_RECORDS } from '../load.ts';
import type { RunningPeer } from '../peer.ts';
import type { Measured } from '../worker-messages.ts';

const SETTLE_MS = 60;
const SETTLE_ROUNDS_MAX = 100;
/** Resident memory is at rest when it moved by less than this between two looks, twice in a row. */
const STILL_BYTES = 256 * 1024;

/** Resident bytes after garbage is gone and a peer's worker thread has taken over what it was handed. */
async function settledResidentBytes(): Promise<number> {
  let last = process.memoryUsage.rss();
  let still = 0;
  for (let round = 0; round < SETTLE_ROUNDS_MAX && still < 2; round++) {
    globalThis.gc?.();
    await sleep(SETTLE_MS);
    const now = process.memoryUsage.rss();
    still = Math.abs(now - last) < STILL_BYTES ? still + 1 : 0;
    last = now;
  }
  return last;
}

/** What the process grows by while `records` wait for a Collector that takes connections and never answers. */
export async function measureMemory(load: Load, peer: RunningPeer, records: number): Promise<Measured> {
  const before = await settledResidentBytes();
  for (let left = records; left > 0; left -= SLICE_RECORDS) {
    load.emit(peer, Math.min(SLICE_RECORDS, left));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { residentBytes: (await settledResidentBytes()) - before };
}
