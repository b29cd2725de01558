import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from '../load.ts';
import type { RunningPeer } from '../peer.ts';

/** A spread burst comes in slices of this size, a millisecond apart, as many requests at once would bring it. */
const SPREAD_SLICE_RECORDS = 1_000;

/** Logs everything within one turn of the event loop, when no batch can leave. */
export async function sendAtOnce(load: Load, peer: RunningPeer, records: number): Promise<void> {
  load.emit(peer, records);
  await peer.drain();
}

/** Logs a slice a millisecond, whether the peer keeps up or not. */
export async function sendSpread(load: Load, peer: RunningPeer, records: number): Promise<void> {
  for (let left = records; left > 0; left -= SPREAD_SLICE_RECORDS) {
    load.emit(peer, Math.min(SPREAD_SLICE_RECORDS, left));
    await sleep(1);
  }
  await peer.drain();
}
