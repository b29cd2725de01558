/** The call sites: an application as it was before it heard of spanlog, which it doesn't import. */
import createDebug from 'debug';
import pino from 'pino';
import winston from 'winston';
import { CARD, PASSWORD, TOKEN } from '../../../bridges/apps/values.ts';

const pinoLog = pino({ name: 'shop' }, pino.destination({ dest: 1, sync: true }));
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
const winstonLog = winston.createLogger({ transports: [new winston.transports.Console()] });
const debug = createDebug('shop:cart');
createDebug.enable('shop:*');

/** For whoever wires the libraries: winston has no place where its loggers can be found. */
export { createDebug, winstonLog };

const fields = { order_id: 7, password: PASSWORD, headers: { authorization: `Bearer ${TOKEN}` } };

/** A new one at each call: the same error again would point to its first record. */
function failure(): Error {
  return new RangeError(`card ${CARD} was refused`, { cause: new Error(`Authorization: Bearer ${TOKEN}`) });
}

/** Three records of each library. */
export function sell(): void {
  pinoLog.info(fields, 'order_placed');
  pinoLog.child({ component: 'cart', password: PASSWORD }).warn(`paid with ${CARD}`);
  pinoLog.error(failure(), 'it failed');

  winstonLog.info('order_placed', fields);
  winstonLog.child({ component: 'cart', password: PASSWORD }).warn(`paid with ${CARD}`);
  winstonLog.error('it failed', failure());

  debug('order_placed %o', fields);
  debug(`paid with ${CARD}`);
  debug('it failed', failure());

  console.info('order_placed', fields);
  console.warn(`paid with ${CARD}`);
  console.error('it failed', failure());
}
