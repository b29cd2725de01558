import type { Account } from '../core/ledger.ts';
import { SEVERITY } from '../core/level.ts';
import type { Encoder } from '../core/record.ts';
import type { ByteSink } from '../core/sink.ts';
import type { Queue } from './queue.ts';
import type { Shipper } from './shipper.ts';

export interface QueueSinkParts {
  readonly name: string;
  readonly account: Account;
  readonly encoder: Encoder;
  readonly queue: Queue;
  readonly shipper: Shipper;
  /** Lowest severity number this destination takes; what is below is counted as `filtered`. */
  readonly minSeverity: number;
}

/** A destination that takes encoded records and sends them in batches. */
export function createQueueSink(parts: QueueSinkParts): ByteSink {
  const { name, account, encoder, queue, shipper, minSeverity } = parts;
  return {
    name,
    account,
    encoder,
    open(record) {
      if (passes(record.severity, minSeverity)) return queue.open(record.severity);
      account.filtered++;
      return undefined;
    },
    commit: (record, batch) => queue.commit(batch, record.scope, record.severity),
    flush: (timeoutMs) => shipper.flush(timeoutMs),
    shutdown: (timeoutMs) => shipper.shutdown(timeoutMs),
    flushSync: (timeoutMs) => shipper.flushSync(timeoutMs),
  };
}

/** Unspecified severity counts as INFO, as backends show it. */
export function passes(severity: number, minSeverity: number): boolean {
  return (severity === 0 ? SEVERITY.info : severity) >= minSeverity;
}
