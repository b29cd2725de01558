import type { Batch } from './batch.ts';
import type { Account } from './ledger.ts';
import type { LevelName } from './level.ts';
import type { Encoder, LogRecord } from './record.ts';

/** A started destination, as the pipeline and the endings see it. */
export type Sink = ByteSink | RecordSink;

/** Records that a destination had to drop for want of room. */
export interface Drops {
  readonly reason: string;
  readonly count: number;
  /** By level; levels of which nothing was dropped are left out. */
  readonly levels: Readonly<Partial<Record<LevelName, number>>>;
  /** Wall clock, ms since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
}

interface AnySink {
  readonly name: string;
  readonly account: Account;
  /** Records that are pending and on disk, after a `shutdown` or a `flushSync`: the next start delivers them. */
  readonly kept: number;
  /** Takes what was dropped for want of room, once there is room again. Set by whoever logs it. */
  onDrops: (drops: Drops) => void;
  /** Tells of drops now: there may be no later. */
  tellDrops(): void;
  /** Resolves once all that was written before is settled, or when the time is up, then with false. Never rejects. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Flushes, refuses what comes later, lets go of sockets. What is left when the time is up is counted as dropped. */
  shutdown(timeoutMs: number): Promise<void>;
  /** Delivers what is pending in the caller's tick (process exit); what is left is counted as dropped. */
  flushSync(timeoutMs: number): void;
  /** The process is over: lets go of files that another one may take over. Runs after the last `flushSync`. */
  end(): void;
}

/** Takes encoded records. Sinks with the same encoder share the bytes. */
export interface ByteSink extends AnySink {
  readonly encoder: Encoder;
  /** Where the record is to be written, or `undefined` when it is not taken, which is counted then. Never throws. */
  open(record: LogRecord): Batch | undefined;
  /** The record has been written to the end of `batch`. */
  commit(record: LogRecord, batch: Batch): void;
}

/** Where the chain of an audit trail stands. */
export interface Anchor {
  readonly file: string;
  readonly seq: number;
  /** In hex. */
  readonly head: string;
}

/** What a sink of audit records has besides. */
export interface AuditOutlet {
  /** Takes the end of the chain from time to time, to be kept elsewhere. Set by whoever logs it. */
  onAnchor: (anchor: Anchor) => void;
}

/** Takes the record itself, a copy of what it needs before it returns. Never throws; what it can't take it counts. */
export interface RecordSink extends AnySink {
  readonly encoder: undefined;
  /** Set for a sink that takes audit records, and no others. */
  readonly audit?: AuditOutlet;
  write(record: LogRecord): void;
}
