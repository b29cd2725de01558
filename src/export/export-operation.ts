import type { Batch } from '../core/batch.ts';
import type { Outcome, Transport } from '../core/transport.ts';

/** How one export ended. An operation lasts from its first attempt to the end of its last, pauses in between included. */
export interface OperationEnd {
  readonly durationMs: number;
  /** Why it failed; undefined for full success. */
  readonly errorType: string | undefined;
}

export interface OperationWatcher {
  /** An attempt begins. */
  begun(): void;
  ended(end: OperationEnd): void;
  /** The exporter's reason for giving a batch up, before anything is counted under it. */
  gaveUp(reason: string): void;
}

/**
 * The exports of one destination. One batch at a time is with the exporter; one that failed stays there until it is tried
 * again or another takes its place, and its operation goes on with its next attempt.
 */
export class ExportOperation {
  readonly #watcher: OperationWatcher;
  readonly #now: () => number;
  /** First attempts of batches that are not done. */
  readonly #begunMs = new WeakMap<object, number>();
  #batch: object | undefined;
  #records = 0;

  /** @param now monotonic, in ms */
  constructor(watcher: OperationWatcher, now: () => number) {
    this.#watcher = watcher;
    this.#now = now;
  }

  /** Records that the exporter has, on their way or between two attempts. */
  get records(): number {
    return this.#records;
  }

  /** An attempt with this batch begins. */
  begin(batch: object, records: number): void {
    this.#watcher.begun();
    this.#batch = batch;
    this.#records = records;
    if (!this.#begunMs.has(batch)) this.#begunMs.set(batch, this.#now());
  }

  /** What became of the batch is certain. Without effect the second time. */
  end(batch: object, errorType: string | undefined): void {
    const begunMs = this.#begunMs.get(batch);
    if (begunMs === undefined) return;
    this.#begunMs.delete(batch);
    if (batch === this.#batch) this.forget();
    this.#watcher.ended({ durationMs: this.#now() - begunMs, errorType });
  }

  /** Whatever the exporter had is lost, for this reason. */
  cutShort(errorType: string): void {
    if (this.#batch !== undefined) this.end(this.#batch, errorType);
  }

  /** The exporter has nothing any more, and nobody is told: the process ends, and no reader collects. */
  forget(): void {
    this.#batch = undefined;
    this.#records = 0;
  }

  gaveUp(reason: string): void {
    this.#watcher.gaveUp(reason);
  }
}

/** The same transport, its exports watched. */
export function timedTransport(transport: Transport, operation: ExportOperation): Transport {
  return {
    ...(transport.isLocal !== undefined && { isLocal: transport.isLocal }),
    async send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
      operation.begin(batch, batch.count);
      let outcome: Outcome;
      try {
        outcome = await transport.send(batch, signal);
      } catch (error) {
        operation.end(batch, 'transport_failed');
        throw error;
      }
      if (outcome.kind === 'refused') operation.gaveUp(outcome.reason);
      // Of an answer that comes after the abort nobody counts the records.
      if (signal.aborted) operation.end(batch, 'aborted');
      else if (outcome.kind !== 'retry') operation.end(batch, errorTypeOf(outcome));
      return outcome;
    },
    sendSync(batches, timeoutMs) {
      operation.forget();
      return transport.sendSync(batches, timeoutMs);
    },
    close() {
      operation.cutShort('shutdown');
      transport.close();
    },
  };
}

/** A partial success is a failed operation (semantic conventions: only OTLP's full success is one). */
function errorTypeOf(outcome: Exclude<Outcome, { kind: 'retry' }>): string | undefined {
  if (outcome.kind === 'delivered') return outcome.rejected > 0 ? 'rejected' : undefined;
  return outcome.kind === 'refused' ? outcome.reason : 'too_large';
}
