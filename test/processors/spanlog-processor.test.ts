import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { context, logs, SeverityNumber, trace } from '@opentelemetry/api';
import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { SettingError } from '../../src/core/errors.ts';
import { otlp } from '../../src/destinations.ts';
import { spanlogProcessor } from '../../src/processors.ts';
import type { SpanlogProcessor } from '../../src/processors.ts';
import { startReceiving, unusedUrl } from '../process/receiving.ts';
import { runChild } from '../support/child-process.ts';
import { requireCollector, startCollector } from '../support/collector.ts';

type SdkRecord = Parameters<SpanlogProcessor['onEmit']>[0];

const SPAN = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', traceFlags: 1 };
const OTHER_SPAN = { ...SPAN, spanId: '00f067aa0ba902b7' };

function to(url: string, options: Parameters<typeof spanlogProcessor>[0] = {}): SpanlogProcessor {
  return spanlogProcessor({
    service: { name: 'ours', version: '9.9.9' },
    destinations: [otlp({ endpoint: url })],
    ...options,
  });
}

/** What became of the records, once it adds up. */
function outcome(processor: SpanlogProcessor) {
  const { balanced, emitted, delivered, dropped, pending } = processor.ledger();
  assert.equal(balanced, true);
  return { emitted, delivered, dropped, pending };
}

describe('spanlogProcessor to the real Collector', () => {
  for (const lane of ['LoggerProvider', 'NodeSDK'] as const) {
    test(`R3.7 R8.1 with ${lane} each record arrives once and whole, redacted, under the resource of the provider`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await using collector = await startCollector({ binary });
      const processor = to(collector.otlpHttp);
      const resource = resourceFromAttributes({
        'service.name': 'theirs',
        'service.instance.id': 'their-instance',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.version': '3.1.1',
        'db.dsn': 'postgres://app:hunter2@db/orders',
      });
      const provider =
        lane === 'LoggerProvider' ? new LoggerProvider({ resource, processors: [processor] }) : undefined;
      const sdk =
        lane === 'NodeSDK'
          ? new NodeSDK({
              resource,
              autoDetectResources: false,
              logRecordProcessors: [processor],
              instrumentations: [],
            })
          : undefined;
      sdk?.start();
      t.after(() => logs.disable());

      const logger = (provider ?? logs).getLogger('checkout', '1.2.3', {
        schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
        attributes: { team: 'payments' },
      });
      // The span that is active where the record is made is not the one that the record says.
      context.with(trace.setSpan(context.active(), trace.wrapSpanContext(OTHER_SPAN)), () => {
        logger.emit({
          timestamp: [1_700_000_000, 123_456_789],
          severityNumber: SeverityNumber.WARN2,
          severityText: 'WARNING',
          eventName: 'payment.declined',
          body: { text: 'card 4111111111111111', tries: 3 },
          attributes: { amount: 12.5, password: 'hunter2', tags: ['a', 'b'] },
          exception: new RangeError('no access for https://app:hunter2@db/'),
          context: trace.setSpanContext(context.active(), SPAN),
        });
      });
      (provider ?? logs).getLogger('plain').emit({ body: 'plain' });
      await (provider ?? sdk)?.shutdown();

      assert.deepEqual(outcome(processor), { emitted: 2, delivered: 2, dropped: {}, pending: 0 });
      const records = await collector.waitForRecords(2);
      assert.equal(records.length, 2);
      const full = records.find(({ scope }) => scope.name === 'checkout');
      const plain = records.find(({ scope }) => scope.name === 'plain');
      assert.deepEqual(full?.scope, { name: 'checkout', version: '1.2.3', attributes: { team: 'payments' } });
      assert.match(
        await readFile(collector.outFile, 'utf8'),
        /"schemaUrl":"https:\/\/opentelemetry.io\/schemas\/1.44.0"/,
      );
      assert.equal(full.timeUnixNano, 1_700_000_000_123_456_789n);
      assert.equal(full.severityNumber, SeverityNumber.WARN2);
      assert.equal(full.severityText, 'WARNING');
      assert.equal(full.eventName, 'payment.declined');
      assert.deepEqual(full.body, { text: 'card [REDACTED:card]', tries: 3 });
      const { 'exception.stacktrace': stack, ...attributes } = full.attributes;
      assert.deepEqual(attributes, {
        amount: 12.5,
        password: '[REDACTED:password]',
        tags: ['a', 'b'],
        'exception.type': 'RangeError',
        'exception.message': 'no access for https://app:[REDACTED:url_credentials]@db/',
      });
      assert.match(stack as string, /\[REDACTED:url_credentials\]@db\/\n\s+at /);
      assert.deepEqual([full.traceId, full.spanId, full.flags], [SPAN.traceId, SPAN.spanId, 1]);
      assert.deepEqual([plain?.traceId, plain?.spanId, plain?.severityNumber], ['', '', 0]);
      assert.ok((plain?.timeUnixNano ?? 0n) > 1_700_000_000_000_000_000n);

      // What both know is theirs; what only we know is there.
      assert.equal(full.resource['service.name'], 'theirs');
      assert.equal(full.resource['service.instance.id'], 'their-instance');
      assert.equal(full.resource['telemetry.sdk.name'], 'opentelemetry');
      assert.equal(full.resource['telemetry.sdk.version'], '3.1.1');
      assert.equal(full.resource['telemetry.distro.name'], 'spanlog');
      assert.equal(full.resource['service.version'], '9.9.9');
      assert.equal(full.resource['process.pid'], process.pid);
      assert.equal(full.resource['db.dsn'], 'postgres://app:[REDACTED:url_credentials]@db/orders');
    });
  }

  test('R3.7 the resource that NodeSDK detects arrives as it is', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using collector = await startCollector({ binary });
    const seen: Record<string, unknown> = {};
    const sdk = new NodeSDK({
      serviceName: 'detected',
      instrumentations: [],
      logRecordProcessors: [
        {
          onEmit: ({ resource }) => void Object.assign(seen, resource.attributes),
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
        to(collector.otlpHttp),
      ],
    });
    sdk.start();
    t.after(() => logs.disable());
    logs.getLogger('app').emit({ body: 'hello' });
    await sdk.shutdown();
    const [record] = await collector.waitForRecords(1);
    assert.equal(seen['service.name'], 'detected');
    for (const [key, value] of Object.entries(seen)) assert.deepEqual(record?.resource[key], value, key);
  });
});

describe('spanlogProcessor and a resource that resolves later', () => {
  for (const protocol of ['http/protobuf', 'http/json'] as const) {
    test(`R3.7 by ${protocol} the first records are sent with attributes that resolve after them`, async (t) => {
      const receiving = await startReceiving(t);
      const processor = spanlogProcessor({ destinations: [otlp({ endpoint: receiving.url, protocol })] });
      const id = Promise.withResolvers<string>();
      const resource = resourceFromAttributes({ 'service.name': 'theirs', 'service.instance.id': id.promise });
      const logger = new LoggerProvider({ resource, processors: [processor] }).getLogger('app');
      logger.emit({ body: 'early' });
      const flushed = processor.forceFlush();
      id.resolve('their-instance');
      await flushed;
      logger.emit({ body: 'late' });
      await processor.shutdown();
      assert.deepEqual(receiving.events(), ['early', 'late']);
      for (const record of receiving.records()) {
        assert.equal(record.service, 'theirs');
        assert.equal(record.resource['service.instance.id'], 'their-instance');
      }
    });
  }

  test('R8.1 attributes that never resolve, or fail, hold no flush up for long', async (t) => {
    const receiving = await startReceiving(t);
    for (const pending of [
      () => new Promise<string>(() => undefined),
      () => Promise.reject<string>(new Error('no such host')),
    ]) {
      const processor = to(receiving.url);
      const resource = resourceFromAttributes({ 'service.name': 'theirs', 'host.id': pending() });
      new LoggerProvider({ resource, processors: [processor] }).getLogger('app').emit({ body: 'hello' });
      // Holds the process, as a server would: the wait itself doesn't.
      const server = setInterval(() => undefined, 1_000);
      await processor.shutdown();
      clearInterval(server);
    }
    assert.deepEqual(
      receiving.records().map(({ service }) => service),
      ['theirs', 'theirs'],
    );
  });
});

describe('spanlogProcessor, its life', () => {
  test('R8.1 forceFlush resolves when all is delivered, at its deadline otherwise, and before any record', async (t) => {
    const receiving = await startReceiving(t);
    const processor = to(receiving.url);
    const provider = new LoggerProvider({ processors: [processor] });
    await provider.forceFlush();
    for (let i = 0; i < 100; i++) provider.getLogger('app').emit({ body: `record ${i}` });
    await provider.forceFlush();
    assert.deepEqual(
      receiving.records().map(({ body }) => body),
      Array.from({ length: 100 }, (_, i) => `record ${i}`),
    );
    assert.deepEqual(outcome(processor), { emitted: 100, delivered: 100, dropped: {}, pending: 0 });
    await provider.shutdown();

    const unheard = to(await unusedUrl(), { limits: { flushTimeoutMs: 50 }, diagnosticLevel: 'off' });
    new LoggerProvider({ processors: [unheard] }).getLogger('app').emit({ body: 'waits' });
    await unheard.forceFlush({ timeoutMillis: 1 });
    assert.deepEqual(outcome(unheard), { emitted: 1, delivered: 0, dropped: {}, pending: 1 });
    await unheard.shutdown();
    assert.deepEqual(outcome(unheard), { emitted: 1, delivered: 0, dropped: { shutdown: 1 }, pending: 0 });
  });

  for (const [before, count] of [
    ['after its records', 1],
    ['before any record', 0],
  ] as const) {
    test(`R8.1 after a shutdown ${before}, records are counted and nothing throws`, async (t) => {
      const receiving = await startReceiving(t);
      const processor = to(receiving.url);
      const logger = new LoggerProvider({ processors: [processor] }).getLogger('app');
      if (count > 0) logger.emit({ body: 'in time' });
      await processor.shutdown();
      logger.emit({ body: 'late' });
      await processor.forceFlush();
      await processor.shutdown();
      assert.equal(receiving.records().length, count);
      assert.deepEqual(outcome(processor), {
        emitted: count + 1,
        delivered: count,
        dropped: { after_shutdown: 1 },
        pending: 0,
      });
    });
  }

  test('R8.4 a processor that is shut down no longer listens to the process', async (t) => {
    const receiving = await startReceiving(t);
    const listening = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    const before = listening();
    const processor = to(receiving.url);
    new LoggerProvider({ processors: [processor] }).getLogger('app').emit({ body: 'hello' });
    assert.ok(listening() > before);
    await processor.shutdown();
    assert.equal(listening(), before);
  });

  for (const ending of ['process.exit(0)', '', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1e6)']) {
    test(`R8.4 records arrive when the process ends by itself: ${ending || 'an empty loop'}`, async (t) => {
      const receiving = await startReceiving(t);
      const app = `
        import { LoggerProvider } from '@opentelemetry/sdk-logs';
        import { spanlogProcessor } from './src/processors.ts';
        const logger = new LoggerProvider({ processors: [spanlogProcessor()] }).getLogger('app');
        for (let i = 0; i < 1000; i++) logger.emit({ body: 'record ' + i });
        ${ending}`;
      const end = await runChild({ args: ['--input-type=module', '-e', app], env: receiving.env });
      assert.deepEqual([end.code, end.signal], ending.includes('SIGTERM') ? [null, 'SIGTERM'] : [0, null], end.stderr);
      assert.equal(end.stderr, '');
      assert.deepEqual(
        receiving.records().map(({ body }) => body),
        Array.from({ length: 1000 }, (_, i) => `record ${i}`),
      );
    });
  }

  test('R8.1 two processors in one process know nothing of one another', async (t) => {
    const [first, second] = [await startReceiving(t), await startReceiving(t)];
    const [a, b] = [to(first.url), to(second.url, { redact: false })];
    const ofA = new LoggerProvider({ resource: resourceFromAttributes({ 'service.name': 'a' }), processors: [a] });
    const both = new LoggerProvider({ resource: resourceFromAttributes({ 'service.name': 'b' }), processors: [b] });
    ofA.getLogger('app').emit({ body: 'mail to bob@example.com' });
    both.getLogger('app').emit({ body: 'mail to bob@example.com' });
    await a.shutdown();
    both.getLogger('app').emit({ body: 'still here' });
    await b.shutdown();
    assert.deepEqual(first.events(), ['mail to [REDACTED:email]']);
    assert.deepEqual(second.events(), ['mail to bob@example.com', 'still here']);
    assert.deepEqual([first.records()[0]?.service, second.records()[0]?.service], ['a', 'b']);
    assert.equal(outcome(a).delivered, 1);
    assert.equal(outcome(b).delivered, 2);
  });

  test('R2.4 R8.1 no record makes it throw, and each is counted', async (t) => {
    const receiving = await startReceiving(t);
    const processor = to(receiving.url, { diagnosticLevel: 'off' });
    const scope = { name: 'app' };
    const broken = (): never => {
      throw new Error('a getter threw');
    };
    const record = (properties: PropertyDescriptorMap): SdkRecord =>
      Object.defineProperties(
        {
          hrTime: [1_700_000_000, 0],
          attributes: {},
          resource: emptyResource(),
          instrumentationScope: scope,
        } as SdkRecord,
        properties,
      );
    // The first ones come before there is a pipeline.
    const hostile = ['resource', 'body', 'attributes', 'instrumentationScope', 'spanContext', 'hrTime'].map((name) =>
      record({ [name]: { get: broken } }),
    );
    for (const each of hostile) processor.onEmit(each);
    processor.onEmit(
      record({
        attributes: {
          value: {
            get fine() {
              return broken();
            },
            n: 1,
          },
        },
      }),
    );
    processor.onEmit(record({ body: { value: 'sound' } }));
    await processor.shutdown();
    assert.deepEqual(
      receiving.records().map(({ body }) => body),
      ['', 'sound'],
    );
    assert.equal(receiving.records()[0]?.attributes.n, 1);
    assert.deepEqual(outcome(processor), { emitted: 8, delivered: 2, dropped: { internal_error: 6 }, pending: 0 });
  });

  test('R10.3 a bad setting throws when strict, and not otherwise', () => {
    const bad = { level: 'loud' as 'info', diagnosticLevel: 'off' } as const;
    assert.throws(() => spanlogProcessor({ ...bad, strict: true }), SettingError);
    assert.ok(
      spanlogProcessor(bad)
        .explain()
        .some(({ setting }) => setting === 'level'),
    );
  });

  test('R3.7 explain names the service that the records go by', async (t) => {
    const receiving = await startReceiving(t);
    const processor = spanlogProcessor({ destinations: [otlp({ endpoint: receiving.url })] });
    const resource = resourceFromAttributes({ 'service.name': 'theirs' });
    new LoggerProvider({ resource, processors: [processor] }).getLogger('app').emit({ body: 'hello' });
    assert.equal(processor.explain().find(({ setting }) => setting === 'service.name')?.value, 'theirs');
    await processor.shutdown();
  });
});
