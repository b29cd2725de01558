/** Preloaded after `register`: reports the ledger on file descriptor 3 as the last thing the process does. */
import { writeSync } from 'node:fs';
import { registry } from '../../../src/start.ts';

// As `--import` would ask for it, so that nothing is reconfigured by the test.
const logging = registry().register(undefined, true);
process.on('exit', () => writeSync(3, `${JSON.stringify(logging.ledger())}\n`));
