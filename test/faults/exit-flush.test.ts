import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Ended } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedAnswer } from '../support/scripted-server.ts';
import { assertAllDelivered, ledgerOf } from '../process/app.ts';
import { unusedUrl } from '../process/receiving.ts';
import type { Call } from './apps/exit-flush.ts';
import { runFault, WITHOUT_DELAY_ENDING } from './exit-app.ts';

/** Past its deadline a call may take so long, in ms. */
const TOLERANCE_MS = 100;
const TIMEOUT_MS = 400;
/** A deadline that no test meets. */
const AMPLE_MS = 20_000;

type Collector = (t: TestContext) => Promise<string>;

/** A collector that gives these answers, and then `otherwise`. */
function answering(otherwise: ScriptedAnswer, ...answers: readonly ScriptedAnswer[]): Collector {
  return async (t) => {
    const server = await startScriptedServer({ answers });
    server.otherwise(otherwise);
    t.after(() => server.close());
    return `http://127.0.0.1:${server.port}`;
  };
}

const COLLECTORS: Readonly<Record<string, Collector>> = {
  'nobody listening': unusedUrl,
  'a collector that refuses': answering({ status: 503 }),
  'a collector that asks for patience': answering({ status: 503, headers: { 'retry-after': '60' } }),
  'a collector that resets connections': answering({ fault: 'reset' }),
  'a collector that hangs': answering({ fault: 'hang' }),
  'a collector that trickles': answering({ fault: 'trickle' }),
};

/** Runs the application against that collector; its calls by their names. */
async function flushing(
  t: TestContext,
  collector: Collector,
  way: string,
  timeoutMs: number,
): Promise<{ readonly end: Ended; readonly calls: ReadonlyMap<string, Call> }> {
  const env = {
    ...WITHOUT_DELAY_ENDING,
    // What was not delivered is tried once more at the end of the process.
    SPANLOG_LIMITS_EXIT_TIMEOUT_MS: String(timeoutMs),
    OTEL_EXPORTER_OTLP_ENDPOINT: await collector(t),
  };
  const end = await runFault('flush', [way, String(timeoutMs)], { env });
  assert.equal(end.code, 0, end.stderr);
  return { end, calls: new Map((JSON.parse(end.stdout) as Call[]).map((call) => [call.name, call])) };
}

/** The same, and no call may take longer than it was given. The machine may be busy: it has a second try. */
async function flushingInTime(t: TestContext, collector: Collector, way: string): ReturnType<typeof flushing> {
  const isInTime = ({ tookMs }: Call): boolean => tookMs <= TIMEOUT_MS + TOLERANCE_MS;
  let run = await flushing(t, collector, way, TIMEOUT_MS);
  if (![...run.calls.values()].every(isInTime)) run = await flushing(t, collector, way, TIMEOUT_MS);
  for (const call of run.calls.values()) assert.ok(isInTime(call), `${call.name}: ${call.tookMs} ms`);
  return run;
}

function callOf(calls: ReadonlyMap<string, Call>, name: string): Call {
  const call = calls.get(name);
  assert.ok(call !== undefined, `${name} did not resolve`);
  return call;
}

describe('R8.4 fault 3: a collector that takes nothing', { concurrency: 2 }, () => {
  for (const [name, collector] of Object.entries(COLLECTORS)) {
    test(`R8.4 fault 3 with ${name} shutdown settles within its deadline, and tells what it lost`, async (t) => {
      const { end, calls } = await flushingInTime(t, collector, 'shutdown');

      const { status, pending, lost } = callOf(calls, 'shutdown');
      assert.deepEqual({ status, pending, lost }, { status: 'failure', pending: 0, lost: 1_000 });
      const { emitted, delivered, dropped } = ledgerOf(end);
      assert.deepEqual({ emitted, delivered, dropped }, { emitted: 1_000, delivered: 0, dropped: { shutdown: 1_000 } });
      assert.match(end.stderr, /records were not delivered \(otlp: 1000 shutdown\)/);
    });

    test(`R8.4 fault 3 with ${name} shutdown during a retry settles within its deadline too`, async (t) => {
      const { end, calls } = await flushingInTime(t, collector, 'shutdown during retry');

      const { status, pending } = callOf(calls, 'first');
      assert.deepEqual({ status, pending }, { status: 'timeout', pending: 1_000 });
      assert.equal(callOf(calls, 'shutdown').lost, 1_000);
      assert.deepEqual(ledgerOf(end).dropped, { shutdown: 1_000 });
    });
  }

  for (const way of ['flush during shutdown', 'flush, then shutdown meanwhile']) {
    test(`R8.4 fault 3 a ${way} settles within its deadline, and so does the other`, async (t) => {
      const { end, calls } = await flushingInTime(t, answering({ fault: 'hang' }), way);
      assert.equal(callOf(calls, 'shutdown').lost, 1_000);
      assert.notEqual(callOf(calls, 'flush').status, 'success');
      assert.deepEqual(ledgerOf(end).dropped, { shutdown: 1_000 });
    });

    test(`R8.4 fault 3 a ${way} loses nothing where the collector is slow`, async (t) => {
      const { end, calls } = await flushing(t, answering({ delayMs: 200 }), way, AMPLE_MS);
      for (const name of ['flush', 'shutdown']) {
        const { status, delivered } = callOf(calls, name);
        assert.deepEqual({ status, delivered }, { status: 'success', delivered: 1_000 }, name);
      }
      assertAllDelivered(end, 1_000);
    });
  }

  test('R8.4 fault 3 a shutdown during a retry delivers when the collector is back', async (t) => {
    const collector = answering({}, { status: 503 }, { status: 503 });
    const { end, calls } = await flushing(t, collector, 'shutdown during retry', AMPLE_MS);
    assert.equal(callOf(calls, 'shutdown').status, 'success');
    assertAllDelivered(end, 1_000);
  });

  test('R8.4 fault 3 shutdown runs once: calls meanwhile and later have the same result', async (t) => {
    const { end, calls } = await flushingInTime(t, answering({ fault: 'hang' }), 'two shutdowns');
    for (const name of ['first', 'second', 'third', 'fourth']) {
      const { status, pending, lost } = callOf(calls, name);
      assert.deepEqual({ status, pending, lost }, { status: 'failure', pending: 0, lost: 1_000 }, name);
    }
    assert.deepEqual(ledgerOf(end).dropped, { shutdown: 1_000, after_shutdown: 1 });
  });
});

describe('R8.4 fault 5: two flushes at once', { concurrency: 2 }, () => {
  test('R8.4 fault 5 neither of two flushes resolves before what it waits for is delivered', async (t) => {
    const { end, calls } = await flushing(t, answering({ delayMs: 150 }), 'two flushes', AMPLE_MS);
    for (const name of ['first', 'second']) {
      const { status, delivered } = callOf(calls, name);
      assert.deepEqual({ status, delivered }, { status: 'success', delivered: 1_000 }, name);
    }
    assertAllDelivered(end, 1_000);
  });

  test('R8.4 fault 5 a flush while another is under way waits for what came in between as well', async (t) => {
    const way = 'two flushes, of more and more';
    const { end, calls } = await flushing(t, answering({ delayMs: 150 }), way, AMPLE_MS);
    for (const [name, logged] of Object.entries({ first: 1_000, second: 1_700, third: 2_000 })) {
      const { delivered } = callOf(calls, name);
      assert.ok(delivered >= logged, `${name}: ${delivered}`);
    }
    assert.deepEqual([...calls.keys()], ['first', 'second', 'third']);
    assertAllDelivered(end, 2_000);
  });

  test('R8.4 fault 5 two flushes of which each meets its own deadline tell what is left', async (t) => {
    const { end, calls } = await flushingInTime(t, answering({ fault: 'hang' }), 'two flushes');
    for (const name of ['first', 'second']) {
      const { status, pending } = callOf(calls, name);
      assert.deepEqual({ status, pending }, { status: 'timeout', pending: 1_000 }, name);
    }
    // At the end of the process it goes out in the last tick, and nobody answers that either.
    assert.deepEqual(ledgerOf(end).dropped, { exit: 1_000 });
  });
});

describe('R8.4 fault 6: flush on an idle loop', { concurrency: 2 }, () => {
  test('R8.4 fault 6 a flush resolves though nothing else keeps the process alive', async (t) => {
    const { end, calls } = await flushing(t, answering({ delayMs: 300 }), 'idle loop', AMPLE_MS);
    assert.equal(callOf(calls, 'flush').status, 'success');
    assertAllDelivered(end, 10);
  });

  test('R8.4 fault 6 it resolves after retries, during which nothing is open', async (t) => {
    const collector = answering({}, { status: 503, close: true }, { status: 503, close: true });
    const { end, calls } = await flushing(t, collector, 'idle loop', AMPLE_MS);
    assert.equal(callOf(calls, 'flush').status, 'success');
    assertAllDelivered(end, 10);
  });

  test('R8.4 fault 6 it resolves where nothing is pending', async (t) => {
    const { end, calls } = await flushing(t, answering({}), 'idle loop, nothing pending', AMPLE_MS);
    assert.equal(callOf(calls, 'flush').status, 'success');
    assertAllDelivered(end, 0);
  });

  test('R8.4 fault 6 it resolves at its deadline where nobody listens', async (t) => {
    const { end, calls } = await flushingInTime(t, unusedUrl, 'idle loop');
    const { status, pending } = callOf(calls, 'flush');
    assert.deepEqual({ status, pending }, { status: 'timeout', pending: 10 });
    assert.deepEqual(ledgerOf(end).dropped, { exit: 10 });
  });
});
