import type { EventReport } from './core/event-check.ts';
import type { Ledger } from './core/ledger.ts';
import type { Level } from './core/level.ts';
import type { SettingOrigin } from './config/setting-reader.ts';
import type { Logger } from './logger/logger.ts';

/** What became of a flush. */
export interface FlushResult {
  /**
   * `timeout` when the time was up before all that was logged before the call was settled, `failure` when records were lost
   * or refused meanwhile.
   */
  readonly status: 'success' | 'failure' | 'timeout';
  /** Records that are on their way, those that were logged since the call among them. */
  readonly pending: number;
  /** Records that were dropped or rejected during this flush. */
  readonly lost: number;
}

/** The running logging of a process, as `register` returns it. */
export interface Logging {
  getLogger(name: string): Logger;
  /**
   * Sets the level of a name prefix (`''` for all) at run time; `undefined` returns to what is configured.
   * Loggers and their children follow at once.
   *
   * @param options.forMs after that many ms the level returns to what it was
   * @throws TypeError when the prefix is no text, the level is unknown or `forMs` is no time
   */
  setLevel(prefix: string, level: Level | undefined, options?: { readonly forMs?: number }): void;
  /** Resolves when everything logged before is settled, or at the deadline. Never rejects. */
  flush(options?: { readonly timeoutMs?: number }): Promise<FlushResult>;
  /** Flushes and closes. Records that come later are counted as dropped. Runs once; later calls wait for the first. */
  shutdown(options?: { readonly timeoutMs?: number }): Promise<FlushResult>;
  /** What became of every record so far, per destination. */
  ledger(): Ledger;
  /**
   * What was logged other than the catalogue declares it: events that it does not know, with their counts, and fields and
   * levels that are other than declared. Empty without a catalogue.
   */
  eventReport(): EventReport;
  /**
   * How often each kind was hidden so far, over all configurations, in records, the resource and spanlog's own
   * diagnostics: `{ email: 12, password: 3, error: 1 }`. `error` is what a rule failed on. Kinds, never values.
   */
  redactions(): Record<string, number>;
  /** Every setting in force and where its value came from. */
  explain(): readonly SettingOrigin[];
}
