/**
 * SDK 2.x on `@opentelemetry/api` 1.9, in a project of its own with the packed package: there `api.logs` does not exist,
 * and a second copy of the API would block the SDK's globals or be blocked by them.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { noticesOf, runChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import type { Collector, FlatLogRecord } from '../support/collector.ts';
import { installInto, packPackage } from '../support/pack.ts';
import { APPLICATION, TRACING } from './apps/sdk-2.ts';
import { assertDelivered, environment, recordsOf, said, spanOf, traceOf, withBody } from './correlation-apps.ts';

const PACKAGES = ['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-node@0.223'];

interface Installed {
  readonly collector: Collector;
  readonly directory: string;
}

/** Installed once, by whichever test is first. */
let installed: Promise<Installed> | undefined;

async function install(binary: string): Promise<Installed> {
  const directory = mkdtempSync(join(tmpdir(), 'spanlog-sdk-2-'));
  try {
    const { tarball } = await packPackage(directory);
    await installInto(join(directory, 'app'), [tarball, ...PACKAGES]);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(join(directory, 'app', 'tracing.mjs'), TRACING);
  writeFileSync(join(directory, 'app', 'app.mjs'), APPLICATION);
  return { collector: await startCollector({ binary }), directory };
}

async function run(
  t: Parameters<typeof requireCollector>[0],
  name: string,
  preloads: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ end: Ended; records: FlatLogRecord[] } | undefined> {
  const binary = await requireCollector(t);
  if (binary === undefined) return undefined;
  const { collector, directory } = await (installed ??= install(binary));
  const end = await runChild({
    args: [...preloads.flatMap((preload) => ['--import', preload]), 'app.mjs'],
    cwd: join(directory, 'app'),
    env: { ...environment(collector, name), ...env },
  });
  assert.equal(end.code, 0, end.stderr);
  const records = await recordsOf(collector, name, 2);
  assert.equal(records.length, 2);
  return { end, records };
}

describe('R3.1 SDK 2.x on api 1.9', { concurrency: 1 }, () => {
  after(async () => {
    if (installed === undefined) return;
    const { collector, directory } = await installed;
    await collector.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('R3.1 records carry its trace and the older Logs API is served, with spanlog first', async (t) => {
    const result = await run(t, 'SDK 2.x after spanlog', ['spanlog/register', './tracing.mjs']);
    if (result === undefined) return;
    const { end, records } = result;
    assert.equal(end.stderr, '');
    assertDelivered(end, 2);
    assert.equal(said(end).recording, true, 'the globals of the SDK are not blocked');
    for (const record of records) {
      assert.equal(record.resource['telemetry.sdk.name'], 'spanlog');
      assert.deepEqual(traceOf(record), spanOf(end));
    }
    assert.deepEqual(withBody(records, 'paid').attributeKinds, { amount: 'double', count: 'int' });
    assert.equal(withBody(records, 'through api-logs').severityNumber, 10);
  });

  test('R3.1 spanlog uses the copy of the API that the application has', async (t) => {
    const result = await run(t, 'SDK 2.x, copies', ['spanlog/register', './tracing.mjs']);
    if (result === undefined) return;
    assert.equal(said(result.end).ownCopy, true);
    assert.equal(said(result.end).hasLogsApi, false);
    const { directory } = (await installed) as Installed;
    const modules = join(directory, 'app', 'node_modules');
    assert.equal(existsSync(join(modules, 'spanlog', 'node_modules', '@opentelemetry', 'api')), false);
    const api = readFileSync(join(modules, '@opentelemetry', 'api', 'package.json'), 'utf8');
    assert.equal((JSON.parse(api) as { version: string }).version, '1.9.1');
  });

  test('R3.7 a LoggerProvider that NodeSDK 2.x has installed stays, which is said once', async (t) => {
    const result = await run(t, 'SDK 2.x before spanlog', ['./tracing.mjs', 'spanlog/register']);
    if (result === undefined) return;
    const { end, records } = result;
    assertDelivered(end, 1);
    for (const record of records) assert.deepEqual(traceOf(record), spanOf(end));
    const theirs = withBody(records, 'through api-logs');
    assert.equal(theirs.resource['telemetry.sdk.name'], 'opentelemetry');
    const notices = noticesOf(end);
    assert.equal(notices.length, 1, end.stderr);
    assert.match(notices[0] ?? '', /LoggerProvider is already global \(@opentelemetry\/api-logs\)/);
  });

  test('R3.7 it is replaced on demand', async (t) => {
    const env = { SPANLOG_TAKE_OVER_GLOBALS: 'true' };
    const result = await run(t, 'SDK 2.x, taken over', ['./tracing.mjs', 'spanlog/register'], env);
    if (result === undefined) return;
    assertDelivered(result.end, 2);
    assert.deepEqual(noticesOf(result.end), []);
    for (const { resource } of result.records) assert.equal(resource['telemetry.sdk.name'], 'spanlog');
  });
});
