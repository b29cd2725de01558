/** Is reconfigured, flushed and shut down while records are held back. */
import { getLogger, register } from '../../../src/index.ts';
import { reportAtExit, running } from './report-ledger.ts';

reportAtExit(running());
const log = getLogger('app');
const tick = (count: number): void => {
  for (let i = 0; i < count; i++) log.info('tick', { i });
};

tick(3);
const logging = register({ service: { name: 'again' } });
tick(4);
await logging.flush();
tick(5);
await logging.shutdown();
tick(1);
