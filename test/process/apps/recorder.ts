/** What the flight recorder does in a process: `recorder.ts serve|crash|bounds|flat|thread`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import express from 'express';
import { requestLogging } from '../../../src/express.ts';
import { getLogger, withContext } from '../../../src/index.ts';
import { reportAtExit, running } from './report-ledger.ts';

const log = getLogger('shop');
const logging = running();

/** 50 requests at once, of which 5 fail, each in a way of its own. */
async function serve(): Promise<void> {
  const app = express();
  app.use(requestLogging());
  app.get('/orders/:id', async (request, response) => {
    const { id } = request.params;
    log.debug('cart_read', { id });
    await delay(Number(id) % 7);
    log.debug('stock_asked', { id });
    await delay(Number(id) % 5);
    if (id === '7') throw new Error('no stock');
    if (id === '17') log.error('payment_failed', { id });
    if (id === '27') return void response.status(503).send('later');
    if (id === '37') return void response.destroy(new Error('broken off'));
    if (id === '47') void Promise.reject(new Error('lost')).catch(log.exception);
    log.debug('order_stored', { id });
    response.send('ok');
  });
  app.use(((error, _request, response, next) => {
    if (response.headersSent) next(error);
    else response.status(500).send('failed');
  }) satisfies express.ErrorRequestHandler);
  const server = createServer(app as RequestListener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
  const ask = (id: number): Promise<unknown> => fetch(`${url}/${id}`).then((response) => response.text());
  await Promise.allSettled(Array.from({ length: 50 }, (_, id) => ask(id)));
  server.close();
}

/** Two jobs run when a third thing throws. */
function crash(): void {
  for (const job of ['a', 'b']) {
    void withContext({ job }, async () => {
      log.debug('job_started');
      await delay(20);
      log.debug('job_goes_on');
      await delay(60_000);
    });
  }
  setTimeout(() => {
    throw new Error('boom');
  }, 60);
}

/** Thousands of requests that do not end, in memory that is bounded. */
function bounds(): void {
  const never = new Promise(() => undefined);
  const before = process.memoryUsage().arrayBuffers;
  let balanced = true;
  for (let i = 0; i < 5_000; i++) {
    void withContext({ request_id: `request-${i}` }, () => {
      for (let step = 0; step < 20; step++) log.debug('step_done', { i, step, note: 'x'.repeat(200) });
      return never;
    });
    if (i % 100 === 0) balanced &&= logging.ledger().balanced;
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  const { pending, discarded, emitted } = logging.ledger();
  console.log(JSON.stringify({ grown, pending, discarded, emitted, balanced }));
  // Nothing waits: the process ends, with all of them held.
}

/** Requests that end, one after the other: nothing of them stays. */
async function flat(): Promise<void> {
  const job = (i: number): Promise<void> =>
    withContext({ request_id: `request-${i}` }, async () => {
      log.debug('asked', { i });
      await Promise.resolve();
      log.debug('answered', { i });
    });
  const heap = async (from: number, to: number): Promise<number> => {
    for (let i = from; i < to; i++) await job(i);
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const warm = await heap(0, 20_000);
  const end = await heap(20_000, 120_000);
  console.log(JSON.stringify({ grown: end - warm, pending: logging.ledger().pending }));
}

/** A thread that is ended while it holds records, and has logged none. */
async function thread(): Promise<void> {
  if (isMainThread) {
    const worker = new Worker(new URL(import.meta.url), { argv: ['thread'] });
    await once(worker, 'message');
    await worker.terminate();
    return;
  }
  void withContext({ job: 'a' }, () => {
    for (let i = 0; i < 10; i++) log.debug('step_done', { i });
    return new Promise(() => undefined);
  });
  parentPort?.postMessage(logging.ledger().pending);
  setInterval(() => undefined, 60_000);
}

const parts: Record<string, () => unknown> = { serve, crash, bounds, flat, thread };
if (isMainThread) reportAtExit(logging);
await parts[process.argv[2] ?? '']?.();
