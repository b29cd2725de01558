import type { Batch } from '../core/batch.ts';
import { broken } from '../core/transport.ts';
import type { Outcome, Transport } from '../core/transport.ts';

/** One attempt for each batch in the caller's tick, within `timeoutMs`; in their order. Never throws. */
export function sendNow(transport: Transport, batches: readonly Batch[], timeoutMs: number): readonly Outcome[] {
  try {
    return transport.sendSync(batches, timeoutMs);
  } catch (error) {
    return batches.map(() => broken(error));
  }
}
