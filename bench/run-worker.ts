import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Collector } from '../test/support/collector.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { waitForAccepted } from './wait-for-accepted.ts';
import type { FromWorker, Measured, Task, ToWorker } from './worker-messages.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const WORKER_TIMEOUT_MS = 180_000;

/** What a worker measured, and how many of its records the Collector accepted after the warm-up. */
export interface Outcome {
  measured: Measured;
  accepted: number;
}

/**
 * Runs one task in a process of its own. Rejects when the worker fails, takes too long, or loses a record of its
 * warm-up. Delivery is what the Collector counts, whatever the peer believes.
 */
export async function runWorker(task: Task, collector: Collector): Promise<Outcome> {
  const before = await collector.acceptedRecords();
  const child = fork(WORKER, [JSON.stringify(task)], {
    execArgv: ['--expose-gc', '--no-warnings'],
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4_000)));
  const failed = (why: string): Error => new Error(`${task.measure} of ${task.peer} ${why}\n${output}`);
  const timer = setTimeout(() => child.kill('SIGKILL'), WORKER_TIMEOUT_MS);
  try {
    const measured = await new Promise<Measured>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(failed(`ended early with ${code ?? signal}`)));
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'measured') return resolve(message.measured);
        const due = task.measure === 'throughput' ? before + task.warmUpRecords : before;
        const go: ToWorker = { kind: 'go' };
        waitForAccepted(collector, due).then((count) => {
          if (count < due) reject(failed(`lost ${due - count} records of its warm-up`));
          else child.send(go);
        }, reject);
      });
    });
    const due = before + task.warmUpRecords;
    return { measured, accepted: (await collector.acceptedRecords()) - due };
  } finally {
    clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}
