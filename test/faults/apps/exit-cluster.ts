/**
 * A cluster whose workers end: `exit-cluster.ts <ending> <count>`. Each of two workers logs `count` records and says so, then
 * ends, or is ended by the primary. All report their ledgers, a line each, on the primary's file descriptor 3.
 */
import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { getLogger } from '../../../src/index.ts';
import { running } from './exit-report.ts';

const [ending = '', count = '0'] = process.argv.slice(2);
const raise = process.kill.bind(process, process.pid);
const logging = running();
const log = getLogger(cluster.isPrimary ? 'primary' : 'worker');

/** Before spanlog raises a signal again too; descriptor 3 of a worker is its channel to the primary. */
function reportLine(): void {
  writeSync(cluster.isPrimary ? 3 : 4, `${JSON.stringify(logging.ledger())}\n`);
}
process.on('exit', reportLine);
const kill = process.kill.bind(process);
process.kill = (pid, signal) => {
  if (pid === process.pid) reportLine();
  return kill(pid, signal);
};

/** How a worker ends by itself. */
const endings: Record<string, () => void> = {
  'process.exit': () => process.exit(7),
  uncaught: () => {
    setImmediate(() => {
      throw new Error('a bug');
    });
  },
  'SIGTERM of its own': () => void raise('SIGTERM'),
  disconnect: () => cluster.worker?.disconnect(),
};

/** What the primary does to its workers. */
const endedByPrimary: Record<string, (worker: Worker) => void> = {
  'kill of the primary': (worker) => worker.kill(),
  'SIGTERM of the primary': (worker) => worker.process.kill('SIGTERM'),
  'SIGINT of the primary': (worker) => worker.process.kill('SIGINT'),
  'disconnect of the primary': (worker) => worker.disconnect(),
};

for (let i = 0; i < Number(count); i++) log.info('tick', { key: `${process.pid}/${i}` });

if (cluster.isPrimary) {
  cluster.setupPrimary({ stdio: ['inherit', 'inherit', 'inherit', 'ipc', 3] });
  const workers = [cluster.fork(), cluster.fork()];
  await Promise.all(
    workers.map(async (worker) => {
      const ended = once(worker, 'exit');
      worker.once('message', () => endedByPrimary[ending]?.(worker));
      const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
      console.log(`ended: ${code} ${signal}`);
    }),
  );
} else {
  process.send?.('ready', undefined, undefined, () => endings[ending]?.());
}
