import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { registry } from '../../src/start.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedAnswer } from '../support/scripted-server.ts';

const server = await startScriptedServer();
const logging = registry().register(
  {
    destinations: [{ kind: 'otlp', options: { endpoint: new URL(server.url).origin } }],
    limits: { batchDelayMs: 60_000 },
    strict: true,
  },
  false,
);
const log = logging.getLogger('flush');

after(async () => {
  await logging.shutdown();
  await server.close();
});

/** Flushes one record, and logs another one while that is on its way. */
async function flushWhileLogging(answer: ScriptedAnswer, timeoutMs: number): Promise<unknown> {
  server.script(answer);
  log.info('before');
  const flushed = logging.flush({ timeoutMs });
  await server.arrived(server.requests.length + 1);
  log.info('meanwhile');
  return flushed;
}

test('R8.4 what is logged while a flush waits makes no timeout of it, and is told as pending', async () => {
  const flushed = await flushWhileLogging({ delayMs: 100 }, 20_000);
  assert.deepEqual(flushed, { status: 'success', pending: 1, lost: 0 });
  assert.deepEqual(await logging.flush(), { status: 'success', pending: 0, lost: 0 });
});

test('R8.4 a flush whose time is up says timeout, and how much is on its way', async () => {
  const flushed = await flushWhileLogging({ delayMs: 1_000 }, 300);
  assert.deepEqual(flushed, { status: 'timeout', pending: 2, lost: 0 });
  assert.deepEqual(await logging.flush(), { status: 'success', pending: 0, lost: 0 });
});

test('R8.4 a flush of records that are refused says failure, whatever is logged meanwhile', async () => {
  const flushed = await flushWhileLogging({ delayMs: 100, status: 400 }, 20_000);
  assert.deepEqual(flushed, { status: 'failure', pending: 1, lost: 1 });
});
