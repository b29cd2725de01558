/** Logs ten numbered records, flushes as often as it can for two seconds, prints `enough`, and waits for the last flush. */
import { setImmediate as turn } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const log = getLogger('app');
const logging = running();
reportAtExit(logging);

for (let i = 0; i < 10; i++) log.info('tick', { i });
const end = performance.now() + 2_000;
while (performance.now() < end) {
  await logging.flush({ timeoutMs: 5 });
  await turn();
}
console.log('enough');
const { status } = await logging.flush();
console.log(status);
