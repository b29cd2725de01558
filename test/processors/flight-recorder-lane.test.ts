import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider } from '@opentelemetry/sdk-logs';
import { sdkExporter } from '../../src/destinations.ts';
import { spanlogProcessor } from '../../src/processors.ts';

/** The enum of the SDK's own copy of the API is a type of its own. */
const [DEBUG, ERROR] = [5 as never, 17 as never];

test('R5.5 spanlogProcessor holds by trace what is below the level of a prefix, and an ERROR lets it out', async () => {
  const exporter = new InMemoryLogRecordExporter();
  const processor = spanlogProcessor({
    flightRecorder: true,
    levels: { shop: 'info' },
    destinations: [sdkExporter(exporter)],
  });
  const logger = new LoggerProvider({ processors: [processor] }).getLogger('shop');
  const inTrace = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
  });
  logger.emit({ eventName: 'outside', severityNumber: DEBUG, context: context.active() });
  logger.emit({ eventName: 'held', severityNumber: DEBUG, context: inTrace });
  assert.equal(processor.ledger().pending, 1);
  logger.emit({ eventName: 'failed', severityNumber: ERROR, context: inTrace });
  logger.emit({ eventName: 'passes', severityNumber: DEBUG, context: inTrace });
  await processor.forceFlush();
  assert.deepEqual(
    exporter.getFinishedLogRecords().map(({ eventName }) => eventName),
    ['held', 'failed', 'passes'],
  );
  assert.equal(processor.ledger().balanced, true);
  await processor.shutdown();
});
