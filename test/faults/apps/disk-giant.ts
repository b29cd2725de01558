/**
 * Starts on a spool that somebody left, logs a record now and then, and ends when so many records were read back and none
 * is pending: `disk-giant.ts <records>`. Prints, as JSON, how long `register` took, the longest time that the event loop
 * stood still from then on, and how the memory of the process grew.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger, register } from '../../../src/index.ts';
import { reportAtExit } from '../../process/apps/report-ledger.ts';

const LOG_EVERY_MS = 100;
const [records = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
// What loading modules costs is none of the spool's business.
await delay(50);

const before = process.memoryUsage().rss;
let most = before;
const stalls = monitorEventLoopDelay({ resolution: 5 });
const start = performance.now();
const logging = register();
const registerMs = performance.now() - start;
reportAtExit(logging);
stalls.enable();
let lastLog = 0;
let logged = 0;
for (;;) {
  await delay(10);
  most = Math.max(most, process.memoryUsage().rss);
  const { replayed, pending } = logging.ledger();
  if (replayed >= records && pending === 0) break;
  if (performance.now() - lastLog < LOG_EVERY_MS) continue;
  lastLog = performance.now();
  log.info('tick', { i: logged++ });
}
stalls.disable();
console.log(
  JSON.stringify({
    registerMs: Math.round(registerMs),
    longestStallMs: Math.round(stalls.max / 1e6),
    grownMib: Math.round((most - before) / 1024 ** 2),
    tookMs: Math.round(performance.now() - start),
    logged,
  }),
);
