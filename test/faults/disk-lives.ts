/** Processes that follow one another on one spool, each taking over what the one before left. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Counts, Ledger } from '../../src/core/ledger.ts';
import { ledgerOf } from '../process/app.ts';
import type { Child, Ended } from '../support/child-process.ts';
import type { DiskCollector } from './disk-collector.ts';
import { startFaultApp } from './fault-app.ts';

export const BATCH_RECORDS = 64;

/** How long what lies on disk may take to be sent. */
const REPLAY_MS = 40_000;

export interface LivesOptions {
  readonly durability: 'disk' | 'sync';
  readonly env?: Readonly<Record<string, string>>;
}

export class DiskLives {
  readonly directory: string;
  readonly collector: DiskCollector;
  readonly #env: Readonly<Record<string, string>>;
  readonly #children: Child[] = [];

  constructor(t: TestContext, collector: DiskCollector, { durability, env }: LivesOptions) {
    this.directory = mkdtempSync(join(tmpdir(), 'spanlog-lives-'));
    this.collector = collector;
    this.#env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: String(BATCH_RECORDS),
      OTEL_BLRP_SCHEDULE_DELAY: '20',
      SPANLOG_DURABILITY: durability,
      SPANLOG_SPOOL_DIRECTORY: join(this.directory, 'spool'),
      ...env,
    };
    t.after(async () => {
      for (const child of this.#children) child.kill('SIGKILL');
      await Promise.allSettled(this.#children.map(({ ended }) => ended));
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  get spool(): string {
    return join(this.directory, 'spool');
  }

  start(name: string, ...args: (string | number)[]): Child {
    const child = startFaultApp(name, args, { env: this.#env, timeoutMs: 60_000 });
    this.#children.push(child);
    return child;
  }

  /** A life that logs these records and is killed: the collector's state says what becomes of them meanwhile. */
  async leave(life: number, count: number, bytes = 0): Promise<void> {
    const child = this.start('disk-restart', life, count, bytes);
    await child.said('logged');
    await this.kill(child);
  }

  async kill(child: Child): Promise<Ended> {
    child.kill('SIGKILL');
    const end = await child.ended;
    assert.equal(end.signal, 'SIGKILL', end.stderr);
    return end;
  }

  /** A last life: it logs these records too, sends what it finds, and ends in good order. */
  async drain(life: number, count = 0): Promise<Ended & { readonly otlp: Counts }> {
    const child = this.start('disk-restart', life, count);
    await child.said('logged');
    await this.nothingLeft(child);
    return this.end(child);
  }

  /** Ends one that waits to be told. Its ledger balances. */
  async end(child: Child): Promise<Ended & { readonly otlp: Counts }> {
    child.kill('SIGUSR2');
    const end = await child.ended;
    assert.equal(end.code, 0, end.stderr);
    return { ...end, otlp: otlpOf(ledgerOf(end)) };
  }

  /** Segments, with those that others left and those in quarantine. What goes meanwhile may be left out. */
  segments(): string[] {
    return filesIn(this.spool)
      .filter((path) => path.endsWith('.seg'))
      .sort((a, b) => basename(a).localeCompare(basename(b), 'en', { numeric: true }));
  }

  quarantined(): string[] {
    return this.segments().filter(isQuarantined);
  }

  /** Resolves once this process has sent all that those before it left. */
  async nothingLeft(child: Child): Promise<void> {
    const deadline = performance.now() + REPLAY_MS;
    // A folder that changes hands between two looks into two places is seen in neither.
    for (let looks = 0; looks < 2; looks++) {
      const left = this.segments().filter((path) => !isOf(path, child.pid) && !isQuarantined(path));
      if (left.length > 0) looks = -1;
      assert.ok(performance.now() < deadline, `was not sent in time: ${left.join(', ')}`);
      await delay(20);
    }
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    });
  } catch (error) {
    // It was emptied, and removed, since it was listed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isQuarantined(path: string): boolean {
  return basename(dirname(path)) === 'quarantine';
}

function isOf(path: string, pid: number): boolean {
  const folder = basename(dirname(path));
  return !folder.startsWith('adopted-') && folder.includes(`-${pid}-`);
}

/** The account of the one destination these processes have. */
export function otlpOf(ledger: Ledger): Counts {
  const account = ledger.destinations.otlp;
  assert.ok(account !== undefined, JSON.stringify(ledger));
  return account;
}
