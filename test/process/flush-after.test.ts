import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { flushAfter } from '../../src/index.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { assertAllDelivered, ledgerOf, runApp } from './app.ts';
import type { AppOptions } from './app.ts';
import { startReceiving } from './receiving.ts';

/** Nothing leaves by itself, or gives up, before a test would have failed. */
const PATIENT = {
  OTEL_BLRP_SCHEDULE_DELAY: '120000',
  OTEL_EXPORTER_OTLP_TIMEOUT: '120000',
  OTEL_BLRP_EXPORT_TIMEOUT: '120000',
};

function options(env: Readonly<Record<string, string>>): AppOptions {
  return { preloaded: false, env: { ...PATIENT, ...env } };
}

describe('R8.4 flushAfter', { concurrency: 2 }, () => {
  const outcomes: Readonly<Record<string, string>> = {
    resolves: 'done',
    returns: 'done',
    rejects: 'RangeError: out of stock',
    throws: 'RangeError: out of stock',
    'wait until throws': 'done',
  };
  for (const [way, outcome] of Object.entries(outcomes)) {
    test(`R8.4 the records of a handler have left before the caller has its answer: ${way}`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runApp('serverless', [way], options(receiver.env));

      assert.equal(end.stdout, `${outcome}, pending 0, delivered 100\n`);
      assert.equal(end.signal, 'SIGKILL');
      assert.equal(receiver.records().length, 100);
      assertAllDelivered(end, 100);
    });
  }

  test('R8.4 with waitUntil the answer is not held up, and the records leave after it', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('serverless', ['wait until'], options(receiver.env));

    assert.equal(end.stdout, 'done, pending 100, delivered 0\nundefined, pending 0, delivered 100\n');
    assert.equal(receiver.records().length, 100);
    assertAllDelivered(end, 100);
  });

  test('R8.4 a collector that never answers holds the answer up for timeoutMs only, and changes nothing of it', async (t) => {
    const server = await startScriptedServer();
    server.otherwise({ fault: 'hang' });
    t.after(() => server.close());
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}` };
    const end = await runApp('serverless', ['short timeout'], options(env));

    assert.equal(end.stdout, 'done, pending 100, delivered 0\n');
    assert.equal(ledgerOf(end).pending, 100);
  });

  test('R8.4 where register was never called nothing is waited for', async () => {
    const end = await runApp('serverless', ['never registered'], options({}));
    assert.equal(end.stdout, 'done, pending undefined, delivered undefined\n');
  });

  test('R8.4 where an older copy of the package runs the logging, which has no flush, nothing is waited for', async () => {
    const older = `globalThis[Symbol.for('spanlog.1')] = { getLogger: () => ({ info() {} }) }`;
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(older)}`];
    const end = await runApp('serverless', ['never registered'], { ...options({}), flags });
    assert.equal(end.stdout, 'done, pending undefined, delivered undefined\n');
  });
});

test('R8.4 flushAfter keeps this, arguments, name, length, and the marks of a handler that streams', async () => {
  const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');
  function handler(this: { readonly id: number }, event: string, context: object): unknown {
    return [this.id, event, context];
  }
  const wrapped = flushAfter(Object.assign(handler, { [streaming]: 'response' }));

  const context = {};
  assert.deepEqual(await wrapped.call({ id: 7 }, 'event', context), [7, 'event', context]);
  assert.equal(wrapped.name, 'handler');
  assert.equal(wrapped.length, 2);
  assert.equal(Reflect.get(wrapped, streaming), 'response');
});

test('R8.4 flushAfter gives the types of what it wraps', async () => {
  const wrapped: (n: number) => Promise<string> = flushAfter(async (n: number) => Promise.resolve(String(n)));
  assert.equal(await wrapped(1), '1');
});

test('R8.4 flushAfter refuses what it can not wrap', () => {
  assert.throws(() => Reflect.apply(flushAfter, undefined, ['handler']) as unknown, /wraps a function, got string/);
  for (const timeoutMs of [-1, Number.NaN, 'soon']) {
    assert.throws(() => flushAfter(() => undefined, { timeoutMs: timeoutMs as number }), /timeoutMs must be a number/);
  }
});
