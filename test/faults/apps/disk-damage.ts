/**
 * Logs numbered records at a steady rate until SIGUSR2, whatever becomes of its spool: `disk-damage.ts <life> <per second>
 * [bytes]`. Prints `<count> logged` at every hundredth, flushes in the end, and prints what became of that.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const TICK_MS = 5;
const MAX_BURST = 20;
const FLUSH_MS = 20_000;
const [life = 0, perSecond = 0, bytes = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
const logging = running();
reportAtExit(logging);
const parent = process.ppid;

let told = false as boolean;
process.once('SIGUSR2', () => (told = true));
const text = 'x'.repeat(bytes);
const start = performance.now();
for (let i = 0; !told && process.ppid === parent;) {
  // On a busy machine rather late than all at once.
  const due = Math.min(i + MAX_BURST, ((performance.now() - start) / 1_000) * perSecond);
  while (i < due) {
    log.info('tick', { life, i, text });
    i++;
    if (i % 100 === 0) console.log(`${i} logged`);
  }
  await delay(TICK_MS);
}
const { status, pending, lost } = await logging.flush({ timeoutMs: FLUSH_MS });
console.log(JSON.stringify({ status, pending, lost }));
