import type { Account } from '../core/ledger.ts';
import { SEVERITY } from '../core/level.ts';
import type { Encoder } from '../core/record.ts';
import type { ByteSink } from '../core/sink.ts';
import type { Disk } from './spool/disk.ts';
import { DropNotices } from './drop-notices.ts';
import type { Queue } from './queue.ts';
import type { Shipper } from './shipper.ts';
import { createSystemTimers } from './timers.ts';
import type { Timers } from './timers.ts';

export interface QueueSinkParts {
  readonly name: string;
  readonly account: Account;
  readonly encoder: Encoder;
  readonly queue: Queue;
  readonly shipper: Shipper;
  /** Lowest severity number this destination takes; what is below is counted as `filtered`. */
  readonly minSeverity: number;
  /** Where the queue is kept as well. */
  readonly disk?: Disk | undefined;
  readonly timers?: Timers;
}

/** A destination that takes encoded records and sends them in batches. */
export function createQueueSink(parts: QueueSinkParts): ByteSink {
  const { name, account, encoder, queue, shipper, minSeverity, disk } = parts;
  const notices = new DropNotices(
    disk === undefined ? [queue.dropped] : [queue.dropped, disk.dropped],
    () => queue.isHalfFull || disk?.spool.isHalfFull === true,
    parts.timers ?? createSystemTimers(),
  );
  const open: ByteSink['open'] = (record) => {
    if (passes(record.severity, minSeverity)) return queue.open(record.severity);
    account.filtered++;
    return undefined;
  };
  return {
    name,
    account,
    encoder,
    get kept() {
      return disk === undefined ? 0 : shipper.pending;
    },
    set onDrops(tell) {
      notices.tell = tell;
    },
    get onDrops() {
      return notices.tell;
    },
    tellDrops: () => notices.tellNow(),
    open:
      disk === undefined
        ? open
        : (record) => {
            if (!passes(record.severity, minSeverity) || disk.admits(record.severity)) return open(record);
            account.drop('spool_full');
            return undefined;
          },
    commit:
      disk?.isSync === true
        ? (record, batch) => {
            queue.commit(batch, record.scope, record.severity);
            disk.write();
          }
        : (record, batch) => queue.commit(batch, record.scope, record.severity),
    flush: (timeoutMs) => shipper.flush(timeoutMs),
    async shutdown(timeoutMs) {
      await shipper.shutdown(timeoutMs);
      await disk?.rest();
      disk?.release();
    },
    flushSync: (timeoutMs) => shipper.flushSync(timeoutMs),
    end: () => disk?.release(),
  };
}

/** Unspecified severity counts as INFO, as backends show it. */
export function passes(severity: number, minSeverity: number): boolean {
  return (severity === 0 ? SEVERITY.info : severity) >= minSeverity;
}
