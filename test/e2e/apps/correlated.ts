/** Logs inside and outside of spans, through our loggers and through both Logs APIs; prints what the test compares. */
import { setTimeout as delay } from 'node:timers/promises';
import { context, logs, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { logs as olderLogs } from '@opentelemetry/api-logs';
import { getLogger, withContext } from '../../../src/index.ts';

const log = getLogger('checkout.payments');

log.info('started');
await trace.getTracer('app').startActiveSpan('pay', async (span) => {
  console.log(JSON.stringify({ span: span.spanContext(), recording: span.isRecording(), pid: process.pid }));
  log.error(
    'payment_failed',
    {
      order_id: 'o-1',
      attempts: 3,
      amount: 129.95,
      retried: true,
      big: 9_007_199_254_740_993n,
      raw: Uint8Array.of(0, 255),
      card: { brand: 'visa', number: '4111 1111 1111 1111' },
      tags: ['a', 1],
      nothing: null,
    },
    new TypeError('the gateway timed out'),
  );
  await delay(1);
  withContext({ request_id: 'req-42' }, () => log.child({ cart: 7 }).warn('after an await, in words'));
  logs.getLogger('bridge.current', '1.0').emit({ severityNumber: SeverityNumber.INFO, body: 'through api' });
  olderLogs.getLogger('bridge.older', '2.0').emit({ severityText: 'notice', body: 'through api-logs' });
  span.end();
});
const remote = {
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: '0123456789abcdef',
  traceFlags: 0,
  isRemote: true,
};
context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => log.info('unsampled'));
