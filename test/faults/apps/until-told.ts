/**
 * Logs numbered records at a steady rate until it gets SIGUSR2, flushes, and ends: `until-told.ts <per second> [first]
 * [from]`, with `first` of them at once, and numbers that begin at `from`. Prints `started`, and what became of the flush.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const TICK_MS = 5;
const [perSecond = 0, first = 0, from = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
const logging = running();
reportAtExit(logging);

let told = false as boolean;
process.once('SIGUSR2', () => (told = true));
const start = performance.now();
console.log('started');
for (let i = from; !told;) {
  // As many as are due by now, however long the timer really took.
  const due = from + first + ((performance.now() - start) / 1_000) * perSecond;
  while (i < due) log.info('tick', { i: i++ });
  await delay(TICK_MS);
}
const { status } = await logging.flush();
console.log(status);
