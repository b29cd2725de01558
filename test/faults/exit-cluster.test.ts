import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../src/core/ledger.ts';
import { noticesOf } from '../support/child-process.ts';
import { startReceiving } from '../process/receiving.ts';
import { runFault, WITHOUT_DELAY_ENDING } from './exit-app.ts';

const COUNT = 2_000;

const ENDINGS: readonly (readonly [ending: string, ended: string, also: readonly string[]])[] = [
  ['process.exit', '7 null', []],
  ['uncaught', '1 null', ['uncaught_exception', 'uncaught_exception']],
  ['SIGTERM of its own', 'null SIGTERM', []],
  ['disconnect', '0 null', []],
  ['kill of the primary', 'null SIGTERM', []],
  ['SIGTERM of the primary', 'null SIGTERM', []],
  ['SIGINT of the primary', 'null SIGINT', []],
  ['disconnect of the primary', '0 null', []],
];

describe('R8.4 fault 2: a cluster worker ends', { concurrency: 2 }, () => {
  for (const [ending, ended, also] of ENDINGS) {
    test(`R8.4 fault 2 two cluster workers and their primary lose nothing at the end by ${ending}`, async (t) => {
      const receiver = await startReceiving(t);
      const env = { ...receiver.env, ...WITHOUT_DELAY_ENDING };
      const end = await runFault('cluster', [ending, String(COUNT)], { env });

      assert.equal(end.code, 0, end.stderr);
      assert.equal(end.stdout, `ended: ${ended}\n`.repeat(2));
      assert.deepEqual(noticesOf(end), []);
      const keys = receiver
        .records()
        .filter(({ eventName }) => eventName === 'tick')
        .map(({ attributes }) => attributes.key);
      assert.equal(keys.length, 3 * COUNT);
      assert.equal(new Set(keys).size, 3 * COUNT);
      assert.deepEqual(
        receiver.events().filter((event) => event !== 'tick'),
        also,
      );
      // One of each process.
      const ledgers = end.report
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Ledger);
      assert.equal(ledgers.length, 3);
      for (const { balanced, pending, dropped } of ledgers) {
        assert.deepEqual({ balanced, pending, dropped }, { balanced: true, pending: 0, dropped: {} });
      }
      assert.equal(
        ledgers.reduce((sum, { delivered }) => sum + delivered, 0),
        3 * COUNT + also.length,
      );
    });
  }
});
