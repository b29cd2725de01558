import type { Scope } from '../../src/core/record.ts';
import type { Queue } from '../../src/export/queue.ts';

/** Puts an encoded record into the queue as the pipeline does: asks for the batch, writes to it, commits. */
export function pushRecord(queue: Queue, encoded: Buffer, scope: Scope, severity: number): void {
  const batch = queue.open(severity);
  if (batch === undefined) return;
  batch.append(encoded, 0, encoded.length);
  queue.commit(batch, scope, severity);
}
