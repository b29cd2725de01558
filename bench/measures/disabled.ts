import type { RunningPeer } from '../peer.ts';
import type { Measured } from '../worker-messages.ts';

const ROUNDS = 10;

/** A DEBUG call at level INFO, with its fields written at the call as people write them; the best of a few rounds. */
export function measureDisabled(peer: RunningPeer, calls: number): Measured {
  let bestNs = Infinity;
  for (let round = 0; round < ROUNDS; round++) bestNs = Math.min(bestNs, callDisabled(peer, calls));
  return { callNsPerRecord: bestNs / calls };
}

function callDisabled(peer: RunningPeer, calls: number): number {
  const startedNs = process.hrtime.bigint();
  for (let index = 0; index < calls; index++) {
    peer.debug({
      order_id: '5f0c7b1e-9c66-4a55-8df4-2f7f5b8d0c11',
      item_count: index,
      amount: 59.95,
      express: true,
      currency: 'EUR',
    });
  }
  return Number(process.hrtime.bigint() - startedNs);
}
