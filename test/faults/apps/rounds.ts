/**
 * Logs `count` numbered records, flushes, and all of it `rounds` times: `rounds.ts <rounds> <count>`. Prints what became
 * of each flush.
 */
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const [rounds = 0, count = 0] = process.argv.slice(2).map(Number);
const log = getLogger('app');
const logging = running();
reportAtExit(logging);

let i = 0;
for (let round = 0; round < rounds; round++) {
  for (let n = 0; n < count; n++) log.info('tick', { i: i++ });
  const { status } = await logging.flush();
  console.log(status);
}
