/** An application with NodeSDK and metrics: `metrics.ts <way>`. Prints what the last collection gave. */
import assert from 'node:assert/strict';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { logs, SeverityNumber } from '@opentelemetry/api';
import { otlp } from '../../../src/destinations.ts';
import { getLogger, pii, register } from '../../../src/index.ts';
import { spanlogProcessor } from '../../../src/processors.ts';
import { reportAtExit, running } from './report-ledger.ts';

const [way = '', endpoint = ''] = process.argv.slice(2);

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
/** Collects all the time while records flow, and once more at the end. */
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 20, exportTimeoutMillis: 20 });

async function printLast(): Promise<void> {
  exporter.reset();
  await reader.forceFlush();
  const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  const points = scopes
    .filter(({ scope }) => scope.name === 'spanlog')
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor: { name }, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ name, attributes, value })),
    );
  console.log(JSON.stringify(points));
}

const ways: Record<string, () => Promise<void>> = {
  /** As with `node --import spanlog/register`: the SDK comes when logging has long begun. */
  async preloaded() {
    const log = getLogger('app');
    for (let i = 0; i < 10; i++) log.info('before', { i });
    const sdk = new NodeSDK({ metricReaders: [reader], instrumentations: [], logRecordProcessors: [] });
    sdk.start();
    for (let i = 0; i < 100; i++) log.info(i % 4 === 0 ? 'sampled' : 'kept', { i });
    await running().flush();
    await printLast();
    reportAtExit(running());
    await sdk.shutdown();
  },
  /** The first explicit `register` gives the same name to another place. */
  async reconfigured() {
    const log = getLogger('app');
    const sdk = new NodeSDK({ metricReaders: [reader], instrumentations: [], logRecordProcessors: [] });
    sdk.start();
    for (let i = 0; i < 10; i++) log.info('before', { i, password: 'hunter2' });
    await running().flush();
    for (let i = 0; i < 10; i++) log.info('on its way', { i, note: 'a@b.io, c@d.io' });
    const logging = register({ destinations: [otlp({ endpoint }), otlp({ name: 'second', endpoint })] });
    for (let i = 0; i < 10; i++) log.info('after', { i, mail: pii('a@b.io'), password: `hunter${i}` });
    await logging.flush();
    assert.deepEqual(logging.redactions(), { password: 20, email: 20, pii: 10 });
    await printLast();
    reportAtExit(logging);
    await sdk.shutdown();
  },
  async processor() {
    const processor = spanlogProcessor();
    const sdk = new NodeSDK({ metricReaders: [reader], instrumentations: [], logRecordProcessors: [processor] });
    sdk.start();
    const logger = logs.getLogger('bridge');
    for (let i = 0; i < 50; i++) {
      logger.emit({ severityNumber: SeverityNumber.INFO, body: `record ${i} token=abcdef${i}` });
    }
    await processor.forceFlush();
    assert.deepEqual(processor.redactions(), { token: 50 });
    await printLast();
    reportAtExit(processor);
    await sdk.shutdown();
  },
};

await ways[way]?.();
