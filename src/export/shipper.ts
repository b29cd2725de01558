import type { Batch } from '../core/batch.ts';
import type { Diag } from '../core/diag.ts';
import type { Outcome, Transport } from '../core/transport.ts';
import { FlushWaiters } from './flush-waiters.ts';
import type { Queue } from './queue.ts';
import { backoffMs, DEFAULT_RETRY, requestedWaitMs } from './retry.ts';
import type { RetryPolicy } from './retry.ts';
import { createSystemTimers } from './timers.ts';
import type { Timers } from './timers.ts';

export interface ShipperParts {
  /** The destination's, for what is said about it. */
  readonly name: string;
  readonly queue: Queue;
  readonly transport: Transport;
  readonly diag: Diag;
  /** How long a record waits for others to fill a batch. */
  readonly batchDelayMs: number;
  readonly timers?: Timers;
  readonly retry?: RetryPolicy;
  /** 0 ≤ r < 1. Default: Math.random. */
  readonly random?: () => number;
}

/** Brings the records of one queue to the other side. */
export interface Shipper {
  /** Sends what is queued now. Resolves once all of it is settled, or after `timeoutMs`. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
  /** Refuses new records, flushes, drops what is left as `shutdown`, lets go of the transport. Runs once. */
  shutdown(timeoutMs: number): Promise<void>;
  /** Sends what is queued in the caller's tick, for the end of the process; drops what is left as `exit`. */
  flushSync(timeoutMs: number): void;
}

/** Makes the one owner of `queue`: nobody else takes from it. */
export function createShipper(parts: ShipperParts): Shipper {
  return new QueueShipper(parts);
}

/** Flushes in quick succession, with nobody there, come down to an attempt in this time. */
const MIN_GAP_MS = 250;
/** An answer that asks for patience is told only when it goes on; no answer at all is told at once. */
const PATIENT_FAILURES = 3;

/** After so many batches in a row that were not too large, larger ones are tried again: the other side may have changed. */
const PROBE_AFTER = 64;

/** A batch on its way. Its identity decides: once it is no longer the current one, a late answer means nothing. */
interface Flight {
  readonly batch: Batch;
  readonly abort: AbortController;
}

/**
 * One request at a time. The state is which of these is set:
 *
 *   #flight     a batch is on its way
 *   #endWait    the other side failed, its batch is back at the front of the queue, and a timer will try again
 *   neither     idle; `#pump` takes the next batch
 *
 * A batch is tried for as long as it takes. What bounds that is the queue, which is full one day and counts what it
 * refuses. A batch leaves `pending` in `#settle` only, together with the count of what became of it.
 */
class QueueShipper implements Shipper {
  readonly #parts: ShipperParts;
  readonly #timers: Timers;
  readonly #retry: RetryPolicy;
  readonly #random: () => number;
  readonly #waiters: FlushWaiters;
  #flight: Flight | undefined;
  #endWait: (() => void) | undefined;
  #endDelay: (() => void) | undefined;
  /** The batch in the making has waited long enough. */
  #overdue = false;
  #pumpIsDue = false;
  /** Attempts that failed in a row. */
  #failures = 0;
  #lastFailureAt = 0;
  /** The smallest batch that was too large for the other side; larger ones are halved before they are sent. */
  #tooLargeBytes = Infinity;
  #sinceTooLarge = 0;
  #stopped = false;
  #shutdown: Promise<void> | undefined;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
    this.#timers = parts.timers ?? createSystemTimers();
    this.#retry = parts.retry ?? DEFAULT_RETRY;
    this.#random = parts.random ?? Math.random;
    this.#waiters = new FlushWaiters(this.#timers);
    parts.queue.onFirst = () => this.#startDelay();
    parts.queue.onBatch = () => this.#pumpSoon();
  }

  flush(timeoutMs: number): Promise<void> {
    const { queue } = this.#parts;
    if (queue.records === 0) return Promise.resolve();
    queue.seal();
    const flushed = this.#waiters.wait(queue.records, timeoutMs);
    this.#hurry();
    return flushed;
  }

  shutdown(timeoutMs: number): Promise<void> {
    this.#shutdown ??= this.#end(timeoutMs);
    return this.#shutdown;
  }

  flushSync(timeoutMs: number): void {
    const deadline = this.#timers.now() + timeoutMs;
    let batches = this.#takeAll();
    let cause: string | undefined;
    while (batches.length > 0) {
      const leftMs = deadline - this.#timers.now();
      const outcomes = leftMs > 0 ? this.#sendSync(batches, leftMs) : [];
      const halves: Batch[] = [];
      for (const [i, batch] of batches.entries()) {
        const outcome = outcomes[i];
        if (outcome === undefined || outcome.kind === 'retry') {
          this.#drop(batch, 'exit');
          cause ??= outcome?.message ?? 'no answer came before the process ended (limits.exitTimeoutMs).';
        } else if (outcome.kind === 'too_large' && batch.count > 1) halves.push(...halve(batch));
        else this.#conclude(batch, outcome);
      }
      batches = halves;
    }
    if (cause !== undefined) this.#parts.diag.warn(this.#key('unreachable'), `${this.#parts.name}: ${cause}`);
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#parts.queue.close();
    await this.flush(timeoutMs);
    this.#stopped = true;
    for (const batch of this.#takeAll()) this.#drop(batch, 'shutdown');
    this.#parts.queue.release();
    this.#parts.transport.close();
  }

  #startDelay(): void {
    this.#overdue = false;
    this.#endDelay?.();
    this.#endDelay = this.#timers.after(
      this.#parts.batchDelayMs,
      () => {
        this.#overdue = true;
        this.#pump();
      },
      false,
    );
  }

  /** Not in the tick of whoever filled the batch: sending is none of its business. */
  #pumpSoon(): void {
    if (this.#pumpIsDue || this.#flight !== undefined || this.#endWait !== undefined) return;
    this.#pumpIsDue = true;
    this.#timers.soon(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#flight !== undefined || this.#endWait !== undefined || this.#stopped) return;
    const batch = this.#next();
    if (batch !== undefined) void this.#send(batch);
  }

  #next(): Batch | undefined {
    const { queue } = this.#parts;
    let batch = queue.take();
    // Only now, and not when it became overdue: behind an outage batches go on filling instead of piling up by the second.
    if (batch === undefined && this.#overdue) {
      this.#overdue = false;
      queue.seal();
      batch = queue.take();
    }
    while (batch !== undefined && batch.count > 1 && batch.length >= this.#tooLargeBytes) {
      const [first, second] = halve(batch);
      queue.putBack(second);
      batch = first;
    }
    return batch;
  }

  async #send(batch: Batch): Promise<void> {
    const flight: Flight = { batch, abort: new AbortController() };
    this.#flight = flight;
    let outcome: Outcome;
    try {
      outcome = await this.#parts.transport.send(batch, flight.abort.signal);
    } catch (error) {
      outcome = broken(error);
    }
    // A flushSync or a shutdown has taken the batch over and counted it.
    if (this.#flight !== flight) return;
    this.#flight = undefined;
    if (outcome.kind === 'retry') this.#waitFor(batch, outcome);
    else this.#answered(batch, outcome);
    this.#pump();
  }

  #answered(batch: Batch, outcome: Exclude<Outcome, { kind: 'retry' }>): void {
    if (this.#failures > 0) {
      this.#failures = 0;
      this.#parts.diag.clear(this.#key('unreachable'), `${this.#parts.name}: delivering again`);
    }
    if (outcome.kind !== 'too_large') {
      if (++this.#sinceTooLarge % PROBE_AFTER === 0) this.#tooLargeBytes *= 2;
      this.#conclude(batch, outcome);
    } else if (batch.count > 1) {
      this.#tooLargeBytes = Math.min(this.#tooLargeBytes, batch.length);
      this.#sinceTooLarge = 0;
      const [first, second] = halve(batch);
      this.#parts.queue.putBack(second);
      this.#parts.queue.putBack(first);
    } else {
      this.#conclude(batch, outcome);
    }
  }

  #waitFor(batch: Batch, outcome: Extract<Outcome, { kind: 'retry' }>): void {
    const { queue, diag, name } = this.#parts;
    queue.putBack(batch);
    this.#failures++;
    this.#lastFailureAt = this.#timers.now();
    if (this.#failures >= (outcome.reason.startsWith('http_') ? PATIENT_FAILURES : 1)) {
      diag.warn(this.#key('unreachable'), `${name}: ${outcome.message} Records wait in memory; this is said once.`);
    }
    const { retryAfterMs } = outcome;
    this.#pauseFor(
      retryAfterMs === undefined
        ? backoffMs(this.#failures, this.#random(), this.#retry)
        : requestedWaitMs(retryAfterMs, this.#random()),
    );
  }

  #pauseFor(ms: number): void {
    this.#endWait = this.#timers.after(
      ms,
      () => {
        this.#endWait = undefined;
        this.#pump();
      },
      false,
    );
  }

  /** A flush has no time for a long wait between attempts: the next one is now. */
  #hurry(): void {
    if (this.#endWait !== undefined) {
      this.#endWait();
      this.#endWait = undefined;
      const gapMs = MIN_GAP_MS - (this.#timers.now() - this.#lastFailureAt);
      if (gapMs > 0) return this.#pauseFor(gapMs);
    }
    this.#pumpSoon();
  }

  /** Everything that is pending, the batch on its way first; the shipper is idle afterwards. */
  #takeAll(): Batch[] {
    const { queue } = this.#parts;
    this.#endWait?.();
    this.#endWait = undefined;
    this.#endDelay?.();
    this.#endDelay = undefined;
    this.#overdue = false;
    const batches: Batch[] = [];
    const flight = this.#flight;
    if (flight !== undefined) {
      // It may have arrived: then it arrives twice, but it is counted once.
      this.#flight = undefined;
      flight.abort.abort();
      batches.push(flight.batch);
    }
    queue.seal();
    for (let batch = queue.take(); batch !== undefined; batch = queue.take()) batches.push(batch);
    return batches;
  }

  #sendSync(batches: readonly Batch[], timeoutMs: number): readonly Outcome[] {
    try {
      return this.#parts.transport.sendSync(batches, timeoutMs);
    } catch (error) {
      return batches.map(() => broken(error));
    }
  }

  /** Counts what became of a batch for good, and says what is news. */
  #conclude(batch: Batch, outcome: Exclude<Outcome, { kind: 'retry' }>): void {
    const { name, diag, queue } = this.#parts;
    if (outcome.kind === 'delivered') {
      const rejected = Math.min(outcome.rejected, batch.count);
      queue.account.delivered += batch.count - rejected;
      queue.account.rejected += rejected;
      this.#settle(batch);
      queue.recycle(batch);
      const { message } = outcome;
      if (rejected > 0) diag.warn(this.#key('rejected'), `${name}: records were rejected: ${message}`);
      else if (message !== '') diag.warn(this.#key('warning'), `${name}: the other side warns: ${message}`);
      return;
    }
    const reason = outcome.kind === 'refused' ? outcome.reason : 'too_large';
    this.#drop(batch, reason);
    diag.warn(this.#key(reason), `${name}: records are dropped (${reason}): ${outcome.message}`);
  }

  #drop(batch: Batch, reason: string): void {
    this.#parts.queue.account.drop(reason, batch.count);
    this.#settle(batch);
  }

  #settle(batch: Batch): void {
    this.#parts.queue.settle(batch);
    this.#waiters.settled(batch.count);
  }

  #key(matter: string): string {
    return `${this.#parts.name}:${matter}`;
  }
}

function halve(batch: Batch): [Batch, Batch] {
  const middle = batch.count >> 1;
  return [batch.slice(0, middle), batch.slice(middle, batch.count)];
}

/** A transport must not throw; one that does would do it again with the same batch. */
function broken(error: unknown): Outcome & { kind: 'refused' } {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'refused', reason: 'transport_failed', message };
}
