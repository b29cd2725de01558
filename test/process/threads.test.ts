import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

const COUNT = 1_000;

const ENDINGS: readonly (readonly [kind: string, ending: string, stdout: string, also: readonly string[]])[] = [
  ['thread', 'return', 'code: 0\n', []],
  ['thread', 'process.exit', 'code: 7\n', []],
  ['thread', 'uncaught', 'error: the worker failed\ncode: 1\n', ['uncaught_exception']],
  ['cluster', 'return', 'code: 0\n', []],
  ['cluster', 'process.exit', 'code: 7\n', []],
];

describe('R8.4 threads and cluster workers deliver what they logged', { concurrency: 2 }, () => {
  for (const [kind, ending, stdout, also] of ENDINGS) {
    test(`R8.4 a ${kind} that ends by ${ending}`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runApp('threads', [kind, ending, String(COUNT)], { env: receiver.env });

      assert.equal(end.code, 0, end.stderr);
      assert.equal(end.stdout, stdout);
      assert.equal(end.stderr, '');
      const ticks = receiver.records().filter(({ eventName }) => eventName === 'tick');
      for (const logger of ['main', 'worker']) {
        const numbers = ticks.filter((record) => record.logger === logger).map(({ attributes }) => attributes.i);
        assert.equal(numbers.length, COUNT, logger);
        assert.equal(new Set(numbers).size, COUNT, logger);
      }
      assert.deepEqual(
        receiver.events().filter((event) => event !== 'tick'),
        also,
      );
    });
  }
});
