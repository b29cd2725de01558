import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import * as semconv from '@opentelemetry/semantic-conventions/incubating';
import type { SdkLogExporter } from '../../src/config/options.ts';
import { OnceDiag } from '../../src/core/diag.ts';
import { Account, isBalanced } from '../../src/core/ledger.ts';
import { createRecord } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { createSdkSink } from '../../src/export/sdk-exporter.ts';
import { delivered, refused, retry, SCOPE, tooLarge } from './lane.ts';
import { batchOf, Destination, Meters, NEVER, otlp, start } from './metered.ts';
import type { Collected } from './metered.ts';

const PROCESSED = semconv.METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED;
const EXPORTED = semconv.METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED;
const INFLIGHT = semconv.METRIC_OTEL_SDK_EXPORTER_LOG_INFLIGHT;
const SIZE = semconv.METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE;
const CAPACITY = semconv.METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY;
const CREATED = semconv.METRIC_OTEL_SDK_LOG_CREATED;
const DURATION = semconv.METRIC_OTEL_SDK_EXPORTER_OPERATION_DURATION;

describe('self-metrics', () => {
  test('R8.1 instruments are those of the semantic conventions: names, units, kinds', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const destination = new Destination(bench);
    destination.metered.holds({ bytes: () => 640, maxBytes: 4_096, maxRecords: 100 });
    destination.emit(1);
    await destination.send(batchOf(1), delivered);
    const { metrics: found } = await meters.read();
    const described = found.map(({ descriptor: { name, unit }, ...data }) => {
      return [name, unit, 'isMonotonic' in data ? data.isMonotonic : 'histogram'];
    });
    assert.deepEqual(described.sort(), [
      [EXPORTED, '{log_record}', true],
      [INFLIGHT, '{log_record}', false],
      [DURATION, 's', 'histogram'],
      [CREATED, '{log_record}', true],
      [PROCESSED, '{log_record}', true],
      [CAPACITY, '{log_record}', false],
      [SIZE, '{log_record}', false],
      ['spanlog.log.kept_out', '{log_record}', true],
      ['spanlog.log.replayed', '{log_record}', true],
      ['spanlog.queue.capacity', 'By', false],
      ['spanlog.queue.size', 'By', false],
    ]);
  });

  test('R8.1 components carry their type and a name of their own, exporters where they send', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    new Destination(bench, otlp('http://[::1]:4318/v1/logs'));
    new Destination(bench, {
      kind: 'json',
      name: 'json',
      level: 0,
      classes: new Map(),
      text: { stream: 'stdout', colors: false },
    });
    const read = await meters.read();
    assert.deepEqual(
      read.points(EXPORTED).map(({ attributes }) => attributes),
      [
        {
          [semconv.ATTR_OTEL_COMPONENT_TYPE]: semconv.OTEL_COMPONENT_TYPE_VALUE_OTLP_HTTP_LOG_EXPORTER,
          [semconv.ATTR_OTEL_COMPONENT_NAME]: 'otlp_http_log_exporter/register/otlp',
          'server.address': '::1',
          'server.port': 4318,
        },
        {
          [semconv.ATTR_OTEL_COMPONENT_TYPE]: 'spanlog_json_log_exporter',
          [semconv.ATTR_OTEL_COMPONENT_NAME]: 'spanlog_json_log_exporter/register/json',
        },
      ],
    );
    assert.deepEqual(read.points(SIZE)[0]?.attributes, {
      [semconv.ATTR_OTEL_COMPONENT_TYPE]: 'spanlog_log_processor',
      [semconv.ATTR_OTEL_COMPONENT_NAME]: 'spanlog_log_processor/register/otlp',
    });
  });

  test('R8.1 every count of the ledger is in exactly one series, and those add up', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const destination = new Destination(bench);
    const { account } = destination;
    destination.emit(60);
    await destination.send(batchOf(20), retry(), delivered);
    await destination.send(batchOf(10), { kind: 'delivered', rejected: 3, message: 'no' });
    await destination.send(batchOf(5), refused('http_400'));
    await destination.send(batchOf(1), tooLarge);
    await destination.send(batchOf(4), retry('http_503'));
    destination.drop('queue_full', 7);
    destination.drop('after_shutdown', 2);
    destination.drop('internal_error', 1);
    account.emitted += 6;
    account.sampledOut += 1;
    account.limited += 2;
    account.filtered += 3;
    account.replayed += 5;
    destination.waiting += 5;
    assert.ok(isBalanced(account.counts()), JSON.stringify(account.counts()));

    const read = await meters.read();
    const exported = read.sums(EXPORTED);
    assert.deepEqual(exported, { '': 27, rejected: 3, http_400: 5, too_large: 1 });
    const processed = read.sums(PROCESSED);
    assert.deepEqual(processed, { '': 40, queue_full: 7, already_shutdown: 2, internal_error: 1 });
    const keptOut = read.sums('spanlog.log.kept_out', 'spanlog.reason');
    assert.deepEqual(keptOut, { sampled_out: 1, limited: 2, deduplicated: 0, discarded: 0, filtered: 3 });
    const [inflight = 0, size = 0] = [read.sums(INFLIGHT)[''], read.sums(SIZE)['']];
    assert.deepEqual([inflight, size], [4, account.pending - 4]);
    assert.equal(processed[''], sum(exported) + inflight);
    assert.equal(account.emitted + account.replayed, sum(processed) + size + sum(keptOut));
    assert.deepEqual(read.sums(CREATED), { '': account.emitted });
    assert.deepEqual(read.sums('spanlog.log.replayed'), { '': 5 });
  });

  test('R8.1 counters never fall: a batch that is halved, retried, cut short by the shutdown', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const destination = new Destination(bench);
    const seen: Record<string, number> = {};
    const look = async (): Promise<Collected> => {
      const read = await meters.read();
      for (const name of [PROCESSED, EXPORTED, CREATED, 'spanlog.log.kept_out']) {
        for (const { attributes, value } of read.points(name)) {
          const key = `${name} ${JSON.stringify(attributes)}`;
          assert.ok(value >= (seen[key] ?? 0), `${key} fell from ${seen[key]} to ${value}`);
          seen[key] = value;
        }
      }
      return read;
    };
    destination.emit(100);
    const whole = batchOf(40);
    await destination.send(whole, retry());
    assert.deepEqual((await look()).sums(PROCESSED), { '': 40 });
    await destination.send(whole, tooLarge);
    await look();
    await destination.send(whole.slice(0, 20), delivered);
    await look();
    await destination.send(whole.slice(20, 40), retry());
    await look();
    destination.metered.timed(destination.transport).close();
    destination.account.drop('shutdown', destination.waiting);
    destination.waiting = 0;
    const read = await look();
    assert.deepEqual(read.sums(EXPORTED), { '': 20, shutdown: 80 });
    assert.deepEqual(read.sums(PROCESSED), { '': 100 });
    assert.deepEqual([read.sums(INFLIGHT), read.sums(SIZE)], [{ '': 0 }, { '': 0 }]);
  });

  test('R8.1 an operation lasts from its first attempt to its last, and is one measurement', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const destination = new Destination(bench);
    destination.emit(9);
    const batch = batchOf(3);
    await destination.send(batch, retry('http_503'));
    await bench.timers.pass(1_500);
    await destination.send(batch, delivered);
    await destination.send(batchOf(3), refused('http_401'));
    await destination.send(batchOf(3), { kind: 'delivered', rejected: 1, message: '' });
    const points = (await meters.read()).histograms(DURATION).map(({ attributes, value }) => {
      const { sum: seconds, count, buckets } = value;
      return [attributes['error.type'], attributes['http.response.status_code'], seconds, count, buckets.boundaries];
    });
    assert.deepEqual(points, [
      [undefined, undefined, 1.5, 1, []],
      ['http_401', 401, 0, 1, []],
      ['rejected', undefined, 0, 1, []],
    ]);
  });

  test('R8.1 what ends with an abort, a throwing transport or the shutdown is measured once', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const destination = new Destination(bench);
    const timed = destination.metered.timed(destination.transport);
    const abort = new AbortController();
    destination.transport.script('hold');
    const sent = timed.send(batchOf(1), abort.signal);
    abort.abort();
    timed.close();
    destination.transport.answer(delivered);
    await sent;
    const broken = destination.metered.timed({
      send: () => Promise.reject(new Error('broken')),
      sendSync: () => [],
      close: () => undefined,
    });
    await assert.rejects(broken.send(batchOf(1), NEVER), /broken/);
    const points = (await meters.read()).histograms(DURATION);
    assert.deepEqual(
      points.map(({ attributes, value }) => [attributes['error.type'], value.count]),
      [
        ['shutdown', 1],
        ['transport_failed', 1],
      ],
    );
  });

  test('R8.1 a capacity in records is told only where there is one; bytes always', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const { metered } = new Destination(bench);
    metered.holds({ bytes: () => 123, maxBytes: 1_000, maxRecords: Infinity });
    const read = await meters.read();
    assert.deepEqual(read.points(CAPACITY), []);
    assert.deepEqual(
      [read.sums('spanlog.queue.size'), read.sums('spanlog.queue.capacity')],
      [{ '': 123 }, { '': 1_000 }],
    );
  });

  test('R8.1 a reconfiguration counts nothing twice, whatever its destinations are called', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const before = new Destination(bench, otlp('http://old:4318/v1/logs'));
    const leaving = new Destination(bench, otlp('http://other:4318/v1/logs', 'leaving'));
    before.metered.holds({ bytes: () => 100, maxBytes: 1_000, maxRecords: 50 });
    leaving.metered.holds({ bytes: () => 50, maxBytes: 1_000, maxRecords: 50 });
    before.emit(10);
    leaving.emit(10);
    await before.send(batchOf(4), delivered);
    await before.send(batchOf(2), retry());
    await meters.read();

    bench.self.begin(true);
    const after = new Destination(bench, otlp('http://new:4318/v1/logs'), before.account);
    after.metered.holds({ bytes: () => 200, maxBytes: 2_000, maxRecords: 60 });
    after.emit(5);
    await after.send(batchOf(5), delivered);
    // The old ones deliver what they still have.
    await before.send(batchOf(6), delivered);
    await leaving.send(batchOf(10), delivered);

    const read = await meters.read();
    assert.deepEqual(read.sums(CREATED), { '': 15 });
    assert.deepEqual(read.sums(EXPORTED), { '': 25 });
    assert.deepEqual(read.sums(PROCESSED), { '': 25 });
    assert.deepEqual(read.byComponent(EXPORTED), {
      'otlp_http_log_exporter/register/otlp old': 4,
      'otlp_http_log_exporter/register/otlp new': 11,
      'otlp_http_log_exporter/register/leaving other': 10,
    });
    assert.deepEqual(read.sums(SIZE), { '': 0 });
    assert.deepEqual(read.byComponent(CAPACITY), {
      'spanlog_log_processor/register/otlp': 60,
      'spanlog_log_processor/register/leaving': 0,
    });
    assert.deepEqual(read.byComponent('spanlog.queue.size'), {
      'spanlog_log_processor/register/otlp': 300,
      'spanlog_log_processor/register/leaving': 50,
    });
  });

  test('R8.1 an exporter of the SDK is observed as well: records, not bytes', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const codes = [0, 1];
    let answer: () => void = () => assert.fail('nothing was exported');
    const exporter: SdkLogExporter = {
      export: (_, done) => (answer = () => done({ code: codes.shift() ?? 0 })),
      shutdown: () => Promise.resolve(),
    };
    const limits = { maxRecords: 2_048, batchRecords: 2, batchDelayMs: 10, minSeverity: 0 };
    const account = new Account();
    const { metered } = new Destination(
      bench,
      { kind: 'sdk', name: 'sdk', level: 0, classes: new Map(), exporter, ...limits },
      account,
    );
    metered.holds({ bytes: () => 0, maxBytes: Infinity, maxRecords: limits.maxRecords });
    const diag = new OnceDiag(() => undefined);
    const { timers } = bench;
    const { operation } = metered;
    const parts = { name: 'sdk', account, exporter, resource: new ValueMap(), diag, timers, operation };
    const sink = createSdkSink({ ...parts, ...limits });
    for (let i = 0; i < 5; i++) {
      account.emitted++;
      sink.write(createRecord(SCOPE));
    }
    await timers.pass(0);
    assert.deepEqual((await meters.read()).sums(INFLIGHT), { '': 2 });
    for (let i = 0; i < 2; i++) {
      answer();
      await timers.pass(0);
    }
    void sink.shutdown(50);
    await timers.pass(100);
    const read = await meters.read();
    assert.deepEqual(read.sums(EXPORTED), { '': 2, exporter_failed: 2, shutdown: 1 });
    assert.deepEqual(read.sums(INFLIGHT), { '': 0 });
    assert.deepEqual(read.sums(CAPACITY), { '': 2_048 });
    assert.deepEqual([read.points('spanlog.queue.size'), read.points('spanlog.queue.capacity')], [[], []]);
    const operations = read.histograms(DURATION);
    assert.deepEqual(
      operations.map(({ attributes, value }) => [attributes['error.type'], value.count]),
      [
        [undefined, 1],
        ['exporter_failed', 1],
        ['shutdown', 1],
      ],
    );
  });

  test('R8.1 what a worker thread lost for a destination that this thread does not have is told as well', async () => {
    const meters = new Meters();
    const bench = start(() => meters.provider);
    const account = new Account();
    bench.accounts.set('elsewhere', account);
    account.emitted = 4;
    account.drop('thread_terminated', 4);
    assert.deepEqual((await meters.read()).sums(PROCESSED), { '': 0, thread_terminated: 4 });
  });

  test('R8.1 deltas are those of the ledger as well', async () => {
    const meters = new Meters(AggregationTemporality.DELTA);
    const bench = start(() => meters.provider);
    const destination = new Destination(bench);
    destination.emit(9);
    await destination.send(batchOf(4), delivered);
    assert.deepEqual((await meters.read()).sums(EXPORTED), { '': 4 });
    await destination.send(batchOf(5), delivered);
    assert.deepEqual((await meters.read()).sums(EXPORTED), { '': 5 });
  });

  test('R8.1 several pipelines of one process are told apart, and only register counts what is created', async () => {
    const meters = new Meters();
    const provider = (): ApiMeterProvider => meters.provider;
    const pipelines = [start(provider), start(provider, 'processor'), start(provider, 'processor')];
    for (const [i, bench] of pipelines.entries()) {
      const destination = new Destination(bench);
      destination.emit(i + 1);
      await destination.send(batchOf(i + 1), delivered);
    }
    const read = await meters.read();
    const names = Object.keys(read.byComponent(EXPORTED));
    assert.equal(new Set(names).size, 3);
    assert.match(names[1] ?? '', /^otlp_http_log_exporter\/processor-\d+\/otlp/);
    assert.deepEqual(read.sums(EXPORTED), { '': 6 });
    assert.deepEqual(read.sums(CREATED), { '': 1 });
  });
});

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
