import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { context, logs, SeverityNumber, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  BatchLogRecordProcessor,
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { createSampler } from '../../src/pipeline/sample.ts';
import { Scan } from '../../src/pipeline/redact/scan.ts';
import { redactionProcessor, samplingProcessor } from '../../src/processors.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import { Dice } from '../support/redaction/dice.ts';
import { leaks } from '../support/redaction/measure.ts';

type Emitted = Parameters<ReturnType<LoggerProvider['getLogger']>['emit']>[0];

/** What one record becomes behind the processors. */
async function through(processors: (next: LogRecordProcessor) => LogRecordProcessor[], record: Emitted) {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: processors(new SimpleLogRecordProcessor({ exporter })) });
  provider.getLogger('test').emit(record);
  await provider.forceFlush();
  return exporter.getFinishedLogRecords();
}

function traced(traceId: string) {
  return trace.setSpanContext(context.active(), { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 });
}

function textOf(records: readonly ReadableLogRecord[]): string {
  return JSON.stringify(records.map(({ body, attributes, eventName }) => ({ body, attributes, eventName })));
}

describe('redactionProcessor', () => {
  const record: Emitted = {
    eventName: 'mail to bob@example.com',
    body: 'login with password=hunter2',
    attributes: {
      password: 'hunter2',
      note: 'card 4111111111111111',
      'alice@example.com': 1,
      user: { token: 'abc', name: 'bob' },
      amount: 12.5,
    },
    exception: new Error('no access for https://app:hunter2@db/'),
  };
  const expected = {
    password: '[REDACTED:password]',
    note: 'card [REDACTED:card]',
    '[REDACTED:email]': 1,
    user: { token: '[REDACTED:token]', name: 'bob' },
    amount: 12.5,
    'exception.type': 'Error',
    'exception.message': 'no access for https://app:[REDACTED:url_credentials]@db/',
  };

  for (const [as, place] of [
    ['a sibling before the others', (next: LogRecordProcessor) => [redactionProcessor(), next]],
    ['a wrapper around the next one', (next: LogRecordProcessor) => [redactionProcessor({ next })]],
  ] as const) {
    test(`R4.2 as ${as}, it redacts body, attributes, keys, event name and exception`, async () => {
      const [shown] = await through(place, record);
      assert.equal(shown?.body, 'login with password=[REDACTED:password]');
      assert.equal(shown.eventName, 'mail to [REDACTED:email]');
      const { 'exception.stacktrace': stack, ...attributes } = shown.attributes;
      assert.deepEqual({ ...attributes }, expected);
      assert.match(String(stack), /\[REDACTED:url_credentials\]@db\/\n\s+at /);
      assert.ok(!textOf([shown]).includes('hunter2'));
    });
  }

  test('R2.4 what exporters can not carry comes out as data', async () => {
    const body = {
      error: new TypeError('broken'),
      at: new Date(0),
      map: new Map([['a', 1n]]),
      huge: 2n ** 70n,
      nan: Number.NaN,
      circular: {} as Record<string, unknown>,
    };
    body.circular.self = body.circular;
    const [shown] = await through((next) => [redactionProcessor(), next], { body });
    const { error, ...rest } = shown?.body as { error: { type: string; message: string } };
    assert.equal(error.type, 'TypeError');
    assert.deepEqual(rest, {
      at: '1970-01-01T00:00:00.000Z',
      map: { a: 1 },
      huge: String(2n ** 70n),
      nan: 'NaN',
      circular: { self: '[Circular]' },
    });
  });

  test('R4.2 the objects of the application stay as they are', async () => {
    const user = { token: 'abc', tags: ['a@b.io'] };
    await through((next) => [redactionProcessor(), next], { body: { user }, attributes: { user } });
    assert.deepEqual(user, { token: 'abc', tags: ['a@b.io'] });
  });

  test('R4.4 a fault hides the text it happens in, and the record still arrives', async (t) => {
    t.mock.method(Scan.prototype, 'hide', () => {
      throw new Error('a fault in a rule');
    });
    const [shown] = await through((next) => [redactionProcessor(), next], {
      body: 'a@b.io',
      attributes: { n: 1, s: 'a@b.io' },
    });
    assert.equal(shown?.body, '[REDACTED:error]');
    assert.deepEqual({ ...shown.attributes }, { n: 1, s: '[REDACTED:error]' });
  });

  test('R2.7 redacting does not count an attribute twice against the limit', () => {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({
      logRecordLimits: { attributeCountLimit: 2 },
      processors: [redactionProcessor(), new SimpleLogRecordProcessor({ exporter })],
    });
    provider.getLogger('test').emit({ attributes: { 'a@b.io': 1, token: 'x', late: 1 } });
    const [shown] = exporter.getFinishedLogRecords();
    assert.deepEqual({ ...shown?.attributes }, { token: '[REDACTED:token]', '[REDACTED:email]': 1 });
    assert.equal(shown?.droppedAttributesCount, 1);
  });
});

describe('samplingProcessor', () => {
  test('R5.1 keeps what the sampler keeps, with its threshold, and every error', async () => {
    const dice = new Dice(3);
    const sampler = createSampler({ rate: 0.25 });
    for (let i = 0; i < 200; i++) {
      const traceId = dice.text('0123456789abcdef', 32);
      const place = (next: LogRecordProcessor) => [samplingProcessor({ rate: 0.25, next })];
      const [info] = await through(place, { severityNumber: SeverityNumber.INFO, context: traced(traceId) });
      const { keep } = sampler.decide('test', 9, '', { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 });
      assert.equal(info !== undefined, keep);
      if (info !== undefined) assert.deepEqual({ ...info.attributes }, { 'sampling.threshold': 'c' });
      const [error] = await through(place, { severityNumber: SeverityNumber.ERROR, context: traced(traceId) });
      assert.deepEqual({ ...error?.attributes }, {});
    }
  });

  test('R5.1 rates by logger, level and event reach it', async () => {
    const options = { rate: 0, loggers: { test: 1 }, events: { noisy: 0 }, levels: { debug: 0 } };
    const place = (next: LogRecordProcessor) => [samplingProcessor({ ...options, next })];
    assert.equal((await through(place, { severityNumber: SeverityNumber.INFO })).length, 1);
    assert.equal((await through(place, { severityNumber: SeverityNumber.INFO, eventName: 'noisy' })).length, 0);
    assert.equal((await through(place, { severityNumber: SeverityNumber.FATAL, eventName: 'noisy' })).length, 1);
  });

  test('R5.1 flush, shutdown and enabled are those of what it wraps', async () => {
    const calls: string[] = [];
    const next: LogRecordProcessor = {
      onEmit: () => calls.push('emit'),
      forceFlush: () => Promise.resolve(void calls.push('flush')),
      shutdown: () => Promise.resolve(void calls.push('shutdown')),
      enabled: () => calls.push('enabled') > 0,
    };
    for (const processor of [samplingProcessor({ next }), redactionProcessor({ next })]) {
      const provider = new LoggerProvider({ processors: [processor] });
      assert.equal(provider.getLogger('a').enabled({ severityNumber: SeverityNumber.INFO }), true);
      await provider.forceFlush();
      await provider.shutdown();
    }
    assert.deepEqual(calls, ['enabled', 'flush', 'shutdown', 'enabled', 'flush', 'shutdown']);
  });

  test('R1.6 as a sibling, redaction wants no record that nobody else wants', () => {
    const off: LogRecordProcessor = { ...redactionProcessor(), enabled: () => false };
    const provider = new LoggerProvider({ processors: [redactionProcessor(), off] });
    assert.equal(provider.getLogger('a').enabled({ severityNumber: SeverityNumber.INFO }), false);
    const on = new LoggerProvider({
      processors: [redactionProcessor(), new SimpleLogRecordProcessor({ exporter: new InMemoryLogRecordExporter() })],
    });
    assert.equal(on.getLogger('a').enabled({ severityNumber: SeverityNumber.INFO }), true);
  });
});

/** Emits every leak once as body, attribute and exception, and 1,000 more records to sample, each in its own trace. */
function emitAll(emit: (record: Emitted) => void): { traceIds: string[]; secrets: string[] } {
  const dice = new Dice(11);
  const found = leaks(11, 5);
  for (const { secret, text } of found) {
    const severityNumber = SeverityNumber.ERROR;
    emit({ severityNumber, body: text, attributes: { note: text, password: secret }, exception: new Error(text) });
  }
  const traceIds = Array.from({ length: 1_000 }, () => dice.text('0123456789abcdef', 32));
  for (const traceId of traceIds) {
    emit({ severityNumber: SeverityNumber.INFO, body: 'sampled', context: traced(traceId) });
  }
  return { traceIds, secrets: found.map(({ secret }) => secret) };
}

describe('in a plain OpenTelemetry SDK, to the real Collector', () => {
  const stages = (url: string): LogRecordProcessor[] => {
    const exporter = new OTLPLogExporter({ url });
    const next = new BatchLogRecordProcessor({ exporter, maxQueueSize: 10_000 });
    return [redactionProcessor(), samplingProcessor({ rate: 0.2, next })];
  };

  for (const lane of ['LoggerProvider', 'NodeSDK'] as const) {
    test(`R4.2 R5.1 with ${lane} no secret arrives, and of each trace what the Collector would keep`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await using collector = await startCollector({ binary });
      const processors = stages(`${collector.otlpHttp}/v1/logs`);
      const provider = lane === 'LoggerProvider' ? new LoggerProvider({ processors }) : undefined;
      const sdk =
        lane === 'NodeSDK' ? new NodeSDK({ logRecordProcessors: processors, instrumentations: [] }) : undefined;
      sdk?.start();
      t.after(() => logs.disable());
      const logger = (provider ?? logs).getLogger('checkout');
      const { traceIds, secrets } = emitAll((record) => logger.emit(record));
      await (provider ?? sdk)?.shutdown();

      const sampler = createSampler({ rate: 0.2 });
      const kept = traceIds.filter(
        (traceId) => sampler.decide('checkout', 9, '', { traceId, spanId: '', traceFlags: 1 }).keep,
      );
      const arrived = await collector.waitForRecords(secrets.length + kept.length);
      const sampled = arrived.filter(({ body }) => body === 'sampled');
      assert.deepEqual(sampled.map((record) => record.traceId).sort(), [...kept].sort());
      assert.ok(sampled.every(({ attributes }) => attributes['sampling.threshold'] === 'cccd'));
      assert.equal(arrived.length, secrets.length + kept.length, 'every error is kept');

      const text = JSON.stringify(arrived, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      assert.deepEqual(
        secrets.filter((secret) => text.includes(JSON.stringify(secret).slice(1, -1))),
        [],
      );
    });
  }

  test('R4.2 R5.1 the sdk-logs of SDK 2.x takes the same processors', () => {
    // The copy that @logtape/otel brings along.
    const older = createRequire(createRequire(import.meta.url).resolve('@logtape/otel'))('@opentelemetry/sdk-logs') as {
      LoggerProvider: new (options: { processors: unknown[] }) => LoggerProvider;
      InMemoryLogRecordExporter: typeof InMemoryLogRecordExporter;
      SimpleLogRecordProcessor: new (exporter: unknown) => LogRecordProcessor;
    };
    const exporter = new older.InMemoryLogRecordExporter();
    const next = new older.SimpleLogRecordProcessor(exporter);
    const processors = [redactionProcessor(), samplingProcessor({ events: { noisy: 0 }, next })];
    const logger = new older.LoggerProvider({ processors }).getLogger('test');
    const attributes = { password: 'hunter2', at: { when: new Date(0) } as unknown as Record<string, string> };
    logger.emit({ eventName: 'paid', body: 'token=abcdef12', attributes, severityNumber: SeverityNumber.INFO });
    logger.emit({ eventName: 'noisy', severityNumber: SeverityNumber.INFO });
    const records = exporter.getFinishedLogRecords();
    assert.equal(records.length, 1);
    assert.equal(records[0]?.body, 'token=[REDACTED:token]');
    assert.deepEqual(
      { ...records[0].attributes },
      { password: '[REDACTED:password]', at: { when: '1970-01-01T00:00:00.000Z' } },
    );
  });
});
