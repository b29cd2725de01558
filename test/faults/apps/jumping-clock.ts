/**
 * Logs ten numbered records and flushes, again and again, while the wall clock jumps: a day ahead, two back, one ahead;
 * before each batch, and once more while it is on its way. Prints what became of each flush.
 */
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const DAY_MS = 86_400_000;
const log = getLogger('app');
const logging = running();
reportAtExit(logging);

const now = Date.now;
let offsetMs = 0;
Date.now = () => now() + offsetMs;

let i = 0;
for (const days of [0, 1, -1, 0, -1, 1, 0]) {
  offsetMs = days * DAY_MS;
  for (let n = 0; n < 10; n++) log.info('tick', { i: i++ });
  const flushed = logging.flush();
  setTimeout(() => (offsetMs = -offsetMs), 20);
  const { status } = await flushed;
  console.log(status);
}
