/** pino, loaded as CommonJS after the instrumentation that hooks `require`. */
import { createRequire } from 'node:module';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import type pinoModule from 'pino';
import { inSpan } from './tracing.ts';
import { CARD, failure, valuesWithout } from './values.ts';

if (!process.argv.includes('--bare')) registerInstrumentations({ instrumentations: [new PinoInstrumentation()] });
const pino = createRequire(import.meta.url)('pino') as typeof pinoModule;

const logger = pino({ level: 'trace', base: { app: 'shop' }, customLevels: { notice: 35, audit: 70 } });
// A bigint or a throwing getter anywhere costs pino the whole line's fields, with or without any bridge.
const handed = valuesWithout('big', 'huge', 'nested', 'throwing');

inSpan(() => {
  logger.info(handed, 'every value');
  logger.info(`paid with ${CARD}`);
  logger.error(failure(), 'failed');
  logger.trace('at trace');
  logger.notice('at notice');
  logger.audit('at audit');
  logger.child({ component: 'cart' }).warn({ n: 1 }, 'from a child');
});
