/** Emits through a Logs API directly, as bridges do: `otel-api.ts api` or `otel-api.ts api-logs`. */
import { context, logs as currentLogs, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { logs as olderLogs } from '@opentelemetry/api-logs';
import type { OtelRecord } from '../../../src/bridges/otel-record.ts';
import { inSpan } from './tracing.ts';
import { CARD, failure, values } from './values.ts';

const [which = 'api'] = process.argv.slice(2);
interface EmittingLogger {
  emit(record: OtelRecord): void;
}
const logs = (which === 'api' ? currentLogs : olderLogs) as {
  getLogger(name: string, version?: string, options?: object): EmittingLogger;
};

const logger = logs.getLogger('plain', '1.2.3', { schemaUrl: 'https://example.com/1', attributes: { team: 'pay' } });

const other = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: '0123456789abcdef',
  traceFlags: 0,
});

inSpan(() => {
  logger.emit({ body: 'every value', severityNumber: 9, attributes: values() });
  logger.emit({ body: { message: 'object', at: new Date(0), paid: CARD, list: [1n, new Map([['k', NaN]])] } });
  logger.emit({ body: ['a', 1, 2.5, null] });
  logger.emit({ body: 'bytes', attributes: { raw: Buffer.from([0, 1]) } });
  logger.emit({ body: 'other context', context: other });
  logger.emit({ body: 'no trace', context: ROOT_CONTEXT });
  logger.emit({ body: 'failed', severityNumber: 17, exception: failure() });
  logger.emit({ body: 'event', eventName: 'order.placed', attributes: { n: 1 } });

  logger.emit({ body: 'hrtime', timestamp: [1_700_000_000, 123_456_789], observedTimestamp: [1, 0] });
  logger.emit({ body: 'date', timestamp: new Date(1_700_000_000_123) });
  logger.emit({ body: 'epoch ms', timestamp: 1_600_000_000_456 });
  logger.emit({ body: 'process ms', timestamp: performance.now() });
  logger.emit({ body: 'bad time', timestamp: [NaN, 5] });
});
context.with(ROOT_CONTEXT, () => logger.emit({ body: 'outside' }));
