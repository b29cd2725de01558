/** winston with OpenTelemetry's own transport, beside the console transport that the application had before. */
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport';
import winston from 'winston';
import { inSpan } from './tracing.ts';
import { CARD, failure, valuesWithout } from './values.ts';

const transports = [new winston.transports.Console({ level: 'info' }), new OpenTelemetryTransportV3()];
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the transport's types name another class
const logger = winston.createLogger({ level: 'silly', format: winston.format.simple(), transports });
const custom = winston.createLogger({
  levels: { emerg: 0, audit: 1, notice: 2, verbose: 3 },
  level: 'verbose',
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the transport's types name another class
  transports: [new OpenTelemetryTransportV3()],
});

// winston's own formats call throwing getters, which ends the process with or without any bridge; see `otel-api.ts`.
const handed = valuesWithout('throwing');

inSpan(() => {
  logger.info('every value', handed);
  logger.info(`paid with ${CARD}`);
  logger.error('failed', { error: failure() });
  logger.error('plain error', failure());
  logger.info('created', { name: 'bob', code: 7 });
  logger.info('odd error', { error: { code: 5, detail: { retry: true } } });
  for (const level of ['silly', 'debug', 'verbose', 'http', 'warn']) logger.log(level, `npm ${level}`);
  for (const level of ['emerg', 'audit', 'notice']) custom.log(level, `custom ${level}`);
});
