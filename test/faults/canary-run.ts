/** Runs the application that sends a secret down every road, and searches every place where one could turn up. */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ledger } from '../../src/core/ledger.ts';
import { runChild } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { canariesIn, canary } from './canary-search.ts';

export interface CanaryTask {
  /** A collector that takes all, one that takes nothing, a folder for spool and audit trail. */
  readonly url: string;
  readonly stuckUrl: string;
  readonly folder: string;
  readonly durability: 'disk' | 'sync';
  readonly redact: boolean;
  /** Sends all again while a rule of the user's throws, and once more while hashing does. */
  readonly faults: boolean;
}

/** What the application says at its end. */
export interface CanaryReport {
  readonly roads: readonly string[];
  readonly ledger: Ledger;
  readonly redactions: Record<string, number>;
  /** Found in the buffers that were there when the last record had been logged. */
  readonly memory: readonly string[];
  readonly bytesHeld: number;
  /** The records that waited for `register`, printed. */
  readonly early: string;
}

export interface CanaryRun extends Omit<CanaryReport, 'memory'> {
  /** Which roads' secrets were found, by place. */
  readonly found: Readonly<Record<Place, readonly string[]>>;
  /** All that was found in text, for what must be there. */
  readonly stdout: string;
  readonly stderr: string;
}

export type Place = 'wire' | 'stdout' | 'stderr' | 'spool' | 'audit' | 'memory' | 'early';

export async function runCanary(
  t: TestContext,
  task: Pick<CanaryTask, 'durability' | 'redact' | 'faults'>,
): Promise<CanaryRun> {
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-canary-'));
  const [server, stuck] = [await startScriptedServer(), await startScriptedServer()];
  // Its answer comes back with what it was sent, as answers of proxies do.
  stuck.otherwise({ status: 503, body: `no room for password=${canary('answer')}` });
  t.after(async () => {
    await Promise.all([server.close(), stuck.close()]);
    rmSync(folder, { recursive: true });
  });
  const given: CanaryTask = { ...task, folder, url: baseOf(server.port), stuckUrl: baseOf(stuck.port) };
  const end = await runChild({
    args: [join(import.meta.dirname, 'apps', 'canary.ts'), JSON.stringify(given)],
    env: { SPANLOG_REDACT_HASH_KEY: 'sixteen bytes or more', SPANLOG_LIMITS_DEPTH: `password=${canary('setting')}` },
  });
  assert.equal(end.code, 0, end.stderr);
  const { memory, ...report } = JSON.parse(end.report) as CanaryReport;
  assert.equal(report.ledger.balanced, true);
  const bytesOf = (pattern: string): Buffer =>
    Buffer.concat(
      globSync(pattern, { cwd: folder, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
    );
  const spool = bytesOf('spool/**');
  assert.ok(spool.length > 10_000, 'what was not taken is on disk');
  assert.ok(report.bytesHeld > 10_000);
  const sent = [...server.requests, ...stuck.requests];
  const found: Record<Place, readonly string[]> = {
    wire: canariesIn(Buffer.concat(sent.flatMap(({ body, headers }) => [body, Buffer.from(JSON.stringify(headers))]))),
    stdout: canariesIn(end.stdout),
    stderr: canariesIn(end.stderr),
    spool: canariesIn(spool),
    audit: canariesIn(bytesOf('audit.jsonl*')),
    memory,
    early: canariesIn(report.early),
  };
  return { ...report, found, stdout: end.stdout, stderr: end.stderr };
}

function baseOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
