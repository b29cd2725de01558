import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAllDelivered } from '../process/app.ts';
import { startReceiving } from '../process/receiving.ts';
import { runFault, WITHOUT_LIMITS } from './exit-app.ts';

const COUNT = 20_000;

/** How a process ends, and what spanlog itself logs of it. */
const ENDINGS: readonly (readonly [ending: string, also: readonly string[]])[] = [
  ['return', []],
  ['process.exit(0)', []],
  ['process.exit(3)', []],
  ['process.exitCode', []],
  ['uncaught', ['uncaught_exception']],
  ['uncaught, not an error', ['uncaught_exception']],
  ['unhandledRejection', ['unhandled_rejection']],
  ['SIGTERM', []],
  ['SIGINT', []],
  ['SIGHUP', []],
];

describe('R8.4 fault 2: the process ends with 20,000 records pending', { concurrency: 2 }, () => {
  for (const [ending, also] of ENDINGS) {
    test(`R8.4 fault 2 none of 20,000 records is lost by ${ending}, and it ends as it would without spanlog`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runFault('ending', [ending, String(COUNT)], { env: { ...receiver.env, ...WITHOUT_LIMITS } });
      const without = await runFault('ending', [ending, '0'], { preloaded: false });

      assert.deepEqual(
        { code: end.code, signal: end.signal, stdout: end.stdout, stderr: end.stderr },
        { code: without.code, signal: without.signal, stdout: without.stdout, stderr: without.stderr },
      );
      const records = receiver.records();
      const ticks = records.filter(({ eventName }) => eventName === 'tick').map(({ attributes }) => attributes.i);
      assert.equal(ticks.length, COUNT);
      assert.equal(new Set(ticks).size, COUNT);
      assert.deepEqual(
        receiver.events().filter((event) => event !== 'tick'),
        also,
      );
      assertAllDelivered(end, COUNT + also.length);
    });
  }
});
