/** Logging that is disabled, with the flight recorder on: says whether DEBUG is wanted, and whether its fields are made. */
import { getLogger, register, withContext } from '../../../src/index.ts';

register({ disabled: true, flightRecorder: true });
const log = getLogger('shop');
let made = 0;
withContext({ job: 'a' }, () => {
  log.debug('step_done', () => ({ made: ++made }));
  console.log(JSON.stringify({ enabled: log.isEnabled('debug'), made }));
});
