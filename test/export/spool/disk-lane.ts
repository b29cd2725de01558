/** One destination with a spool, as a process has it, on a simulated disk and under a fake clock. */
import assert from 'node:assert/strict';
import type { Batch } from '../../../src/core/batch.ts';
import { OnceDiag } from '../../../src/core/diag.ts';
import { Account, isBalanced } from '../../../src/core/ledger.ts';
import type { Counts } from '../../../src/core/ledger.ts';
import type { Scope } from '../../../src/core/record.ts';
import type { Outcome, Transport } from '../../../src/core/transport.ts';
import { Backlog } from '../../../src/export/spool/backlog.ts';
import { Queue } from '../../../src/export/queue.ts';
import { DEFAULT_RETRY } from '../../../src/export/retry.ts';
import { createShipper } from '../../../src/export/shipper.ts';
import type { Shipper } from '../../../src/export/shipper.ts';
import { Spool } from '../../../src/export/spool/spool.ts';
import { FakeTimers } from '../fake-timers.ts';
import { delivered, retry, SCOPE } from '../lane.ts';
import { SimulatedDisk } from './simulated-disk.ts';

export interface DiskLaneOptions {
  readonly disk?: SimulatedDisk;
  readonly timers?: FakeTimers;
  readonly collector?: Collector;
  /** The folder of this process. */
  readonly folder?: string;
  readonly fsync?: 'never' | 'interval' | 'always';
  readonly mode?: 'disk' | 'sync' | 'spill';
  readonly dropOldest?: boolean;
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  readonly queueBytes?: number;
  readonly batchRecords?: number;
  readonly batchBytes?: number;
  readonly drainBytesPerSecond?: number;
}

/** The other side. Records are their names. */
export class Collector implements Transport {
  /** Names that arrived, in their order. */
  readonly received: string[] = [];
  /** Batches as they were tried, delivered or not. */
  readonly attempts: string[][] = [];
  /** Decides about each batch. */
  answer: (names: readonly string[]) => Outcome | Promise<Outcome> = () => delivered;

  down(): void {
    this.answer = () => retry();
  }

  up(): void {
    this.answer = () => delivered;
  }

  async send(batch: Batch): Promise<Outcome> {
    const names = namesOf(batch);
    this.attempts.push(names);
    const outcome = await this.answer(names);
    if (outcome.kind === 'delivered') this.received.push(...names);
    return outcome;
  }

  sendSync(batches: readonly Batch[]): readonly Outcome[] {
    return batches.map((batch) => {
      const names = namesOf(batch);
      const outcome = this.answer(names);
      if (outcome instanceof Promise) return retry();
      if (outcome.kind === 'delivered') this.received.push(...names);
      return outcome;
    });
  }

  close(): void {
    // It is shared by processes that follow one another.
  }
}

export class DiskLane {
  readonly disk: SimulatedDisk;
  readonly timers: FakeTimers;
  readonly collector: Collector;
  readonly folder: string;
  readonly account = new Account();
  readonly queue: Queue;
  readonly spool: Spool;
  readonly backlog: Backlog;
  readonly shipper: Shipper;
  /** What was said to the user. */
  readonly said: string[] = [];
  /** Folders that were found empty. */
  readonly removedFolders: string[] = [];
  readonly #options: DiskLaneOptions;

  constructor(options: DiskLaneOptions = {}) {
    this.#options = options;
    const { queueBytes = 1e6, batchRecords = 10, batchBytes = 1e5, maxBytes = 64 * 1024 * 1024 } = options;
    const { mode = 'disk', fsync = 'never', drainBytesPerSecond = 8 * 1024 * 1024, dropOldest = false } = options;
    this.disk = options.disk ?? new SimulatedDisk();
    this.timers = options.timers ?? new FakeTimers();
    this.collector = options.collector ?? new Collector();
    this.folder = options.folder ?? '/spool/1';
    const { account, timers, folder, disk } = this;
    const limits = { batchRecords, batchBytes };
    this.queue = new Queue({ ...limits, maxBytes: queueBytes, maxRecords: Infinity, dropOldest }, account);
    const diag = new OnceDiag((line) => this.said.push(line));
    const shared = { name: 'otlp', files: disk.files, maxBytes, diag, timers };
    this.spool = new Spool({
      ...shared,
      folder,
      envelope: { contentType: 'application/x-protobuf', frame: emptyWrap, scopeFrame: emptyWrap },
      windowMs: 50,
      fsync,
      isNeeded: mode === 'spill' ? () => this.queue.isHalfFull : () => true,
    });
    this.backlog = new Backlog({
      ...shared,
      account,
      removeFolder: (path) => this.removedFolders.push(path),
      quarantine: '/spool/quarantine',
      limits,
      bytesPerSecond: drainBytesPerSecond,
      maxAgeMs: options.maxAgeMs ?? Infinity,
    });
    this.shipper = createShipper({
      name: 'otlp',
      queue: this.queue,
      spool: this.spool,
      backlog: this.backlog,
      transport: this.collector,
      diag,
      batchDelayMs: 1_000,
      drainBytesPerSecond,
      timers,
      retry: DEFAULT_RETRY,
      random: () => 0.5,
    });
  }

  /** Logs one record as a destination does; false when it was refused, and counted. */
  emit(name: string, severity = 9, scope: Scope = SCOPE): boolean {
    this.account.emitted++;
    while (!this.spool.admits(severity)) {
      const oldest = this.#options.dropOldest === true ? this.spool.dropOldest() : undefined;
      if (oldest === undefined) {
        this.account.drop('spool_full');
        return false;
      }
      this.backlog.forget(oldest, this.spool.dropped);
    }
    const batch = this.queue.open(severity);
    if (batch === undefined) return false;
    const encoded = Buffer.from(name);
    batch.append(encoded, 0, encoded.length);
    this.queue.commit(batch, scope, severity);
    if (this.#options.mode === 'sync') this.spool.writeIfHealthy();
    return true;
  }

  /** Logs `prefix0` to `prefix<count - 1>` and returns these names. */
  emitMany(count: number, prefix = 'e', severity = 9): string[] {
    const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
    for (const name of names) this.emit(name, severity);
    return names;
  }

  /** A process that starts on this disk once this one has ended, and takes over what it left. */
  async successor(options: DiskLaneOptions = {}): Promise<DiskLane> {
    const { timers, collector } = this;
    const next = new DiskLane({ ...this.#options, timers, collector, folder: `${this.folder}1`, ...options });
    await Promise.all([next.backlog.adopt([this.folder]), next.timers.pass(0)]);
    return next;
  }

  /** The counts, after asserting that they balance. */
  balance(): Counts {
    const counts = this.account.counts();
    assert.ok(isBalanced(counts), `the ledger does not balance: ${JSON.stringify(counts)}`);
    assert.deepEqual(this.disk.misuses, []);
    return counts;
  }
}

const NOTHING = { head: Buffer.alloc(0), tail: Buffer.alloc(0) };
const emptyWrap = (): typeof NOTHING => NOTHING;

/** The records of these tests are their names. */
export function namesOf(batch: Batch): string[] {
  return Array.from({ length: batch.count }, (_, i) => batch.bytes.toString('utf8', batch.start(i), batch.end(i)));
}
