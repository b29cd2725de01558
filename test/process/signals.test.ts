import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticesOf, startChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { assertAllDelivered, nodeArgs, startApp } from './app.ts';
import { startReceiving } from './receiving.ts';

test('R8.4 a handler that was there before register keeps its say, also one for a single signal', async (t) => {
  const receiver = await startReceiving(t);
  const app = startApp('signals', ['handler before register'], { preloaded: false, env: receiver.env });
  await app.said('ready');
  app.kill('SIGTERM');

  const end = await app.ended;
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: 0, signal: null });
  assert.equal(end.stderr, '');
  assert.deepEqual(receiver.events(), ['started', 'draining', 'drained']);
  assertAllDelivered(end, 3);
});

test('R8.4 a SIGHUP that reloads the configuration ends nothing', async (t) => {
  const receiver = await startReceiving(t);
  const app = startApp('signals', ['reload'], { env: receiver.env });
  await app.said('ready');
  app.kill('SIGHUP');

  const end = await app.ended;
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: 0, signal: null });
  assert.deepEqual(receiver.events(), ['started', 'reloaded']);
  assertAllDelivered(end, 2);
});

test('R8.4 a process under nohup ends by SIGHUP as it would without spanlog, its records delivered', async (t) => {
  const receiver = await startReceiving(t);
  const endOf = async (way: string): Promise<Ended> => {
    const app = startChild({
      command: 'sh',
      args: ['-c', `trap '' HUP; exec "$0" "$@"`, process.execPath, ...nodeArgs('signals', { preloaded: false }), way],
      env: receiver.env,
    });
    await app.said('ready');
    app.kill('SIGHUP');
    return app.ended;
  };

  const plain = await endOf('serve without spanlog');
  const end = await endOf('serve');
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: plain.code, signal: plain.signal });
  assert.deepEqual(receiver.events(), ['started']);
});

test('R8.4 a signal ends a process that uses signal-exit too', async (t) => {
  const receiver = await startReceiving(t);
  const app = startApp('signals', ['signal-exit'], { env: receiver.env });
  await app.said('ready');
  app.kill('SIGTERM');

  const end = await app.ended;
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: null, signal: 'SIGTERM' });
  assert.match(end.stdout, /signal-exit was alone/);
  assert.deepEqual(receiver.events(), ['started']);
});

test('R8.4 a signal ends a process with two pipelines, once both are empty', async (t) => {
  const receiver = await startReceiving(t);
  const app = startApp('signals', ['two pipelines'], { preloaded: false, env: receiver.env });
  await app.said('ready');
  app.kill('SIGTERM');

  const end = await app.ended;
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: null, signal: 'SIGTERM' });
  assert.equal(end.stderr, '');
  assert.deepEqual(receiver.events().sort(), ['started', 'started_too']);
});

test('R8.4 a second Ctrl-C ends the process at once, however long the flush may take', async (t) => {
  const server = await startScriptedServer();
  server.otherwise({ fault: 'hang' });
  t.after(() => server.close());
  const app = startApp('signals', ['serve'], {
    preloaded: false,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '120000',
      OTEL_BLRP_SCHEDULE_DELAY: '120000',
      SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '120000',
    },
  });
  await app.said('ready');
  app.kill('SIGINT');
  // Only the flush can have sent it: the batch's own delay is two minutes.
  await server.arrived(1);
  app.kill('SIGINT');

  const end = await app.ended;
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: null, signal: 'SIGINT' });
  assert.deepEqual(noticesOf(end), []);
});
