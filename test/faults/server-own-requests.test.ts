import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { Ended } from '../support/child-process.ts';
import { ledgerOf } from '../process/app.ts';
import { pointedTo, runFaultApp, upTo } from './fault-app.ts';
import { resetAfter, startFaultyServer, status } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';

const TRACING = join(import.meta.dirname, 'apps', 'tracing.ts');
/** What the application does: its two spans, and a request with each of Node's HTTP clients. */
const SPANS = ['work', 'GET', 'GET', 'last work'];

function spansOf(end: Ended): unknown {
  const line = end.stdout.split('\n').find((text) => text.startsWith('{"spans"'));
  return (JSON.parse(line ?? '{}') as { spans?: unknown }).spans;
}

function assertUntraced(server: FaultyServer): void {
  for (const { headers } of server.requests) assert.equal(headers.traceparent, undefined);
}

describe('fault 32: our own requests', { concurrency: 2 }, () => {
  test('R8.5 fault 32 our requests make no spans and no logs, at work, in failure and at the end, while the application’s make theirs', async (t) => {
    const server = await startFaultyServer(t, { answers: [status(503), resetAfter(''), status(200), resetAfter('')] });
    const other = await startScriptedServer();
    t.after(() => other.close());
    const end = await runFaultApp('traced', [other.url], {
      preloads: [TRACING],
      env: {
        ...pointedTo(server.endpoint),
        SPANLOG_DESTINATIONS: 'otlp',
        SPANLOG_LEVEL: 'trace',
        // The SDK prints what it does, the instrumentations every request that they see.
        OTEL_LOG_LEVEL: 'debug',
      },
    });
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stdout, /instrumentation-http http instrumentation outgoingRequest/);
    assert.deepEqual(spansOf(end), SPANS);
    assertUntraced(server);
    for (const { headers } of other.requests) assert.match(String(headers.traceparent), /^00-/);

    // Nothing but what the application logged, whatever sending it took.
    assert.deepEqual([...new Set(server.requests.flatMap(({ numbers }) => numbers))], upTo(30));
    const { emitted, delivered, pending, dropped } = ledgerOf(end);
    assert.deepEqual({ emitted, delivered, pending, dropped }, { emitted: 30, delivered: 30, pending: 0, dropped: {} });
  });

  test('R8.5 fault 32 an application that logs what OpenTelemetry diagnoses starts no storm: one batch in each delay, and it does not grow', async (t) => {
    const server = await startFaultyServer(t);
    const other = await startScriptedServer();
    t.after(() => other.close());
    const end = await runFaultApp('traced', [other.url, 'piped'], {
      preloads: [TRACING],
      env: { ...pointedTo(server.endpoint), SPANLOG_DESTINATIONS: 'otlp', SPANLOG_LEVEL: 'trace' },
    });
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(spansOf(end), SPANS);
    assertUntraced(server);
    const sizes = server.requests.map(({ numbers }) => numbers.length);
    t.diagnostic(`records of each batch: ${sizes.join(', ')}`);
    // Three seconds of waiting, two flushes before, the requests of the application, the end; more on a busy machine.
    assert.ok(sizes.length <= 15, sizes.join());
    for (const size of sizes) assert.ok(size <= 60, sizes.join());
    const { emitted, delivered, pending, dropped } = ledgerOf(end);
    assert.deepEqual({ delivered, pending, dropped }, { delivered: emitted, pending: 0, dropped: {} });
  });
});
