/**
 * Logs numbered records before, in between and after what a test does to its spool:
 * `disk-folder.ts <uid, or 0 to stay> <count> [pause] [drain]`. With `pause` it prints `paused` in the middle and
 * waits for SIGUSR2; with `drain` it ends only when nothing is pending. Registers by itself, so that it can give up its privileges first. Prints `registered` and what became of its flush.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger, register } from '../../../src/index.ts';
import { reportAtExit } from '../../process/apps/report-ledger.ts';

const [uid = 0, count = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
const logRange = (from: number, to: number): void => {
  for (let i = from; i < to; i++) log.info('tick', { i });
};
logRange(0, count / 2);
if (uid > 0) {
  process.setgid?.(uid);
  process.setuid?.(uid);
}
const logging = register();
reportAtExit(logging);
console.log('registered');
if (process.argv.includes('pause')) {
  const alive = setInterval(() => undefined, 1_000);
  const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
  await delay(200);
  console.log('paused');
  await told;
  clearInterval(alive);
}
logRange(count / 2, count);
const { status } = await logging.flush();
const isDone = (): boolean => logging.ledger().replayed > 0 && logging.ledger().pending === 0;
if (process.argv.includes('drain')) {
  while (!isDone()) await delay(20);
}
console.log(status);
