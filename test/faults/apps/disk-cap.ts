/**
 * Logs numbered records of all levels in turns, some at a time: `disk-cap.ts <count>`. Prints `logged`, waits for SIGUSR2,
 * flushes until there is nothing pending, and prints `flushed`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const IN_A_ROW = 20;
/** About what passes between two looks at whether there is room again, so that the drops are told of. */
const LOOKS_MS = 1_300;

const [count = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
const logging = running();
reportAtExit(logging);

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const text = '.'.repeat(600);
for (let i = 0; i < count; i++) {
  log[levels[i % levels.length] ?? 'info']('tick', { i, text });
  if (i % IN_A_ROW === IN_A_ROW - 1) await delay(5);
}
const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
const alive = setInterval(() => undefined, 1_000);
console.log('logged');
await told;
await logging.flush();
await delay(LOOKS_MS);
await logging.flush();
clearInterval(alive);
console.log('flushed');
