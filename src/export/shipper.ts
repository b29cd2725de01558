import type { Batch } from '../core/batch.ts';
import type { Diag } from '../core/diag.ts';
import { broken } from '../core/transport.ts';
import type { Outcome, Transport } from '../core/transport.ts';
import { FlushWaiters } from './flush-waiters.ts';
import { Lanes } from './lanes.ts';
import type { LaneParts } from './lanes.ts';
import { Patience } from './patience.ts';
import { RequestSize } from './request-size.ts';
import type { RetryPolicy } from './retry.ts';
import { sendNow } from './send-now.ts';
import { Suspects } from './suspects.ts';
import { createSystemTimers } from './timers.ts';
import type { Timers } from './timers.ts';

export interface ShipperParts extends LaneParts {
  /** The destination's, for what is said about it. */
  readonly name: string;
  readonly transport: Transport;
  readonly diag: Diag;
  /** How long a record waits for others to fill a batch. */
  readonly batchDelayMs: number;
  /** How fast goes out what piled up while the other side was away. Default: 8 MiB. */
  readonly drainBytesPerSecond?: number;
  readonly timers?: Timers;
  readonly retry?: RetryPolicy;
  /** 0 ≤ r < 1. Default: Math.random. */
  readonly random?: () => number;
}

/** Brings the records of one queue to the other side. */
export interface Shipper {
  /** Records that are neither delivered nor lost: after the end, those that a spool keeps for the next start. */
  readonly pending: number;
  /** Sends what is queued now. Resolves once all of it is settled, or after `timeoutMs`, then with false. Never rejects. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Refuses new records, flushes, drops as `shutdown` what no spool keeps, lets go of the transport. Runs once. */
  shutdown(timeoutMs: number): Promise<void>;
  /** Sends what is queued in the caller's tick, for the end of the process; drops as `exit` what no spool keeps. */
  flushSync(timeoutMs: number): void;
}

/** Makes the one owner of `queue`: nobody else takes from it. */
export function createShipper(parts: ShipperParts): Shipper {
  return new QueueShipper(parts);
}

const DRAIN_BYTES_PER_SECOND = 8 * 1024 * 1024;
/** What is logged now goes first; after so many batches of it the backlog has a turn, or it would never end under load. */
const FRESH_IN_A_ROW = 4;

/** A batch on its way. Its identity decides: once it is no longer the current one, a late answer means nothing. */
interface Flight {
  readonly batch: Batch;
  readonly abort: AbortController;
}

/**
 * One request at a time. The state is which of these is set:
 *
 *   #flight     a batch is on its way
 *   #endWait    no request for a while: the other side failed and its batch is back at the front, or it just recovered
 *   #isOnDisk   a batch is being read, or what became of one is being noted: before that, no other is sent, so that at
 *               most one is delivered twice after a crash
 *   none        idle; `#pump` takes the next batch
 *
 * A batch is tried for as long as it takes. What bounds that is the queue, which is full one day and counts what it
 * refuses. A batch leaves `pending` in `#settle` only, together with the count of what became of it.
 */
class QueueShipper implements Shipper {
  readonly #parts: ShipperParts;
  readonly #timers: Timers;
  readonly #patience: Patience;
  readonly #waiters: FlushWaiters;
  readonly #lanes: Lanes;
  #flight: Flight | undefined;
  #endWait: (() => void) | undefined;
  #endDelay: (() => void) | undefined;
  #endPace: (() => void) | undefined;
  #isOnDisk = false;
  #freshInARow = 0;
  /** What piled up during an outage is going out. */
  #isDraining = false;
  /** The batch in the making has waited long enough. */
  #overdue = false;
  #pumpIsDue = false;
  readonly #size = new RequestSize();
  readonly #suspects = new Suspects();
  #isEnding = false;
  #stopped = false;
  #shutdown: Promise<void> | undefined;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
    this.#timers = parts.timers ?? createSystemTimers();
    this.#patience = new Patience(parts.retry, parts.random);
    this.#waiters = new FlushWaiters(this.#timers);
    this.#lanes = new Lanes(parts);
    this.#lanes.onFirst = () => this.#startDelay();
    this.#lanes.onReady = () => this.#pumpSoon();
    this.#lanes.onSettled = () => this.#waiters.check();
  }

  get pending(): number {
    return this.#lanes.pending;
  }

  flush(timeoutMs: number): Promise<boolean> {
    // Behind a shutdown, what is pending is for the next start.
    if (this.pending === 0 || this.#stopped) return Promise.resolve(this.pending === 0);
    const upTo = this.#lanes.beginFlush();
    const flushed = this.#waiters.wait(() => this.#lanes.isFlushed(upTo), timeoutMs);
    this.#hurry();
    return flushed;
  }

  shutdown(timeoutMs: number): Promise<void> {
    this.#shutdown ??= this.#end(timeoutMs);
    return this.#shutdown;
  }

  flushSync(timeoutMs: number): void {
    const deadline = this.#timers.now() + timeoutMs;
    this.#lanes.saveNow();
    let batches = this.#takeAll();
    let cause: string | undefined;
    while (batches.length > 0) {
      const leftMs = deadline - this.#timers.now();
      const { transport } = this.#parts;
      // Another destination may have used up the time: what goes to the terminal still does.
      const isTried = leftMs > 0 || transport.isLocal === true;
      const outcomes = isTried ? sendNow(transport, batches, Math.max(0, leftMs)) : [];
      const halves: Batch[] = [];
      for (const [i, batch] of batches.entries()) {
        const outcome = outcomes[i];
        if (outcome === undefined || outcome.kind === 'retry') {
          this.#keepOrDrop(batch, 'exit');
          cause ??= outcome?.message ?? 'no answer came before the process ended (limits.exitTimeoutMs).';
        } else if (outcome.kind === 'too_large' && batch.count > 1) halves.push(...batch.halves());
        else this.#conclude(batch, outcome);
      }
      batches = halves;
    }
    this.#lanes.saveNow();
    // The loop turns only where the process lives on: what a spool keeps is sent again then.
    if (!this.#stopped) this.#timers.soon(() => this.#resume());
    if (cause !== undefined) this.#parts.diag.warn(this.#key('unreachable'), `${this.#parts.name}: ${cause}`);
  }

  #resume(): void {
    if (this.#stopped) return;
    this.#lanes.resume();
    this.#pump();
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#parts.queue.close();
    this.#isEnding = true;
    await this.flush(timeoutMs);
    this.#stopped = true;
    this.#lanes.saveNow();
    for (const batch of this.#takeAll()) this.#keepOrDrop(batch, 'shutdown');
    this.#lanes.saveNow();
    this.#lanes.close();
    this.#parts.transport.close();
  }

  /** A batch that was not delivered in time. The next start delivers what of it is on disk. */
  #keepOrDrop(batch: Batch, reason: string): void {
    for (const part of this.#lanes.giveUp(batch)) this.#drop(part, reason);
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
    if (this.#pumpIsDue || this.#isBusy) return;
    this.#pumpIsDue = true;
    this.#timers.soon(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  get #isBusy(): boolean {
    return this.#flight !== undefined || this.#endWait !== undefined || this.#isOnDisk || this.#stopped;
  }

  #pump(): void {
    if (this.#isBusy) return;
    const { backlogAt } = this.#lanes;
    // A flush does not wait for the pace.
    const waitMs = this.#waiters.isAwaited && backlogAt < Infinity ? 0 : backlogAt - this.#timers.now();
    const batch = waitMs <= 0 && this.#freshInARow >= FRESH_IN_A_ROW ? undefined : this.#next();
    if (batch !== undefined) {
      this.#freshInARow++;
      void this.#send(batch);
    } else if (waitMs <= 0) {
      this.#freshInARow = 0;
      void this.#sendFromDisk();
    } else if (waitMs < Infinity) {
      this.#endPace ??= this.#timers.after(
        waitMs,
        () => {
          this.#endPace = undefined;
          this.#pump();
        },
        false,
      );
    }
  }

  async #sendFromDisk(): Promise<void> {
    const batch = await this.#onDisk(this.#lanes.takeFromDisk());
    if (batch === undefined) {
      this.#pump();
      return;
    }
    // An end came meanwhile.
    if (this.#isBusy) this.#lanes.putBack(batch);
    else await this.#send(batch);
  }

  async #onDisk<T>(work: Promise<T>): Promise<T> {
    this.#isOnDisk = true;
    const result = await work;
    this.#isOnDisk = false;
    return result;
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
    return batch;
  }

  async #send(next: Batch): Promise<void> {
    const batch = this.#size.fitting(next, (rest) => this.#lanes.putBack(rest));
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
    else {
      this.#answered(batch, outcome);
      const telling = this.#lanes.tell(batch);
      if (telling !== undefined) await this.#onDisk(telling);
    }
    this.#pump();
  }

  #answered(batch: Batch, outcome: Exclude<Outcome, { kind: 'retry' }>): void {
    this.#suspects.answered();
    if (this.#patience.answered()) {
      this.#isDraining = true;
      this.#parts.diag.clear(this.#key('unreachable'), `${this.#parts.name}: delivering again`);
    }
    if (outcome.kind !== 'too_large') {
      this.#size.wasFit();
      const { length } = batch;
      this.#conclude(batch, outcome);
      if (this.#isDraining) this.#drainSlowly(length);
    } else if (batch.count > 1) {
      this.#size.wasTooLarge(batch.length);
      this.#lanes.putBackAll(batch.halves());
    } else {
      this.#conclude(batch, outcome);
    }
  }

  #waitFor(batch: Batch, outcome: Extract<Outcome, { kind: 'retry' }>): void {
    const { diag, name, spool, backlog } = this.#parts;
    this.#return(batch, outcome);
    const { waitMs, isNews } = this.#patience.failed(outcome, this.#timers.now());
    if (isNews) {
      const where = spool === undefined && backlog === undefined ? 'in memory' : 'on disk';
      diag.warn(this.#key('unreachable'), `${name}: ${outcome.message} Records wait ${where}; this is said once.`);
    }
    this.#pauseFor(waitMs);
  }

  /** To the front again, unless the batch itself may be what fails. */
  #return(batch: Batch, { reason, message }: Extract<Outcome, { kind: 'retry' }>): void {
    const verdict = this.#suspects.failed(batch, reason);
    if (verdict === 'again') this.#lanes.putBack(batch);
    else if (verdict === 'last') this.#lanes.putLast(batch);
    else if (verdict === 'halve') this.#lanes.putBackAll(this.#suspects.halves(batch));
    else this.#conclude(batch, { kind: 'refused', reason: 'undeliverable', message });
  }

  /** A collector that comes back is not met by all that piled up at once, unless there is no time or no room for that. */
  #drainSlowly(sentBytes: number): void {
    const { queue, drainBytesPerSecond = DRAIN_BYTES_PER_SECOND } = this.#parts;
    if (queue.oldest === undefined) this.#isDraining = false;
    else if (!queue.isHalfFull && !this.#waiters.isAwaited) this.#pauseFor((sentBytes / drainBytesPerSecond) * 1_000);
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

  /** A flush has no time for our own long waits; the end has none for those either that the other side asked for. */
  #hurry(): void {
    this.#endPace?.();
    this.#endPace = undefined;
    if (this.#endWait !== undefined) {
      this.#endWait();
      this.#endWait = undefined;
      const gapMs = this.#patience.gapMs(this.#timers.now(), this.#isEnding);
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
    this.#endPace?.();
    this.#endPace = undefined;
    this.#overdue = false;
    const batches: Batch[] = [];
    const flight = this.#flight;
    if (flight !== undefined) {
      // It may have arrived: then it arrives twice, but it is counted once.
      this.#flight = undefined;
      flight.abort.abort();
      if (flight.batch.isFromDisk) this.#lanes.putBack(flight.batch);
      else batches.push(flight.batch);
    }
    queue.seal();
    for (let batch = queue.take(); batch !== undefined; batch = queue.take()) batches.push(batch);
    return batches;
  }

  /** Counts what became of a batch for good, and says what is news. */
  #conclude(batch: Batch, outcome: Exclude<Outcome, { kind: 'retry' }>): void {
    const { name, diag, queue } = this.#parts;
    if (outcome.kind === 'delivered') {
      const rejected = Math.min(outcome.rejected, batch.count);
      queue.account.delivered += batch.count - rejected;
      queue.account.rejected += rejected;
      this.#lanes.settle(batch);
      this.#lanes.recycle(batch);
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
    this.#lanes.settle(batch);
  }

  #key(matter: string): string {
    return `${this.#parts.name}:${matter}`;
  }
}
