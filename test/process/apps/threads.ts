/** Threads and cluster workers that log and end: `threads.ts <kind> <ending> <count>`. The main one logs as many. */
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { getLogger } from '../../../src/index.ts';

const [kind = '', ending = '', count = '0'] = process.argv.slice(2);
const isChild = kind === 'thread' ? !isMainThread : cluster.isWorker;
const log = getLogger(isChild ? 'worker' : 'main');
for (let i = 0; i < Number(count); i++) log.info('tick', { i });

const endings: Record<string, () => void> = {
  return: () => {
    if (cluster.isWorker) cluster.worker?.disconnect();
  },
  'process.exit': () => process.exit(7),
  uncaught: () => {
    setImmediate(() => {
      throw new Error('the worker failed');
    });
  },
};

if (isChild) {
  endings[ending]?.();
} else if (kind === 'thread') {
  const thread = new Worker(fileURLToPath(import.meta.url), { argv: process.argv.slice(2) });
  thread.on('error', (error) => console.log('error:', error instanceof Error ? error.message : error));
  thread.on('exit', (code) => console.log('code:', code));
} else {
  cluster.fork().on('exit', (code) => console.log('code:', code));
}
