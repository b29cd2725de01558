import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ended } from '../support/child-process.ts';
import { ledgerOf, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

const COUNT = 2_000;
const LIMITED = { SPANLOG_RATE_LIMIT_EVENTS: 'tick=100/h' };
const DEDUPED = { SPANLOG_DEDUPE: 'true', SPANLOG_DEDUPE_IGNORE: 'i' };

describe('R5.3 R5.4 what is held back when a process ends is told of', { concurrency: 2 }, () => {
  for (const [name, signal] of [
    ['return', null],
    ['process.exit', null],
    ['SIGTERM', 'SIGTERM'],
  ] as const) {
    test(`R5.3 R8.4 a limit, at the end by ${name}`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runApp('endings', [name, String(COUNT)], { env: { ...receiver.env, ...LIMITED } });
      assert.equal(receiver.events().filter((event) => event === 'tick').length, 100);
      const [summary, ...more] = receiver.records().filter(({ eventName }) => eventName !== 'tick');
      assert.deepEqual(more, []);
      assert.equal(summary?.eventName, 'spanlog.records_limited');
      assert.equal(Number(summary.attributes.count), COUNT - 100);
      if (signal === null) assert.equal(ledgerOf(end).limited, COUNT - 100);
    });

    test(`R5.4 R8.4 repeats, at the end by ${name}`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runApp('endings', [name, String(COUNT)], { env: { ...receiver.env, ...DEDUPED } });
      const stoodFor = receiver.records().map(({ attributes }) => Number(attributes.log_count ?? 1));
      assert.deepEqual(stoodFor, [1, COUNT - 1]);
      if (signal === null) assert.equal(ledgerOf(end).deduplicated, COUNT - 1);
    });
  }

  test('R5.4 R10.1 a second register, a flush and a shutdown tell of it, each where its records went', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('volume', [], { env: { ...receiver.env, ...DEDUPED } });
    const seen = receiver.records().map(({ service, attributes }) => [service, Number(attributes.log_count ?? 1)]);
    const [first, ...others] = ['unknown_service:node', 'again'].map((name) =>
      seen.filter(([service]) => (service === 'again') === (name === 'again')).map(([, count]) => count),
    );
    assert.deepEqual(
      [first, ...others],
      [
        [1, 2],
        [1, 3, 5],
      ],
    );
    const { deduplicated, emitted, delivered, dropped } = ledgerOf(end);
    assert.deepEqual({ deduplicated, emitted, delivered }, { deduplicated: 10, emitted: 16, delivered: 5 });
    assert.deepEqual(dropped, { after_shutdown: 1 });
  });

  test('R5.3 R8.4 each thread limits what it logs, and tells of it at its end', async (t) => {
    const receiver = await startReceiving(t);
    await runApp('threads', ['thread', 'process.exit', '1000'], { env: { ...receiver.env, ...LIMITED } });
    const summaries = receiver.records().filter(({ eventName }) => eventName === 'spanlog.records_limited');
    assert.deepEqual(summaries.map(({ attributes }) => [attributes.logger, Number(attributes.count)]).sort(), [
      ['main', 900],
      ['worker', 900],
    ]);
  });
});

test('R5.2 two processes keep the same of 10,000 traces, whatever they log', async () => {
  const env = { SPANLOG_SAMPLE_RATE: '3 in 10', SPANLOG_FORMAT: 'json' };
  const tracesOf = ({ stdout }: Ended): string[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { trace_id: string }).trace_id);
  const [one, other] = await Promise.all(['ordered', 'paid'].map((event) => runApp('sampled', [event], { env })));
  assert.ok(one !== undefined && other !== undefined);
  assert.deepEqual(tracesOf(one), tracesOf(other));
  const kept = new Set(tracesOf(one)).size;
  assert.ok(Math.abs(kept - 3_000) < 4 * Math.sqrt(10_000 * 0.3 * 0.7), `${kept} of 10,000`);
});
