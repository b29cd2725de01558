import type { Settings } from './config/resolved-settings.ts';
import type { SettingOrigin } from './config/setting-reader.ts';
import type { Diag } from './core/diag.ts';
import { Account, ledgerOf } from './core/ledger.ts';
import type { Ledger } from './core/ledger.ts';
import { EventChecks } from './core/event-check.ts';
import type { EventReport } from './core/event-check.ts';
import { EventNames } from './core/event-names.ts';
import { FieldNames } from './core/field-names.ts';
import type { Level } from './core/level.ts';
import type { RedactionCounts } from './core/redaction-counts.ts';
import type { Scope } from './core/record.ts';
import type { Sink } from './core/sink.ts';
import { createSelfMetrics } from './export/self-metrics.ts';
import type { SelfMetrics, SelfMetricsParts } from './export/self-metrics.ts';
import { ThreadCounts } from './export/thread-counts.ts';
import { LevelControl } from './level-control.ts';
import type { Hub } from './logger/hub.ts';
import type { Logger } from './logger/logger.ts';
import type { FlushResult, Logging } from './logging.ts';
import { OWN_LOGGER } from './pipeline/own-record.ts';
import { startSinks } from './start-sinks.ts';
import type { SinkParts } from './start-sinks.ts';
import { VERSION } from './version.ts';

/** The longest time a timer can wait. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The handle that `register` returns: it owns the sinks of the running configuration and the accounts of all that ever
 * were, so that the ledger survives a reconfiguration.
 */
export class RunningLogging implements Logging {
  /** How often sinks were replaced; what was bound under an older number is redacted anew. */
  generation = 0;
  readonly #hub: Hub;
  readonly #diag: Diag;
  readonly #accounts = new Map<string, Account>();
  readonly levels: LevelControl;
  /** Of records of our own: one for all configurations, so that a destination of an earlier one is known by it too. */
  readonly ownScope: Scope;
  /** Tells of what the pipeline holds back; after the `last` time it holds back nothing. Set by whoever starts one. */
  tellHeld: (last: boolean) => void = () => undefined;
  #settings: Settings;
  #origins: readonly SettingOrigin[] = [];
  #sinks: readonly Sink[] = [];
  #checks: EventChecks | undefined;
  /** Sinks of an earlier configuration that still have records to deliver. */
  readonly #retired = new Set<Sink>();
  #shutdown: Promise<FlushResult> | undefined;
  readonly #metrics: SelfMetrics;
  readonly #redactions: RedactionCounts;
  /** What the worker threads of this process count. */
  readonly threads: ThreadCounts = new ThreadCounts(() =>
    this.flush({ timeoutMs: this.#settings.limits.exitTimeoutMs }),
  );

  constructor(
    hub: Hub,
    diag: Diag,
    settings: Settings,
    { owner, redactions }: Pick<SelfMetricsParts, 'owner' | 'redactions'>,
  ) {
    this.#hub = hub;
    this.ownScope = hub.createScope(OWN_LOGGER);
    this.levels = new LevelControl(hub);
    this.#diag = diag;
    this.#settings = settings;
    this.#redactions = redactions;
    this.#metrics = createSelfMetrics({ owner, accounts: this.#accounts, redactions, version: VERSION, diag });
  }

  /** Without what the flight recorder holds: it is not on its way anywhere. */
  get pending(): number {
    return sum(this.#accounts, (account) => account.pending) - (this.#hub.recorder?.pending ?? 0);
  }

  /** Starts the sinks of new settings; those before them deliver what they have and close. */
  replaceSinks(
    parts: Omit<SinkParts, 'account' | 'metrics'> & { readonly origins: readonly SettingOrigin[] },
  ): readonly Sink[] {
    this.#settings = parts.settings;
    this.#origins = parts.origins;
    // What the pipeline before held back goes where its records went.
    this.tellHeld(true);
    for (const sink of this.#sinks) {
      this.#retired.add(sink);
      void sink.shutdown(parts.settings.limits.flushTimeoutMs).then(() => this.#retired.delete(sink));
    }
    this.generation++;
    // What was shut down are the sinks before; the new ones can be shut down again.
    this.#shutdown = undefined;
    this.levels.isSilent = false;
    this.#metrics.begin(!parts.settings.disabled);
    this.#sinks = startSinks({ ...parts, account: (name) => this.#account(name), metrics: this.#metrics });
    return this.#sinks;
  }

  /** What is known of events and fields by new settings; what was found by those before them is not kept. */
  replaceEvents({ policy }: Settings): EventNames {
    const declared = policy.catalogue?.declared;
    const isChecked = declared !== undefined && policy.catalogueCheck === 'report';
    this.#checks = isChecked ? new EventChecks(declared, this.#diag) : undefined;
    return new EventNames({
      declared,
      checks: this.#checks,
      renames: policy.rename.size === 0 ? undefined : policy.rename,
      names: policy.fieldNames === undefined ? undefined : new FieldNames(policy.fieldNames, this.#diag),
    });
  }

  eventReport(): EventReport {
    return this.#checks?.report() ?? { undeclared: {}, problems: [] };
  }

  getLogger(name: string): Logger {
    return this.#hub.getLogger(name);
  }

  setLevel(prefix: string, level: Level | undefined, options?: { readonly forMs?: number }): void {
    this.levels.set(prefix, level, options?.forMs);
  }

  flush(options?: { readonly timeoutMs?: number } | null): Promise<FlushResult> {
    this.tellHeld(false);
    return this.#settle(options?.timeoutMs, (sink, timeoutMs) => sink.flush(timeoutMs));
  }

  shutdown(options?: { readonly timeoutMs?: number } | null): Promise<FlushResult> {
    this.#metrics.rest();
    this.#hub.useRecorder(undefined);
    this.levels.isSilent = true;
    this.tellHeld(true);
    // Before any of them refuses: what one has to tell goes to the others.
    if (this.#shutdown === undefined) for (const sink of this.#sinks) sink.tellDrops();
    this.#shutdown ??= this.#settle(options?.timeoutMs, async (sink, timeoutMs) => {
      await sink.shutdown(timeoutMs);
      return true;
    }).then((result) => {
      // Nothing is taken any more: what is pending was logged before.
      return result.pending > 0 ? { ...result, status: 'timeout' } : result;
    });
    return this.#shutdown;
  }

  ledger(): Ledger {
    return ledgerOf(this.#accounts);
  }

  redactions(): Record<string, number> {
    return this.#redactions.toRecord();
  }

  explain(): readonly SettingOrigin[] {
    return this.#origins;
  }

  /** Replaces lines of `explain`: settings that changed at run time. */
  updateOrigins(changed: readonly SettingOrigin[]): void {
    this.#origins = this.#origins.map((row) => changed.find(({ setting }) => setting === row.setting) ?? row);
  }

  /** The process ends now: delivers in this tick, and after the `last` time each record at once. */
  end(timeoutMs: number, last: boolean): void {
    const deadline = performance.now() + timeoutMs;
    // Listeners for `exit` may still fail; after the last one nobody asks for it any more.
    if (last) this.#hub.useRecorder(undefined);
    const flush = (): void => {
      for (const sink of [...this.#retired, ...this.#sinks]) {
        if (sink.account.pending > 0) sink.flushSync(Math.max(0, deadline - performance.now()));
      }
    };
    this.tellHeld(last);
    for (const sink of this.#sinks) sink.tellDrops();
    flush();
    if (last) for (const sink of [...this.#retired, ...this.#sinks]) sink.end();
    if (last) this.#hub.intake = endingIntake(this.#hub.intake, flush);
  }

  /** Counts records that a thread took with it. Its destination may be one that this thread does not have. */
  loseThread(name: string, count: number): void {
    const account = this.#account(name);
    account.emitted += count;
    account.drop('thread_terminated', count);
  }

  /** One line when the process ends with losses. */
  reportLosses(): void {
    const losses: string[] = [];
    for (const [name, account] of this.#accounts) {
      const { dropped, rejected } = account.counts();
      const parts = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
      if (rejected > 0) parts.push(`${rejected} rejected`);
      if (parts.length > 0) losses.push(`${name}: ${parts.join(', ')}`);
    }
    if (losses.length > 0) this.#diag.error('losses', `records were not delivered (${losses.join('; ')})`);
    const kept = [...this.#retired, ...this.#sinks].filter((sink) => sink.kept > 0);
    if (kept.length > 0) {
      const counts = kept.map((sink) => `${sink.name}: ${sink.kept}`).join(', ');
      this.#diag.warn('kept', `records wait on disk for the next start, or for \`spanlog replay\` (${counts})`);
    }
  }

  #account(name: string): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account = new Account();
    this.#accounts.set(name, account);
    if (!this.threads.share(name, account)) {
      this.#diag.warn(
        'too_many_threads',
        'more worker threads log than can be watched (256 destinations in all): what this one and further ones hold when they are terminated is not counted. Call flush() before terminate()',
      );
    }
    return account;
  }

  async #settle(
    givenMs: number | null | undefined,
    settle: (sink: Sink, timeoutMs: number) => Promise<boolean>,
  ): Promise<FlushResult> {
    const lostBefore = this.#lost();
    const timeoutMs = givenMs ?? this.#settings.limits.flushTimeoutMs;
    const bound = Number.isFinite(timeoutMs) ? Math.min(Math.max(0, timeoutMs), MAX_TIMER_MS) : MAX_TIMER_MS;
    const sinks = [...this.#retired, ...this.#sinks];
    const settled = await Promise.all(sinks.map((sink) => settle(sink, bound)));
    const { pending } = this;
    const inTime = settled.every(Boolean);
    const lost = this.#lost() - lostBefore;
    return { status: !inTime ? 'timeout' : lost > 0 ? 'failure' : 'success', pending, lost };
  }

  #lost(): number {
    return sum(this.#accounts, (account) => account.droppedTotal + account.rejected);
  }
}

function sum(accounts: ReadonlyMap<string, Account>, count: (account: Account) => number): number {
  let total = 0;
  for (const account of accounts.values()) total += count(account);
  return total;
}

/** After the last flush nothing would take a record out of its queue: each one is flushed as it comes. */
function endingIntake(intake: Hub['intake'], flush: () => void): Hub['intake'] {
  return {
    reader: intake.reader,
    events: intake.events,
    attributeLimit: intake.attributeLimit,
    epoch: intake.epoch,
    errors: intake.errors,
    admit: (...args) => intake.admit(...args),
    submit(record) {
      intake.submit(record);
      flush();
    },
    fail: (error, record) => intake.fail(error, record),
  };
}
