import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { SettingError } from '../../src/core/errors.ts';
import { dedupeProcessor, rateLimitProcessor, redactionProcessor, samplingProcessor } from '../../src/processors.ts';

function behind(stage: (next: LogRecordProcessor) => LogRecordProcessor) {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [stage(new SimpleLogRecordProcessor({ exporter }))] });
  return { provider, logger: provider.getLogger('shop'), records: () => exporter.getFinishedLogRecords() };
}

describe('rateLimitProcessor', () => {
  test('R5.3 holds back what is too much, and tells of it at a flush and at shutdown', async () => {
    const { provider, logger, records } = behind((next) => rateLimitProcessor({ rate: '2/h', next }));
    for (let i = 0; i < 5; i++) logger.emit({ eventName: 'cache_miss', severityNumber: SeverityNumber.ERROR });
    for (let i = 0; i < 3; i++) logger.emit({ eventName: 'cache_miss', severityNumber: SeverityNumber.FATAL });
    assert.equal(records().length, 5);
    await provider.forceFlush();
    const { resource, instrumentationScope, ...summary } = records()[5] ?? assert.fail('no summary');
    assert.equal(summary.eventName, 'spanlog.records_limited');
    assert.equal(summary.severityNumber, SeverityNumber.ERROR);
    assert.equal(instrumentationScope.name, 'spanlog');
    assert.equal(resource, records()[0]?.resource);
    const { event, logger: name, count, limit } = summary.attributes;
    assert.deepEqual({ event, name, count, limit }, { event: 'cache_miss', name: 'shop', count: 3, limit: '2/h' });
    logger.emit({ eventName: 'cache_miss' });
    const seen = records();
    await provider.shutdown();
    assert.equal(seen.length, 7);
  });

  test('R5.3 the summary passes a stage behind it that changes records', async () => {
    const { provider, logger, records } = behind((next) =>
      rateLimitProcessor({ rate: '1/h', next: redactionProcessor({ keys: ['event'], next }) }),
    );
    for (let i = 0; i < 3; i++) logger.emit({ eventName: 'cache_miss' });
    await provider.forceFlush();
    assert.equal(records()[1]?.attributes.event, '[REDACTED:key]');
  });

  test('R10.3 a limit that can’t be read is refused', () => {
    const next = redactionProcessor();
    assert.throws(() => rateLimitProcessor({ rate: 'fast' as '1/s', next }), SettingError);
    assert.throws(() => dedupeProcessor({ windowMs: -1, next }), SettingError);
  });
});

describe('dedupeProcessor', () => {
  test('R5.1 R5.4 the bits that sampling draws make no difference', async () => {
    const { provider, logger, records } = behind((next) =>
      samplingProcessor({ rate: 0.9, next: dedupeProcessor({ next }) }),
    );
    for (let i = 0; i < 100; i++) logger.emit({ eventName: 'cache_miss' });
    await provider.forceFlush();
    assert.equal(records().length, 2);
  });

  test('R5.4 repeats become one record with their count, at a flush and at shutdown', async () => {
    const { provider, logger, records } = behind((next) => dedupeProcessor({ ignore: ['attempt'], next }));
    for (let i = 0; i < 4; i++) logger.emit({ body: 'retry', attributes: { attempt: i, host: 'a', duration_ms: i } });
    logger.emit({ body: 'retry', attributes: { attempt: 1, host: 'b' } });
    assert.equal(records().length, 2);
    await provider.forceFlush();
    const summary = records()[2] ?? assert.fail('no summary');
    assert.equal(summary.body, 'retry');
    const { log_count, attempt, host, 'spanlog.summary': kind } = summary.attributes;
    assert.deepEqual({ log_count, attempt, host, kind }, { log_count: 3, attempt: 3, host: 'a', kind: 'repeats' });
    assert.equal(records()[0]?.attributes.log_count, undefined);
    for (let i = 0; i < 2; i++) logger.emit({ body: 'late', severityNumber: SeverityNumber.FATAL });
    assert.equal(records().length, 5);
    await provider.shutdown();
  });
});
