/** Logs a number of records with one set-up and ends at once, as told by the task in its argument. */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import { EXIT_CODE } from './ends.ts';
import { setUpOf } from './set-ups.ts';
import type { Task } from './task.ts';
import { LOGGED } from './task.ts';

const STDOUT = 1;
/** What a thread with the OTel SDK takes to start, twice. */
const THREAD_START_MS = 800;

async function run(task: Task): Promise<void> {
  const { inThread = false, start } = setUpOf(task.setUp);
  const running = await start(task.options);
  if (inThread) await sleep(THREAD_START_MS);

  const burst = (): void => {
    const order_id = randomUUID();
    // `item_count` is the record's number.
    for (let i = 0; i < task.records; i++) {
      running.log({ order_id, item_count: i, amount: 9.95, express: true, currency: 'EUR' });
    }
    // Not by console.log, which would be late in a thread.
    writeSync(STDOUT, `${LOGGED}${Date.now()}\n`);
  };
  switch (task.end) {
    case 'return':
      burst();
      break;
    case 'process.exit':
    case 'worker':
      burst();
      process.exit(EXIT_CODE);
      break;
    case 'uncaught':
      // Not from here: what an async function throws is a rejection to Node.
      setImmediate(() => {
        burst();
        throw new Error('the end of the application');
      });
      break;
    case 'unhandled':
      burst();
      throw new Error('the end of the application');
    case 'kill -9':
      burst();
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'SIGTERM':
    case 'SIGINT':
    case 'SIGHUP':
    case 'kill -9 later':
    case 'stay':
      // Something that would keep the process alive, as a server does.
      setInterval(() => undefined, 60_000);
      burst();
      break;
  }
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
if (task.end === 'worker' && isMainThread) {
  const worker = new Worker(import.meta.filename, { argv: process.argv.slice(2) });
  worker.once('exit', (code) => (process.exitCode = code));
} else {
  void run(task);
}
