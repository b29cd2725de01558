import type { SdkLogExporter } from '../config/options.ts';
import type { Diag } from '../core/diag.ts';
import type { Account } from '../core/ledger.ts';
import type { LogRecord, Scope } from '../core/record.ts';
import type { Drops, RecordSink } from '../core/sink.ts';
import type { ValueMap } from '../core/value.ts';
import { ONLY_VIEW } from '../core/view.ts';
import type { View } from '../core/view.ts';
import { DropNotices } from './drop-notices.ts';
import { DropTally } from './drop-tally.ts';
import type { ExportOperation } from './export-operation.ts';
import { FlushWaiters } from './flush-waiters.ts';
import { foreignRecord, foreignResource, foreignScope } from './foreign-record.ts';
import type { ForeignRecord, ForeignResource, ForeignScope } from './foreign-record.ts';
import { passes } from './sink.ts';
import { withoutTracing } from './suppress-tracing.ts';
import { createSystemTimers } from './timers.ts';
import type { Timers } from './timers.ts';

export interface SdkSinkParts {
  readonly name: string;
  readonly account: Account;
  readonly exporter: SdkLogExporter;
  readonly resource: ValueMap;
  /** What the exporter may see. */
  readonly view?: View;
  /** Records that may wait or be with the exporter; past that they are dropped as `queue_full`. */
  readonly maxRecords: number;
  readonly batchRecords: number;
  readonly batchDelayMs: number;
  /** Lowest severity number this destination takes. */
  readonly minSeverity: number;
  readonly diag: Diag;
  /** Told of each export. */
  readonly operation?: ExportOperation;
  /** For one export; then its records count as failed. Default: 30,000 (OTEL_BLRP_EXPORT_TIMEOUT). */
  readonly exportTimeoutMs?: number;
  readonly timers?: Timers;
}

/**
 * A destination behind any exporter of `@opentelemetry/sdk-logs`. It holds objects, so it is bounded by their number.
 *
 * Retrying is the exporter's business: a failure it reports is final, and counted as `exporter_failed`.
 */
export function createSdkSink(parts: SdkSinkParts): RecordSink {
  return new SdkSink(parts);
}

const EXPORT_TIMEOUT_MS = 30_000;
/** How many scopes are kept; past that they are made anew, which costs the exporter some grouping. */
const MAX_SCOPES = 4_096;

/** What became of an export; why it failed, or `undefined` for success. */
interface Outcome {
  readonly failure: string | undefined;
}

class SdkSink implements RecordSink {
  readonly name: string;
  readonly account: Account;
  readonly encoder = undefined;
  /** What it holds are objects: none survives. */
  readonly kept = 0;
  readonly #dropped = new DropTally('queue_full');
  readonly #notices: DropNotices;
  readonly #parts: SdkSinkParts;
  readonly #timers: Timers;
  readonly #waiters: FlushWaiters;
  readonly #resource: ForeignResource;
  readonly #scopes = new Map<Scope, ForeignScope>();
  #waiting: ForeignRecord[] = [];
  /** The batch the exporter has. Its identity decides whether an answer still counts. */
  #exporting: ForeignRecord[] | undefined;
  /** How many of those that wait should go without waiting for more. */
  #due = 0;
  /** Records settled since the start. */
  #settled = 0;
  #endDelay: (() => void) | undefined;
  #closed = false;
  #shutdown: Promise<void> | undefined;

  constructor(parts: SdkSinkParts) {
    this.name = parts.name;
    this.account = parts.account;
    this.#parts = parts;
    this.#timers = parts.timers ?? createSystemTimers();
    this.#waiters = new FlushWaiters(this.#timers);
    this.#resource = foreignResource(parts.resource);
    this.account.holds(() => this.#pending);
    this.#notices = new DropNotices([this.#dropped], () => this.#pending > parts.maxRecords / 2, this.#timers);
  }

  set onDrops(tell: (drops: Drops) => void) {
    this.#notices.tell = tell;
  }

  get onDrops(): (drops: Drops) => void {
    return this.#notices.tell;
  }

  tellDrops(): void {
    this.#notices.tellNow();
  }

  get #pending(): number {
    return this.#waiting.length + (this.#exporting?.length ?? 0);
  }

  write(record: LogRecord): void {
    if (!passes(record.severity, this.#parts.minSeverity)) {
      this.account.filtered++;
      return;
    }
    if (this.#closed) return this.account.drop('after_shutdown');
    if (this.#pending >= this.#parts.maxRecords) {
      this.#dropped.add(record.severity);
      return this.account.drop('queue_full');
    }
    const { view = ONLY_VIEW } = this.#parts;
    this.#waiting.push(foreignRecord(record, this.#resource, this.#scope(record.scope), view));
    if (this.#waiting.length === 1) this.#startDelay();
    const { batchRecords } = this.#parts;
    if (this.#waiting.length - this.#due >= batchRecords) this.#makeDue(this.#due + batchRecords);
  }

  async flush(timeoutMs: number): Promise<boolean> {
    const deadline = this.#timers.now() + timeoutMs;
    this.#makeDue(this.#waiting.length);
    // They leave in the order in which they came.
    const target = this.#settled + this.#pending;
    const isSettled = await this.#waiters.wait(() => this.#settled >= target, timeoutMs);
    await this.#within(deadline, 'flush', () => this.#parts.exporter.forceFlush?.());
    return isSettled;
  }

  shutdown(timeoutMs: number): Promise<void> {
    this.#shutdown ??= this.#end(timeoutMs);
    return this.#shutdown;
  }

  /** An exporter that answers at once (console, memory, file) delivers even now; what the others hold is lost. */
  flushSync(): void {
    const { exporter } = this.#parts;
    if (this.#exporting === undefined && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      let outcome: Outcome | undefined;
      this.#exporting = batch;
      callExport(exporter, batch, (answer) => (outcome = answer));
      if (outcome !== undefined) this.#settle(batch, outcome);
    }
    this.#abandon('exit');
  }

  end(): void {
    // What it held is counted, and the exporter has had its time.
  }

  async #end(timeoutMs: number): Promise<void> {
    const deadline = this.#timers.now() + timeoutMs;
    this.#closed = true;
    await this.flush(timeoutMs);
    this.#abandon('shutdown');
    await this.#within(deadline, 'shutdown', () => this.#parts.exporter.shutdown());
  }

  #startDelay(): void {
    this.#endDelay = this.#timers.after(
      this.#parts.batchDelayMs,
      () => {
        this.#endDelay = undefined;
        this.#makeDue(this.#waiting.length);
      },
      false,
    );
  }

  #makeDue(records: number): void {
    this.#due = records;
    if (records > 0 && this.#exporting === undefined) this.#timers.soon(() => this.#pump());
  }

  #pump(): void {
    if (this.#exporting !== undefined || this.#due === 0) return;
    const batch = this.#waiting.splice(0, Math.min(this.#due, this.#parts.batchRecords));
    this.#due = Math.max(0, this.#due - batch.length);
    this.#endDelay?.();
    this.#endDelay = undefined;
    if (this.#waiting.length > 0) this.#startDelay();
    if (batch.length > 0) void this.#export(batch);
  }

  async #export(batch: ForeignRecord[]): Promise<void> {
    this.#exporting = batch;
    this.#parts.operation?.begin(batch, batch.length);
    const outcome = await new Promise<Outcome>((resolve) => {
      const timeoutMs = this.#parts.exportTimeoutMs ?? EXPORT_TIMEOUT_MS;
      const giveUp = (): void => resolve({ failure: `no answer within ${timeoutMs} ms` });
      const cancel = this.#timers.after(timeoutMs, giveUp, false);
      callExport(this.#parts.exporter, batch, (answer) => {
        cancel();
        resolve(answer);
      });
    });
    if (this.#exporting === batch) this.#settle(batch, outcome);
    this.#pump();
  }

  /** Counts what became of the batch that the exporter had. */
  #settle(batch: ForeignRecord[], { failure }: Outcome): void {
    const { name, diag, operation } = this.#parts;
    this.#exporting = undefined;
    operation?.end(batch, failure === undefined ? undefined : 'exporter_failed');
    if (failure === undefined) {
      this.account.delivered += batch.length;
      diag.clear(`${name}:exporter_failed`, `${name}: the exporter delivers again`);
    } else {
      this.account.drop('exporter_failed', batch.length);
      diag.warn(`${name}:exporter_failed`, `${name}: the exporter failed and its records are dropped: ${failure}`);
    }
    this.#settled += batch.length;
    this.#waiters.check();
  }

  #abandon(reason: string): void {
    const left = this.#pending;
    this.#exporting = undefined;
    this.#parts.operation?.cutShort(reason);
    this.#waiting = [];
    this.#due = 0;
    this.#endDelay?.();
    this.#endDelay = undefined;
    this.account.drop(reason, left);
    this.#settled += left;
    this.#waiters.check();
  }

  /** Runs a part of the exporter's own ending, for as long as the deadline allows. */
  async #within(deadline: number, what: string, run: () => Promise<void> | undefined): Promise<void> {
    const { name, diag } = this.#parts;
    try {
      const running = withoutTracing(run);
      if (running === undefined) return;
      let cancel: () => void = () => undefined;
      const timeUp = new Promise<void>((resolve) => {
        cancel = this.#timers.after(Math.max(0, deadline - this.#timers.now()), resolve, true);
      });
      await Promise.race([Promise.resolve(running).finally(cancel), timeUp]);
    } catch (error) {
      diag.warn(`${name}:exporter_${what}`, `${name}: the exporter's ${what} failed: ${messageOf(error)}`);
    }
  }

  #scope(scope: Scope): ForeignScope {
    let foreign = this.#scopes.get(scope);
    if (foreign === undefined) {
      if (this.#scopes.size === MAX_SCOPES) this.#scopes.clear();
      foreign = foreignScope(scope);
      this.#scopes.set(scope, foreign);
    }
    return foreign;
  }
}

/**
 * Hands a batch to the exporter. Whatever it does with it, throwing and rejecting included, comes out as an outcome: what
 * escaped from here would be the application's unhandled rejection. Answers after the first are for the caller to ignore.
 */
function callExport(exporter: SdkLogExporter, batch: ForeignRecord[], answered: (outcome: Outcome) => void): void {
  const fail = (error: unknown): void => answered({ failure: messageOf(error) });
  try {
    // Declared as void, but an `async export` is easily written, and nobody else would catch its rejection.
    const asWritten: { export(logs: never[], done: (result: unknown) => void): unknown } = exporter;
    const returned = withoutTracing(() => asWritten.export(batch as never[], (result) => answered(outcomeOf(result))));
    Promise.resolve(returned).catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** Reads the exporter's answer; `code` 0 is success (`ExportResultCode`). Without one nobody knows, so it failed. */
function outcomeOf(result: unknown): Outcome {
  try {
    if (typeof result !== 'object' || result === null) return { failure: 'it answered without a result' };
    if (Reflect.get(result, 'code') === 0) return { failure: undefined };
    const error: unknown = Reflect.get(result, 'error');
    return { failure: error === undefined || error === null ? 'it gave no reason' : messageOf(error) };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

/** What a foreign error says; its own code may throw when asked. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an error that can’t be read';
  }
}
