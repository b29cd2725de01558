/**
 * Logs at a steady rate and measures what each call costs: `steady.ts <per second> <seconds>`. Prints, as JSON, how many
 * records it logged, the 99th percentile of the calls in each second, and how the heap grew from the first to the last.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const TICK_MS = 10;
const [perSecond = 0, seconds = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
reportAtExit(running());

const heapBytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const p99Us: number[] = [];
let heapAfterFirst = 0;
let i = 0;
for (let second = 1; second <= seconds; second++) {
  const start = performance.now();
  const calls: number[] = [];
  while (calls.length < perSecond) {
    // As many as are due by now, however long the timer really took.
    const due = Math.min(perSecond, Math.ceil(((performance.now() - start + TICK_MS) / 1_000) * perSecond));
    while (calls.length < due) {
      const before = performance.now();
      log.info('tick', { i, user: 'u-1', path: '/checkout', ms: 12.5 });
      calls.push(performance.now() - before);
      i++;
    }
    await delay(TICK_MS);
  }
  calls.sort((a, b) => a - b);
  p99Us.push(Math.round((calls[Math.floor(calls.length * 0.99)] ?? 0) * 1_000));
  if (second === 2) heapAfterFirst = heapBytes();
}
console.log(JSON.stringify({ logged: i, p99Us, heapGrowth: heapBytes() - heapAfterFirst }));
