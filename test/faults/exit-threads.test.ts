import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { noticesOf, otherErrorsOf } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { ledgerOf } from '../process/app.ts';
import { startReceiving, unusedUrl } from '../process/receiving.ts';
import type { Receiving } from '../process/receiving.ts';
import { runFault, WITHOUT_DELAY_ENDING } from './exit-app.ts';

/** What the main thread logs, and each worker. */
const MAIN = 100;
const WORKER = 300;

interface Run {
  readonly end: Ended;
  readonly receiver: Receiving;
  /** Records of workers that arrived. */
  readonly arrived: number;
}

async function run(t: TestContext, way: string, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const receiver = await startReceiving(t);
  const end = await runFault('threads', [way], { env: { ...receiver.env, ...WITHOUT_DELAY_ENDING, ...env } });
  const keys = receiver.records().map(({ attributes }) => attributes.key);
  assert.equal(new Set(keys).size, keys.length, 'nothing arrives twice');
  return { end, receiver, arrived: receiver.records().filter(({ logger }) => logger === 'worker').length };
}

/** Asserts the ledger of the main thread: its own records were delivered, and so many of its workers are lost. */
function assertLost(end: Ended, lost: number): void {
  const { emitted, delivered, pending, dropped } = ledgerOf(end);
  assert.deepEqual(
    { emitted, delivered, pending, dropped },
    { emitted: MAIN + lost, delivered: MAIN, pending: 0, dropped: lost === 0 ? {} : { thread_terminated: lost } },
  );
  const said = lost === 0 ? [] : [`spanlog: records were not delivered (otlp: ${lost} thread_terminated)`];
  assert.deepEqual(noticesOf(end), said);
}

describe('R8.4 fault 7: a worker thread is ended from outside', { concurrency: 2 }, () => {
  const ways: readonly (readonly [way: string, lost: number, arrived: number])[] = [
    ['terminate', WORKER, 0],
    ['terminate after a delivery', WORKER, 1_000],
    ['two at once, and one after the other', 3 * WORKER, 0],
    ['out of memory', WORKER, 0],
    ['terminate one with another inside', 2 * WORKER, 0],
    ['two loggings', WORKER, 0],
  ];
  for (const [way, lost, expected] of ways) {
    test(`R8.4 fault 7 what it held is counted by the main thread, to the record: ${way}`, async (t) => {
      const { end, arrived } = await run(t, way);
      assert.equal(end.code, 0, end.stderr);
      assert.equal(arrived, expected);
      assertLost(end, lost);
    });
  }

  test('R8.4 fault 7 one that ended by itself is not counted', async (t) => {
    const { end, arrived } = await run(t, 'return by itself');
    assert.equal(end.code, 0, end.stderr);
    assert.equal(arrived, WORKER);
    assertLost(end, 0);
  });

  test('R8.4 fault 7 an inner one is counted by the thread that it was started by', async (t) => {
    const { end, arrived } = await run(t, 'an inner one is terminated');
    assert.equal(end.code, 0, end.stderr);
    assert.equal(arrived, WORKER, 'the outer one ended in good order');
    // It says so itself, as it says what it lost of its own.
    assert.deepEqual(noticesOf(end), [`spanlog: records were not delivered (otlp: ${WORKER} thread_terminated)`]);
    assert.deepEqual(ledgerOf(end).dropped, {});
  });

  test('R8.4 fault 7 where there are too many to watch, it is said once that losses are not counted', async (t) => {
    const { end } = await run(t, 'no room');
    assert.equal(end.code, 0, end.stderr);
    const notices = noticesOf(end);
    assert.equal(notices.length, 1, end.stderr);
    assert.match(notices[0] as string, /not counted\. Call flush\(\) before terminate\(\)$/);
    assert.deepEqual(ledgerOf(end).dropped, {});
  });
});

test('R8.4 fault 7 one that ended by itself with its records on disk lost nothing', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'spanlog-threads-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const env = {
    ...WITHOUT_DELAY_ENDING,
    OTEL_EXPORTER_OTLP_ENDPOINT: await unusedUrl(),
    SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '100',
    SPANLOG_DURABILITY: 'disk',
    SPANLOG_SPOOL_DIRECTORY: directory,
  };
  const end = await runFault('threads', ['return by itself'], { env });
  assert.equal(end.code, 0, end.stderr);
  const { emitted, pending, dropped } = ledgerOf(end);
  assert.deepEqual({ emitted, pending, dropped }, { emitted: MAIN, pending: MAIN, dropped: {} });
  assert.equal(noticesOf(end).filter((notice) => notice.includes('were not delivered')).length, 0, end.stderr);
});

describe('R8.4 fault 7: the process ends while worker threads run', { concurrency: 2 }, () => {
  const ways: readonly (readonly [way: string, workers: number, code: number | null, signal?: NodeJS.Signals])[] = [
    ['process.exit', 2, 3],
    ['SIGTERM', 1, null, 'SIGTERM'],
    ['unref', 1, 0],
  ];
  for (const [way, workers, code, signal = null] of ways) {
    test(`R8.4 fault 7 what they held is delivered, at the end by ${way}`, async (t) => {
      const { end, arrived } = await run(t, way);
      assert.deepEqual({ code: end.code, signal: end.signal }, { code, signal }, end.stderr);
      assert.equal(arrived, workers * WORKER);
      assert.equal(end.stderr, '');
      assertLost(end, 0);
    });
  }

  test('R8.4 fault 7 what they held is delivered, at the end by an uncaught error', async (t) => {
    const { end, arrived } = await run(t, 'uncaught');
    assert.equal(end.code, 1);
    assert.match(otherErrorsOf(end), /Error: a bug/);
    assert.equal(arrived, WORKER);
    assert.deepEqual(ledgerOf(end).dropped, {});
  });

  test('R8.4 fault 7 one that logs on and on does not hold the end up; what it had left is counted', async (t) => {
    const { end, arrived } = await run(t, 'process.exit while one logs on');
    assert.equal(end.code, 3, end.stderr);
    assert.ok(arrived >= WORKER, String(arrived));
    const { emitted, delivered, dropped } = ledgerOf(end);
    assert.equal(delivered, MAIN);
    assert.equal(emitted, MAIN + (dropped.thread_terminated ?? 0));
  });

  test('R8.4 fault 7 one that can not wake up is counted, and does not hold the end up for long', async (t) => {
    const { end, arrived } = await run(t, 'process.exit while one sleeps', {
      // Past what the test waits for its process.
      SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '120000',
    });
    assert.equal(end.code, 3, end.stderr);
    assert.equal(arrived, 0);
    assertLost(end, WORKER);
  });

  test('R8.4 fault 7 nor does one that was terminated a moment before', async (t) => {
    const { end, arrived } = await run(t, 'terminate, and exit at once', { SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '120000' });
    assert.equal(end.code, 3, end.stderr);
    // It may have been quicker than its end.
    assertLost(end, WORKER - arrived);
  });

  test('R8.4 fault 7 with a collector that hangs the deadline holds, and all is counted', async (t) => {
    const server = await startScriptedServer();
    server.otherwise({ fault: 'hang' });
    t.after(() => server.close());
    const env = {
      ...WITHOUT_DELAY_ENDING,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}`,
      SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '600',
    };
    const end = await runFault('threads', ['process.exit'], { env });
    assert.equal(end.code, 3, end.stderr);
    assert.deepEqual(ledgerOf(end).dropped, { exit: MAIN, thread_terminated: 2 * WORKER });
    assert.equal(
      noticesOf(end).at(-1),
      `spanlog: records were not delivered (otlp: ${MAIN} exit, ${2 * WORKER} thread_terminated)`,
    );
  });
});
