/**
 * Flushes and shuts down in ways that can go wrong: `exit-flush.ts <way> <timeoutMs>`. Prints one line of JSON: how each
 * call went, in the order in which they resolved.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import type { FlushResult } from '../../../src/index.ts';
import { reportAtEnd, running } from './exit-report.ts';

const [way = '', timeout = '0'] = process.argv.slice(2);
const timeoutMs = Number(timeout);
const logging = running();
reportAtEnd(logging);
const log = getLogger('app');

export interface Call extends FlushResult {
  readonly name: string;
  readonly tookMs: number;
  /** Acknowledged when it resolved. */
  readonly delivered: number;
}
const calls: Call[] = [];

function burst(count: number): void {
  for (let i = 0; i < count; i++) log.info('tick', { i });
}

async function timed(name: string, call: () => Promise<FlushResult>): Promise<void> {
  const began = performance.now();
  const result = await call();
  calls.push({ name, tookMs: performance.now() - began, delivered: logging.ledger().delivered, ...result });
}

const shutdown = (name = 'shutdown'): Promise<void> => timed(name, () => logging.shutdown({ timeoutMs }));
const flush = (name = 'flush'): Promise<void> => timed(name, () => logging.flush({ timeoutMs }));

const ways: Record<string, () => Promise<void>> = {
  shutdown: async () => {
    burst(1_000);
    await shutdown();
  },
  // A first batch went out and came back: it waits for its retry.
  'shutdown during retry': async () => {
    burst(1_000);
    await timed('first', () => logging.flush({ timeoutMs: 300 }));
    await shutdown();
  },
  'flush during shutdown': async () => {
    burst(1_000);
    await Promise.all([shutdown(), flush()]);
  },
  'flush, then shutdown meanwhile': async () => {
    burst(1_000);
    await Promise.all([flush(), shutdown()]);
  },
  'two shutdowns': async () => {
    burst(1_000);
    await Promise.all([shutdown('first'), shutdown('second'), shutdown('third')]);
    log.info('too late');
    await shutdown('fourth');
  },
  'two flushes': async () => {
    burst(1_000);
    await Promise.all([flush('first'), flush('second')]);
  },
  'two flushes, of more and more': async () => {
    burst(1_000);
    const first = flush('first');
    // The first batch is on its way.
    await delay(50);
    burst(700);
    const second = flush('second');
    burst(300);
    await Promise.all([first, second, flush('third')]);
  },
  // Nothing but the flush itself keeps the process alive.
  'idle loop': async () => {
    burst(10);
    await flush();
  },
  'idle loop, nothing pending': async () => {
    await flush();
  },
};

const run = ways[way];
if (run === undefined) throw new Error(`no such way: ${way}`);
await run();
console.log(JSON.stringify(calls));
