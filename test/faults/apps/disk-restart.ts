/**
 * Logs numbered records and waits: `disk-restart.ts <life> <count> [bytes]`, each with a text of so many bytes. Prints
 * `logged`; at SIGUSR2 prints `ending`, shuts down within half a second, and prints what became of that.
 */
import { once } from 'node:events';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const [life = 0, count = 0, bytes = 0] = process.argv.slice(2).map(Number);
const DEADLINE_MS = 500;
const log = getLogger('app');
const logging = running();
reportAtExit(logging);
const told = once(process, 'SIGUSR2');
// Waiting for a signal keeps no process alive.
const alive = setInterval(() => undefined, 1_000);

const text = 'x'.repeat(bytes);
for (let i = 0; i < count; i++) log.info('tick', { life, i, text });
console.log('logged');
await told;
console.log('ending');
const { status, pending, lost } = await logging.shutdown({ timeoutMs: DEADLINE_MS });
console.log(JSON.stringify({ status, pending, lost }));
clearInterval(alive);
