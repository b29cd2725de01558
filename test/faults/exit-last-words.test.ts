import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noticesOf } from '../support/child-process.ts';
import { ledgerOf } from '../process/app.ts';
import { startReceiving } from '../process/receiving.ts';
import { runFault, WITHOUT_DELAY_ENDING } from './exit-app.ts';

const COUNT = 300;

interface Place {
  readonly where: string;
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  /** What spanlog logs of the end. */
  readonly also?: readonly string[];
}

const PLACES: readonly Place[] = [
  { where: 'exit', code: 0 },
  { where: 'exit, by process.exit', code: 3 },
  { where: 'exit, where another exit listener is added', code: 0 },
  { where: 'exit, by an uncaught error', code: 1, also: ['uncaught_exception'] },
  { where: 'beforeExit', code: 0 },
  { where: 'beforeExit, and later', code: 0 },
  { where: 'a signal handler that exits', code: 5 },
  { where: 'a signal handler that raises it again', signal: 'SIGTERM' },
  { where: 'a handler of uncaughtException', code: 6, also: ['uncaught_exception'] },
  { where: 'a handler of uncaughtException that goes on', code: 0, also: ['uncaught_exception'] },
  { where: 'a handler of unhandledRejection', code: 7 },
];

describe('R8.4 fault 8: last words', { concurrency: 2 }, () => {
  for (const { where, code = null, signal = null, also = [] } of PLACES) {
    test(`R8.4 fault 8 what is logged in ${where} is written`, async (t) => {
      const receiver = await startReceiving(t);
      const env = { ...receiver.env, ...WITHOUT_DELAY_ENDING };
      const end = await runFault('last-words', [where, String(COUNT)], { env });

      assert.deepEqual({ code: end.code, signal: end.signal }, { code, signal }, end.stderr);
      assert.deepEqual(noticesOf(end), []);
      const events = receiver.events();
      assert.equal(events.filter((event) => event === 'tick').length, 2 * COUNT);
      assert.deepEqual(events.filter((event) => event !== 'tick').sort(), ['last_words', ...also]);
      // The report may come before the last flush of all: then the words are pending, and nothing else becomes of them.
      const { emitted, delivered, pending, dropped } = ledgerOf(end);
      assert.deepEqual(
        { emitted, settled: delivered + pending, dropped },
        { emitted: events.length, settled: events.length, dropped: {} },
      );
    });
  }
});
