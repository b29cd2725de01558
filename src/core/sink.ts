import type { Account } from './ledger.ts';
import type { Encoder, LogRecord } from './record.ts';

/** A started destination, as the pipeline and the endings see it. */
export interface Sink {
  readonly name: string;
  readonly account: Account;
  /** What turns records into the bytes this sink takes; `undefined` for one that takes the record itself. */
  readonly encoder: Encoder | undefined;
  /** Takes a copy of what it needs before it returns. Never throws; what it can't take it counts. */
  write(record: LogRecord, encoded: Buffer, length: number): void;
  /** Resolves once all that was written before is settled, or when the time is up. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
  /** Flushes, refuses what comes later, lets go of sockets. What is left when the time is up is counted as dropped. */
  shutdown(timeoutMs: number): Promise<void>;
  /** Delivers what is pending in the caller's tick (process exit); what is left is counted as dropped. */
  flushSync(timeoutMs: number): void;
}
