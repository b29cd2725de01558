import type { Batch } from './batch.ts';

/**
 * What became of one attempt to deliver a batch. A value, not an exception: the shipper decides by it, and every branch
 * ends in a count.
 */
export type Outcome =
  /** Acknowledged. `rejected` of its records were refused by the other side and must not be sent again. */
  | { readonly kind: 'delivered'; readonly rejected: number; readonly message: string }
  /** Not now. `retryAfterMs` is what the other side asked for, if it did. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly retryAfterMs: number | undefined;
      readonly message: string;
    }
  /** Too large for the other side (HTTP 413): worth trying in halves, final for a single record. */
  | { readonly kind: 'too_large'; readonly message: string }
  /** Never, as it is: `reason` goes into the ledger (`http_400`, …), `message` into a diagnostic, once. */
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string };

/** Carries batches of encoded records somewhere: an OTLP endpoint, a terminal, a file. */
export interface Transport {
  /** It waits for nobody on another machine, so that `sendSync` is worth a try when no time is left. */
  readonly isLocal?: boolean;
  /** One attempt. Never rejects; settles when the signal aborts. */
  send(batch: Batch, signal: AbortSignal): Promise<Outcome>;
  /**
   * Delivers in the caller's tick, for `process.exit`, until `timeoutMs` have passed. Returns one outcome per batch, in
   * order; a batch without an outcome in time is a `retry`.
   */
  sendSync(batches: readonly Batch[], timeoutMs: number): readonly Outcome[];
  /** Lets go of sockets and handles. */
  close(): void;
}

export const DELIVERED: Outcome = Object.freeze({ kind: 'delivered', rejected: 0, message: '' });

/** A transport must not throw; one that does would do it again with the same batch. */
export function broken(error: unknown): Outcome & { kind: 'refused' } {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'refused', reason: 'transport_failed', message };
}
