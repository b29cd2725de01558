/**
 * Worker threads that are ended from outside: `exit-threads.ts <way>`. A thread says when it has logged, and stays alive.
 * Its records wait for a flush that it never asks for: the batch's delay is two minutes.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { getEnvironmentData, isMainThread, parentPort, threadId, Worker } from 'node:worker_threads';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { ThreadTable } from '../../../src/export/thread-table.ts';
import { getLogger } from '../../../src/index.ts';
import { spanlogProcessor } from '../../../src/spanlog-processor.ts';
import { reportAtEnd, running } from './exit-report.ts';

const [way = ''] = process.argv.slice(2);
const raise = process.kill.bind(process, process.pid);
const log = getLogger(isMainThread ? 'main' : 'worker');
let logged = 0;

function burst(count: number): void {
  for (let i = 0; i < count; i++) log.info('tick', { key: `${threadId}/${logged++}` });
}

/** What a thread does before it says that it is ready. */
type Task =
  | 'log'
  | 'deliver, then log'
  | 'log without end'
  | 'sleep'
  | 'return'
  | 'nest'
  | 'nest, then end the inner'
  | 'fill up';

async function start(task: Task): Promise<Worker> {
  const worker = new Worker(fileURLToPath(import.meta.url), { argv: [task] });
  if (task === 'return') await once(worker, 'exit');
  else await once(worker, 'message');
  return worker;
}

const tasks: Readonly<Record<Task, () => Promise<void> | void>> = {
  log: () => burst(300),
  // A full batch goes out by itself, the rest waits.
  'deliver, then log': async () => {
    burst(1_000);
    await running().flush();
    burst(300);
  },
  'log without end': () => {
    burst(300);
    setInterval(() => burst(1), 1);
  },
  // As pools do that wait for their next task.
  sleep: () => {
    burst(300);
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
  },
  return: () => burst(300),
  nest: async () => {
    burst(300);
    await start('log');
  },
  'nest, then end the inner': async () => {
    burst(300);
    await (await start('log')).terminate();
  },
  // A list that grows past what its thread is allowed, by little enough that Node can end the thread alone.
  'fill up': () => {
    burst(300);
    setTimeout(() => {
      for (let list: object = {}; ;) list = { list };
    }, 20);
  },
};

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  terminate: async () => (await start('log')).terminate(),
  'terminate after a delivery': async () => (await start('deliver, then log')).terminate(),
  'terminate, and exit at once': async () => {
    void (await start('log')).terminate();
    process.exit(3);
  },
  'return by itself': () => start('return'),
  'two at once, and one after the other': async () => {
    const two = await Promise.all([start('log'), start('log')]);
    await Promise.all(two.map((worker) => worker.terminate()));
    await (await start('log')).terminate();
  },
  'out of memory': async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 64 };
    const worker = new Worker(fileURLToPath(import.meta.url), { argv: ['fill up'], resourceLimits });
    worker.on('error', () => undefined);
    // `once` would reject with that error.
    await new Promise((resolve) => worker.once('exit', resolve));
  },
  'terminate one with another inside': async () => (await start('nest')).terminate(),
  'an inner one is terminated': async () => {
    const outer = await start('nest, then end the inner');
    outer.postMessage('end');
    await once(outer, 'exit');
  },
  'process.exit': async () => {
    await Promise.all([start('log'), start('log')]);
    process.exit(3);
  },
  'process.exit while one logs on': async () => {
    await start('log without end');
    process.exit(3);
  },
  'process.exit while one sleeps': async () => {
    await start('sleep');
    await delay(100);
    process.exit(3);
  },
  uncaught: async () => {
    await start('log');
    setImmediate(() => {
      throw new Error('a bug');
    });
  },
  SIGTERM: async () => {
    await start('log');
    raise('SIGTERM');
    // Not before spanlog has: the end of this function would end the process as well.
    await delay(60_000);
  },
  unref: async () => {
    (await start('log')).unref();
  },
  'two loggings': async () => {
    const provider = new LoggerProvider({ processors: [spanlogProcessor()] });
    provider.getLogger('other').emit({ eventName: 'other' });
    await (await start('log')).terminate();
  },
  'no room': async () => {
    const shared: unknown = getEnvironmentData('spanlog.threads');
    const table = new ThreadTable((shared as { memory: SharedArrayBuffer }).memory);
    while (table.claim(1_000, 0, 'other') !== undefined);
    const two = await Promise.all([start('log'), start('log')]);
    await Promise.all(two.map((worker) => worker.terminate()));
    for (const entry of table.entries()) entry.free(() => undefined);
  },
};

if (isMainThread) {
  reportAtEnd(running());
  burst(100);
  await ways[way]?.();
} else {
  await tasks[way as Task]();
  if (way !== 'return') {
    parentPort?.once('message', () => parentPort?.close());
    parentPort?.postMessage('ready');
  }
}
