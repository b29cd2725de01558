import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SEVERITY } from '../../src/core/level.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import { ledgerOf, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

const ON = { SPANLOG_FLIGHT_RECORDER: 'true', SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '20000' };

test('R5.5 of 50 requests of which 5 fail the Collector gets the details of those 5, in order, with their own times', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using collector = await startCollector({ binary });
  const env = { ...ON, OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpHttp };
  const end = await runApp('recorder', ['serve'], { env });
  assert.equal(end.code, 0, end.stderr);
  const { emitted, delivered, discarded, pending } = ledgerOf(end);
  assert.deepEqual([delivered + discarded, pending], [emitted, 0]);

  const records = await collector.waitForRecords(delivered);
  const held = records.filter(({ severityNumber }) => severityNumber < SEVERITY.info);
  const ids = held.map(({ attributes }) => attributes.id as string);
  assert.deepEqual([...new Set(ids)].sort(), ['17', '27', '37', '47', '7']);
  assert.equal(discarded, 45 * 3);
  const ends = new Map([
    ['7', 2],
    ['17', 3],
    ['27', 2],
    ['37', 2],
    ['47', 3],
  ]);
  for (const [id, count] of ends) {
    const own = held.filter(({ attributes }) => attributes.id === id);
    assert.deepEqual(
      own.map(({ eventName }) => eventName),
      ['cart_read', 'stock_asked', 'order_stored'].slice(0, count),
      `request ${id}`,
    );
    const requestId = own[0]?.attributes.request_id;
    const request = records.filter(({ attributes }) => attributes.request_id === requestId);
    // The start, what was held, the failure: by time the whole story, as it went.
    const story = request.toSorted((a, b) => Number(a.timeUnixNano - b.timeUnixNano)).map(({ eventName }) => eventName);
    assert.deepEqual(story.slice(0, 3), ['request_started', 'cart_read', 'stock_asked']);
    assert.ok(own.every(({ attributes }) => attributes['spanlog.recorded'] === true));
    for (let i = 1; i < own.length; i++) {
      assert.ok((own[i]?.timeUnixNano ?? 0n) > (own[i - 1]?.timeUnixNano ?? 0n));
    }
  }
});

test('R5.5 R6.3 before a crash everything that is held goes out, in the order of logging, and the error last', async (t) => {
  const receiver = await startReceiving(t);
  const end = await runApp('recorder', ['crash'], { env: { ...ON, ...receiver.env } });
  assert.equal(end.code, 1);
  assert.deepEqual(receiver.events(), [
    ...['job_started', 'job_started', 'job_goes_on', 'job_goes_on'],
    'uncaught_exception',
  ]);
  const { delivered, discarded } = ledgerOf(end);
  assert.deepEqual([delivered, discarded], [5, 0]);
});

test('R5.5 5,000 requests that do not end are held in as much memory as was given', async (t) => {
  const receiver = await startReceiving(t);
  const totalBytes = 4 * 1_024 * 1_024;
  const env = { ...ON, ...receiver.env, SPANLOG_FLIGHT_RECORDER_TOTAL_BYTES: String(totalBytes) };
  const end = await runApp('recorder', ['bounds'], { env });
  assert.equal(end.code, 0, end.stderr);
  const said = JSON.parse(end.stdout) as Record<'grown' | 'pending' | 'discarded' | 'emitted', number> & {
    balanced: boolean;
  };
  assert.equal(said.emitted, 100_000);
  assert.ok(said.balanced);
  assert.ok(said.pending > 5_000, `${said.pending} are held`);
  assert.equal(said.pending + said.discarded, said.emitted);
  // One block of memory is taken at a time, and the encoders have buffers of their own.
  assert.ok(said.grown <= totalBytes + 512 * 1_024, `${said.grown} bytes`);
  // At the end of the process they are no loss to be told of.
  assert.deepEqual([ledgerOf(end).delivered, end.stderr], [0, '']);
});

test('R5.5 R8.4 what a thread holds when it is ended from outside is no loss', async (t) => {
  const receiver = await startReceiving(t);
  const end = await runApp('recorder', ['thread'], { env: { ...ON, ...receiver.env } });
  assert.equal(end.stderr, '');
  assert.deepEqual(ledgerOf(end).dropped, {});
});

test('R5.5 of 120,000 requests that have ended nothing stays in memory', async (t) => {
  const receiver = await startReceiving(t);
  const end = await runApp('recorder', ['flat'], { env: { ...ON, ...receiver.env }, flags: ['--expose-gc'] });
  assert.equal(end.code, 0, end.stderr);
  const { grown, pending } = JSON.parse(end.stdout) as { grown: number; pending: number };
  assert.equal(pending, 0);
  assert.ok(grown < 1_000_000, `the heap has grown by ${grown} bytes`);
  assert.equal(ledgerOf(end).discarded, 240_000);
});
