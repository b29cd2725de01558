import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { OnceDiag } from '../../src/core/diag.ts';
import type { Account } from '../../src/core/ledger.ts';
import { SEVERITY } from '../../src/core/level.ts';
import { RedactionCounts } from '../../src/core/redaction-counts.ts';
import type { Hub } from '../../src/logger/hub.ts';
import { RunningLogging } from '../../src/running-logging.ts';
import { readSettings } from '../../src/start-pipeline.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

function createRunning(): { readonly running: RunningLogging; readonly hub: Hub; readonly account: Account } {
  const diag = new OnceDiag((line) => assert.fail(line));
  const { hub, account } = createRecordingHub();
  const parts = { owner: 'register', redactions: new RedactionCounts() } as const;
  return { account, running: new RunningLogging(hub, diag, readSettings({}, diag).settings, parts), hub };
}

function mockTimers(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
}

test('R1.3 a level set for a time over another such returns to what was set for good before both', (t) => {
  mockTimers(t);
  const { running, hub } = createRunning();
  running.setLevel('db', 'warn');
  running.setLevel('db', 'debug', { forMs: 1_000 });
  running.setLevel('db', 'trace', { forMs: 1_000 });
  t.mock.timers.tick(999);
  assert.equal(hub.levels.thresholdOf('db'), SEVERITY.trace);
  t.mock.timers.tick(1);
  assert.equal(hub.levels.thresholdOf('db'), SEVERITY.warn);
  running.setLevel('db', 'debug', { forMs: 1_000 });
  running.setLevel('db', 'error');
  t.mock.timers.tick(2_000);
  assert.equal(hub.levels.thresholdOf('db'), SEVERITY.error);
});

test('R8.4 null for the options of flush and shutdown counts as none', async () => {
  const { running } = createRunning();
  assert.equal((await running.flush(null)).status, 'success');
  assert.equal((await running.shutdown(null)).status, 'success');
});

test('R1.3 R8.4 levels that change after shutdown, by expiry too, count as no loss', async (t) => {
  mockTimers(t);
  const { running, hub, account } = createRunning();
  running.setLevel('db', 'debug', { forMs: 1_000 });
  await running.shutdown();
  t.mock.timers.tick(1_000);
  running.setLevel('', 'warn');
  assert.deepEqual([hub.levels.thresholdOf('db'), hub.levels.thresholdOf('')], [SEVERITY.warn, SEVERITY.warn]);
  assert.equal(account.emitted, 1);
});
