/** LogTape with its OTel sink, given the global provider as its documentation asks. */
import { configure, getConsoleSink, getLogger } from '@logtape/logtape';
import { getOpenTelemetrySink } from '@logtape/otel';
import { logs } from '@opentelemetry/api';
import { inSpan } from './tracing.ts';
import { CARD, failure, valuesWithout } from './values.ts';

type OtelSinkOptions = NonNullable<Parameters<typeof getOpenTelemetrySink>[0]>;
// The sink declares the provider by the SDK that it brings along; it asks it for a logger and nothing else.
const loggerProvider = logs.getLoggerProvider() as NonNullable<OtelSinkOptions['loggerProvider']>;

await configure({
  sinks: { otel: getOpenTelemetrySink({ loggerProvider }), console: getConsoleSink() },
  loggers: [
    { category: 'shop', lowestLevel: 'trace', sinks: ['otel', 'console'] },
    { category: ['logtape', 'meta'], lowestLevel: 'warning', sinks: ['console'] },
  ],
});
const logger = getLogger(['shop', 'cart']);
// The sink itself fails on these, and LogTape says so in its own log.
const handed = valuesWithout('throwing', 'invalidDate');

inSpan(() => {
  logger.info('every value', handed);
  logger.info(`paid with ${CARD}`);
  logger.info('paid {amount} with {card}', { amount: 12, card: CARD });
  logger.error('failed', { failure: failure() });
  for (const level of ['trace', 'debug', 'warning', 'fatal'] as const) logger[level](`at ${level}`);
});
