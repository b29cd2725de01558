import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noticesOf, otherErrorsOf } from '../support/child-process.ts';
import { assertAllDelivered, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

const COUNT = 20_000;

interface Ending {
  readonly name: string;
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  /** Events that arrive besides the burst, in order. */
  readonly also?: readonly string[];
  /** It logs after it has reported its ledger, so what arrived has to do. */
  readonly reportedBefore?: boolean;
  /** What Node itself, or nobody, says on stderr. */
  readonly stderr?: RegExp;
}

const ENDINGS: readonly Ending[] = [
  { name: 'return', code: 0 },
  { name: 'exit code', code: 4 },
  { name: 'process.exit', code: 3 },
  {
    name: 'uncaught',
    code: 1,
    also: ['uncaught_exception'],
    stderr: /throw new TypeError[^]*TypeError: the card[^]* at [^]*Node\.js v/,
  },
  { name: 'uncaught null', code: 1, also: ['uncaught_exception'], stderr: /throw null[^]*\nnull\n[^]*Node\.js v/ },
  { name: 'uncaught, with a handler', code: 6, also: ['uncaught_exception'] },
  {
    name: 'unhandled',
    code: 1,
    also: ['unhandled_rejection'],
    stderr: /RangeError: out of stock[^]* at [^]*Node\.js v/,
  },
  { name: 'SIGTERM', signal: 'SIGTERM' },
  { name: 'SIGINT', signal: 'SIGINT' },
  { name: 'SIGHUP', signal: 'SIGHUP' },
  { name: 'own handler', code: 5 },
  { name: 'exit handler', code: 0, also: ['hello', 'goodbye'], reportedBefore: true },
  { name: 'process.exit right after an exit handler', code: 3, also: ['closed', 'goodbye'], reportedBefore: true },
  { name: 'beforeExit', code: 0 },
  { name: 'each beforeExit', code: 0, also: ['goodbye', 'goodbye'] },
];

// The deadline is not what is tested here, and the machine may be busy.
const PATIENT = { SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '20000' };

describe('R8.4 every record arrives exactly once, and the process ends as it would have', { concurrency: 2 }, () => {
  for (const { name, code = null, signal = null, also = [], stderr, reportedBefore } of ENDINGS) {
    test(`${/^un(caught|handled)/.test(name) ? 'R6.3 ' : ''}R8.4 at the end by ${name}`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runApp('endings', [name, String(COUNT)], { env: { ...receiver.env, ...PATIENT } });

      assert.deepEqual({ code: end.code, signal: end.signal }, { code, signal }, end.stderr);
      if (stderr === undefined) assert.equal(end.stderr, '');
      else assert.match(otherErrorsOf(end), stderr);
      assert.deepEqual(noticesOf(end), []);

      const records = receiver.records();
      const ticks = records.filter(({ eventName }) => eventName === 'tick').map(({ attributes }) => attributes.i);
      assert.equal(new Set(ticks).size, COUNT);
      assert.equal(ticks.length, COUNT);
      assert.deepEqual(
        receiver.events().filter((event) => event !== 'tick'),
        also,
      );
      // A process that dies by a signal can report nothing after its last flush.
      if (signal === null && reportedBefore !== true) assertAllDelivered(end, COUNT + also.length);
    });
  }
});

test('R6.3 R8.4 the error that ends the process is a FATAL record, redacted like any other', async (t) => {
  const receiver = await startReceiving(t);
  await runApp('endings', ['uncaught', '0'], { env: { ...receiver.env, ...PATIENT } });

  const [record] = receiver.records();
  assert.equal(receiver.records().length, 1);
  assert.equal(record?.eventName, 'uncaught_exception');
  assert.equal(record.severityText, 'FATAL');
  assert.equal(record.severity, 21);
  assert.equal(record.attributes['exception.type'], 'TypeError');
  assert.match(String(record.attributes['exception.message']), /^the card .* was refused$/);
  assert.match(String(record.attributes['exception.stacktrace']), /endings\.ts:\d+/);
  for (const text of receiver.store.allText()) assert.doesNotMatch(text, /4111/);
});

test('R8.4 a handler that takes its time loses nothing; only what was on its way right then may arrive twice', async (t) => {
  const receiver = await startReceiving(t);
  const end = await runApp('endings', ['own slow handler', String(COUNT)], { env: { ...receiver.env, ...PATIENT } });

  assert.equal(end.code, 5);
  assert.equal(end.stderr, '');
  const ticks = receiver.records().map(({ attributes }) => attributes.i);
  assert.equal(new Set(ticks).size, COUNT + 1);
  assert.equal(receiver.events().at(-1), 'goodbye');
  assertAllDelivered(end, COUNT + 1);
});

test('R8.4 a process that lives on after beforeExit has the whole deadline at its real end', async (t) => {
  const receiver = await startReceiving(t);
  const env = { ...receiver.env, SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '900' };
  const end = await runApp('endings', ['long life after beforeExit', '100'], { env });

  assert.equal(end.code, 3);
  assert.equal(end.stderr, '');
  assert.equal(receiver.records().length, 101);
  assertAllDelivered(end, 101);
});
