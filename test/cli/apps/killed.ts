/** Logs so many records and is gone, as by `kill -9`. */
import { getLogger } from '../../../src/index.ts';

const log = getLogger('killed');
for (let i = 0; i < Number(process.argv[2]); i++) log.info('tick', { i });
process.kill(process.pid, 'SIGKILL');
