/**
 * Plays a platform that runs one function: `serverless.ts <way>`. It prints what the handler gave, reports the ledger on file
 * descriptor 3, and then freezes the process for good: nothing that has not left by then ever will.
 */
import { writeSync } from 'node:fs';
import { flushAfter, getLogger, register } from '../../../src/index.ts';
import type { Logging } from '../../../src/index.ts';

const [way = ''] = process.argv.slice(2);
const log = getLogger('app');

function work(): void {
  for (let i = 0; i < 100; i++) log.info('tick', { i });
}

let handedOn: Promise<unknown> | undefined;

const ways: Record<string, () => Promise<unknown>> = {
  resolves: flushAfter(async () => {
    await Promise.resolve();
    work();
    return 'done';
  }),
  returns: flushAfter(() => {
    work();
    return 'done';
  }),
  rejects: flushAfter(async () => {
    await Promise.resolve();
    work();
    throw new RangeError('out of stock');
  }),
  throws: flushAfter(() => {
    work();
    throw new RangeError('out of stock');
  }),
  'short timeout': flushAfter(
    () => {
      work();
      return 'done';
    },
    { timeoutMs: 50 },
  ),
  'wait until': flushAfter(
    () => {
      work();
      return 'done';
    },
    {
      waitUntil: (promise) => {
        handedOn = promise;
      },
    },
  ),
  'wait until throws': flushAfter(
    () => {
      work();
      return 'done';
    },
    {
      waitUntil: () => {
        throw new Error('outside of a request');
      },
    },
  ),
};

let logging: Logging | undefined;
if (way !== 'never registered') logging = register();
const handler = ways[way === 'never registered' ? 'returns' : way];
if (handler === undefined) throw new Error(`no such way: ${way}`);

function show(outcome: unknown): void {
  const { pending, delivered } = logging?.ledger() ?? {};
  writeSync(1, `${String(outcome)}, pending ${pending}, delivered ${delivered}\n`);
}

await handler().then(show, show);
if (handedOn !== undefined) show(await handedOn);
if (logging !== undefined) writeSync(3, JSON.stringify(logging.ledger()));
process.kill(process.pid, 'SIGKILL');
