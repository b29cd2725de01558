/** Logs at DEBUG all the time, by a logger that was there before `register` and a child of it, until it is ended. */
import { getLogger, register } from '../../../src/index.ts';

const log = getLogger('checkout.payments');
const child = log.child({ bound: true });
register();
// The watch and the signal alone would let it end: `idle` shows that.
if (process.argv[2] !== 'idle') setInterval(() => child.debug('tick'), 20);
// As daemons do.
if (process.argv[2] === 'moves') process.chdir('/');
console.log('ready');
