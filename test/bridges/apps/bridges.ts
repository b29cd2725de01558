/** Every library behind spanlog's own bridges, in one process. `--bare` leaves the bridges out. */
import createDebug from 'debug';
import pino from 'pino';
import winston from 'winston';
import {
  bridgeConsole,
  bridgeDebug,
  bridgePino,
  bridgeWarnings,
  pinoStream,
  winstonTransport,
} from '../../../src/bridges.ts';
import { inSpan } from './tracing.ts';
import { CARD, failure, PASSWORD, TOKEN } from './values.ts';

const bridged = !process.argv.includes('--bare');
createDebug.enable('shop:*');

const stdout = pino.destination({ dest: 1, sync: true });
const byStream = pino({ name: 'stream' }, bridged ? pinoStream({ destination: stdout }) : stdout);
const byChannel = pino({ name: 'channel' }, stdout);
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
const logger = winston.createLogger({ transports: [new winston.transports.Console()] });
if (bridged) {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as above
  logger.add(winstonTransport());
}
const debug = createDebug('shop:cart');

inSpan(() => {
  if (bridged) {
    bridgeConsole();
    bridgeDebug(createDebug);
    bridgePino();
    bridgeWarnings();
  }
  const fields = { order_id: 7, password: PASSWORD, headers: { authorization: `Bearer ${TOKEN}` } };
  const calls = [
    (message: string) => console.info(message, fields),
    (message: string) => byStream.info(fields, message),
    (message: string) => byChannel.info(fields, message),
    (message: string) => logger.info(message, fields),
    (message: string) => debug(`${message} %o`, fields),
  ];
  for (const call of calls) {
    call('order_placed');
    call(`paid with ${CARD}`);
    call('the same text');
  }
  console.error('failed', failure());
  byStream.error(failure(), 'failed');
  byChannel.error(failure(), 'failed');
  logger.error('failed', failure());
  debug('failed', failure());
  // Node emits it a tick later, in the same context.
  process.emitWarning('careful', { code: 'W_CAREFUL' });
});
