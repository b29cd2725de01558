import type { FlushResult, Ledger } from '../../src/index.ts';

/** What `app.ts` is told; where to send, and what survives, it reads from the environment as any application does. */
export interface AppTask {
  readonly recordsPerSecond: number;
  readonly sampleEveryMs: number;
  /** For the last flush, with the Collector up. */
  readonly flushTimeoutMs: number;
  /** The built package, or the source under type stripping. */
  readonly spanlog: 'built' | 'source';
}

/** What the application saw of itself at one moment. Sizes in bytes. */
export interface Sample {
  /** Unix time in ms, to be laid beside the outages. */
  readonly atMs: number;
  readonly logged: number;
  readonly pending: number;
  readonly delivered: number;
  readonly residentBytes: number;
  /** Live objects, and what they hold outside of the heap (buffers); undefined when garbage was not collected before. */
  readonly liveBytes?: number;
  /** Open file descriptors; undefined where the system does not list them. */
  readonly openFiles: number | undefined;
}

export interface Durations {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What the application has to say at its end. */
export interface AppReport {
  /** Calls made: the records are numbered from 0 to this. */
  readonly logged: number;
  /** Of these, after the warm-up and at the rate that was asked for. */
  readonly loggedSteadily: number;
  readonly ledgerLooks: number;
  /** The first that did not add up; null when all did. */
  readonly unbalanced: Ledger | null;
  readonly flush: FlushResult;
  readonly flushMs: number;
  /** After shutdown. */
  readonly ledger: Ledger;
  /** Time in a log call, in ns. */
  readonly callNs: Durations;
  /** How late the event loop came round, in ms. */
  readonly loopDelayMs: Durations;
}

/** What it prints, a line of JSON each. */
export type AppMessage = { readonly started: true } | { readonly sample: Sample } | { readonly report: AppReport };

/** Logging ends with this signal; the application then flushes, reports and returns. */
export const STOP_SIGNAL = 'SIGUSR2';

/** The attribute that holds the record's number. */
export const NUMBER_KEY = 'n';
