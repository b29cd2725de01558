/**
 * Fills its disk with numbered records: `disk-full.ts <first number> <count>`. Prints `full` once it has logged them all and
 * the spool was written as far as it went, and waits for SIGUSR2 then; then it flushes, prints `flushed`, logs
 * as many once more as `more` says (`disk-full.ts <first> <count> <more>`), waits until they had time to be written, prints
 * `waiting`, and goes on until it is killed, or gets SIGUSR2 again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const IN_A_ROW = 20;
/** A few windows of the spool. */
const WRITTEN_MS = 300;

const [first = 0, count = 0, more = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
const logging = running();
reportAtExit(logging);
const text = '.'.repeat(600);

let told = (): void => undefined;
process.on('SIGUSR2', () => told());

async function logRange(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    log.info('tick', { i, text });
    if ((i - from) % IN_A_ROW === IN_A_ROW - 1) await delay(5);
  }
  await delay(WRITTEN_MS);
}

async function sayAndWait(word: string): Promise<void> {
  const alive = setInterval(() => undefined, 1_000);
  const next = new Promise<void>((resolve) => (told = resolve));
  console.log(word);
  await next;
  clearInterval(alive);
}

await logRange(first, first + count);
await sayAndWait('full');
// Its status may be about a record that tells of drops, and was logged meanwhile.
await logging.flush();
console.log('flushed');
await logRange(first + count, first + count + more);
await sayAndWait('waiting');
await logging.flush();
console.log('flushed');
