import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OTLPLogExporter as GrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { ConsoleLogRecordExporter, InMemoryLogRecordExporter } from '@opentelemetry/sdk-logs';
import type { SdkLogExporter } from '../../src/config/options.ts';
import { OnceDiag } from '../../src/core/diag.ts';
import { Account, isBalanced } from '../../src/core/ledger.ts';
import type { Counts } from '../../src/core/ledger.ts';
import { appendField, createRecord } from '../../src/core/record.ts';
import type { LogRecord } from '../../src/core/record.ts';
import type { RecordSink } from '../../src/core/sink.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { createSdkSink } from '../../src/export/sdk-exporter.ts';
import type { SdkSinkParts } from '../../src/export/sdk-exporter.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { FakeTimers } from './fake-timers.ts';
import { SCOPE } from './lane.ts';

interface SdkLane {
  readonly sink: RecordSink;
  readonly said: string[];
  emit(...eventNames: readonly string[]): void;
  emitMany(count: number): void;
  balance(): Counts;
}

const VALUES: readonly (readonly [string, Value])[] = [
  ['text', 'grün \ud83d\ude00'],
  ['lone', 'a\ud800b'],
  ['int', 42],
  ['double', 1.5],
  ['bool', true],
  ['nan', NaN],
  ['huge', 1e300],
  ['int64', 2n ** 62n],
  ['bigint', 7n],
  ['bytes', new Uint8Array([1, 2])],
  ['nested', ValueMap.from([['list', [1, null, 'x', NaN]], ['__proto__', 'kept']])], // prettier-ignore
  ['__proto__', 'kept'],
];

function createLane(exporter: SdkLogExporter, options: Partial<SdkSinkParts> = {}): SdkLane {
  const account = new Account();
  const said: string[] = [];
  const sink = createSdkSink({
    name: 'sdk',
    account,
    exporter,
    resource: ValueMap.from([['service.name', 'shop']]),
    maxRecords: 2_048,
    batchRecords: 512,
    batchDelayMs: 10,
    minSeverity: 0,
    diag: new OnceDiag((line) => said.push(line)),
    ...options,
  });
  const lane: SdkLane = {
    sink,
    said,
    emit(...eventNames) {
      for (const eventName of eventNames) {
        account.emitted++;
        sink.write(recordNamed(eventName));
      }
    },
    emitMany(count) {
      for (let i = 0; i < count; i++) lane.emit(`e${i}`);
    },
    balance() {
      const counts = account.counts();
      assert.ok(isBalanced(counts), JSON.stringify(counts));
      return counts;
    },
  };
  return lane;
}

function recordNamed(eventName: string, severity = 9): LogRecord {
  const record = createRecord(SCOPE);
  record.eventName = eventName;
  record.body = eventName;
  record.severity = severity;
  record.severityText = 'INFO';
  record.time.seconds = record.observed.seconds = 1_700_000_000;
  record.time.nanos = record.observed.nanos = 123_456_789;
  record.spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  for (const [key, value] of VALUES) appendField(record, key, value);
  return record;
}

describe('the official exporters against a real Collector', () => {
  const exporters: Record<string, (http: string, grpc: string) => SdkLogExporter> = {
    'exporter-logs-otlp-http': (http) => new JsonExporter({ url: `${http}/v1/logs` }),
    'exporter-logs-otlp-proto': (http) => new ProtoExporter({ url: `${http}/v1/logs` }),
    'exporter-logs-otlp-grpc': (_, grpc) => new GrpcExporter({ url: grpc }),
  };
  for (const [name, create] of Object.entries(exporters)) {
    test(`R7.4 ${name} delivers every record whole`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await using collector = await startCollector({ binary });
      const lane = createLane(create(collector.otlpHttp, collector.otlpGrpc));
      lane.emitMany(700);
      await lane.sink.flush(10_000);
      await lane.sink.shutdown(5_000);
      assert.deepEqual(lane.said, []);
      assert.equal(lane.balance().delivered, 700);

      const records = await collector.waitForRecords(700);
      assert.deepEqual(records.map(({ eventName }) => eventName), Array.from({ length: 700 }, (_, i) => `e${i}`)); // prettier-ignore
      const [record] = records;
      assert.equal(record?.resource['service.name'], 'shop');
      assert.equal(record.scope.name, 'test');
      assert.equal(record.body, 'e0');
      assert.equal(record.severityNumber, 9);
      assert.equal(record.timeUnixNano, 1_700_000_000_123_456_789n);
      assert.equal(record.observedTimeUnixNano, 1_700_000_000_123_456_789n);
      assert.equal(record.traceId, '0af7651916cd43dd8448eb211c80319c');
      assert.equal(record.spanId, 'b7ad6b7169203331');
      const { attributes } = record;
      assert.equal(attributes.text, 'grün \ud83d\ude00');
      assert.equal(attributes.lone, 'a\ufffdb');
      assert.deepEqual([attributes.int, attributes.double, attributes.bool], [42, 1.5, true]);
      assert.deepEqual([attributes.nan, attributes.huge], ['NaN', '1e+300']);
      assert.deepEqual([attributes.int64, attributes.bigint], [String(2n ** 62n), 7]);
      assert.deepEqual(attributes.bytes, new Uint8Array([1, 2]));
      assert.equal(Object.getOwnPropertyDescriptor(attributes, '__proto__')?.value, 'kept');
    });
  }
});

describe('any exporter', () => {
  test('R8.1 that fails has its records counted, and is told of once', async () => {
    const gone = await startScriptedServer();
    await gone.close();
    const lane = createLane(new ProtoExporter({ url: gone.url, timeoutMillis: 100 }));
    lane.emitMany(600);
    await lane.sink.flush(10_000);
    assert.deepEqual(lane.balance().dropped, { exporter_failed: 600 });
    assert.equal(lane.said.length, 1);
    await lane.sink.shutdown(1_000);
  });

  test('R8.5 that throws, or never answers, takes only its own batch with it', async () => {
    const timers = new FakeTimers();
    let calls = 0;
    const exporter: SdkLogExporter = {
      export(_, done) {
        calls++;
        if (calls === 1) throw new Error('bug');
        if (calls === 3) done({ code: 0 });
      },
      shutdown: () => Promise.resolve(),
    };
    const lane = createLane(exporter, { timers, batchRecords: 10, exportTimeoutMs: 5_000 });
    lane.emitMany(30);
    await timers.pass(4_999);
    assert.equal(lane.balance().pending, 20);
    await timers.pass(1);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [10, { exporter_failed: 20 }]);
  });

  test('R7.5 holds so many records and no more', () => {
    const exporter: SdkLogExporter = { export: () => undefined, shutdown: () => Promise.resolve() };
    const lane = createLane(exporter, { timers: new FakeTimers(), maxRecords: 100 });
    lane.emitMany(150);
    const counts = lane.balance();
    assert.deepEqual([counts.pending, counts.dropped], [100, { queue_full: 50 }]);
  });

  test('takes what passes its own level; the rest is counted as filtered', async () => {
    const exporter = new InMemoryLogRecordExporter();
    const lane = createLane(exporter, { minSeverity: 13 });
    for (const severity of [0, 5, 9, 13, 17]) {
      lane.sink.account.emitted++;
      lane.sink.write(recordNamed('e', severity));
    }
    await lane.sink.flush(1_000);
    assert.equal(exporter.getFinishedLogRecords().length, 2);
    assert.equal(lane.balance().filtered, 3);
  });

  test('has one export at a time, in order, by size and by age', async () => {
    const timers = new FakeTimers();
    const batches: number[] = [];
    let done: (result: { code: number }) => void = () => undefined;
    const exporter: SdkLogExporter = {
      export(logs, answer) {
        batches.push(logs.length);
        done = answer;
      },
      shutdown: () => Promise.resolve(),
    };
    const lane = createLane(exporter, { timers, batchRecords: 10, batchDelayMs: 1_000 });
    lane.emitMany(25);
    await timers.pass(0);
    assert.deepEqual(batches, [10]);
    done({ code: 0 });
    await timers.pass(0);
    assert.deepEqual(batches, [10, 10]);
    done({ code: 0 });
    await timers.pass(999);
    assert.deepEqual(batches, [10, 10]);
    await timers.pass(1);
    assert.deepEqual(batches, [10, 10, 5]);
    done({ code: 0 });
    await timers.pass(0);
    assert.equal(lane.balance().delivered, 25);
    assert.equal(timers.pending, 0);
  });

  test('R8.4 that hangs is left at the deadline of a shutdown, and a late answer is not counted twice', async () => {
    const timers = new FakeTimers();
    let done: (result: { code: number }) => void = () => undefined;
    const never = new Promise<void>(() => undefined);
    const exporter: SdkLogExporter = {
      export: (_, answer) => (done = answer),
      forceFlush: () => never,
      shutdown: () => never,
    };
    const lane = createLane(exporter, { timers });
    lane.emitMany(5);
    let settled = false;
    void lane.sink.shutdown(2_000).then(() => (settled = true));
    await timers.pass(2_000);
    assert.equal(settled, true);
    done({ code: 0 });
    lane.emit('late');
    await timers.pass(60_000);
    assert.deepEqual(lane.balance().dropped, { shutdown: 5, after_shutdown: 1 });
    assert.equal(timers.pending, 0);
  });

  test('R8.4 that answers at once delivers even at the exit; what the others hold is counted', (t) => {
    t.mock.method(console, 'dir', () => undefined);
    const atOnce = createLane(new ConsoleLogRecordExporter());
    atOnce.emitMany(3);
    atOnce.sink.flushSync(1_000);
    assert.equal(atOnce.balance().delivered, 3);

    const later = createLane({ export: () => undefined, shutdown: () => Promise.resolve() });
    later.emitMany(3);
    later.sink.flushSync(1_000);
    assert.deepEqual(later.balance().dropped, { exit: 3 });
  });

  const faulty: Record<string, [exporter: SdkLogExporter['export'], said: RegExp]> = {
    'answers without a result': [(_, done) => (done as () => void)(), /without a result/],
    'answers with something else': [(_, done) => done('ok' as never), /without a result/],
    'answers with a result that throws when read': [
      (_, done) => done(Object.defineProperty({ code: 1 }, 'error', { get: () => assert.fail('unreadable') })),
      /unreadable/,
    ],
    'fails with what is no error': [(_, done) => done({ code: 1, error: 'refused' as never }), /refused/],
    'rejects': [() => Promise.reject(new Error('rejected')) as never, /rejected/], // prettier-ignore
    'throws what has no text': [
      () => {
        throw Object.create(null);
      },
      /can’t be read/,
    ],
  };
  for (const [fault, [exports, said]] of Object.entries(faulty)) {
    test(`R8.5 that ${fault} costs its records only: they are counted, and the process hears nothing of it`, async (t) => {
      const unhandled: unknown[] = [];
      const onUnhandled = (reason: unknown): number => unhandled.push(reason);
      process.on('unhandledRejection', onUnhandled);
      t.after(() => process.off('unhandledRejection', onUnhandled));
      const exporter: SdkLogExporter = { export: exports, shutdown: () => Promise.resolve() };
      const lane = createLane(exporter);
      lane.emitMany(3);
      await lane.sink.flush(1_000);
      assert.deepEqual([lane.balance().pending, lane.balance().dropped], [0, { exporter_failed: 3 }]);
      assert.match(lane.said[0] ?? '', said);

      const atExit = createLane(exporter);
      atExit.emitMany(2);
      atExit.sink.flushSync(1_000);
      assert.equal(atExit.balance().pending, 0);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(unhandled, []);
    });
  }

  test('whose own ending fails is told of, and nothing is thrown', async () => {
    const exporter: SdkLogExporter = {
      export: (_, done) => done({ code: 0 }),
      forceFlush: () => Promise.reject(new Error('no')),
      shutdown: () => {
        throw new Error('neither');
      },
    };
    const lane = createLane(exporter);
    lane.emit('one');
    await lane.sink.shutdown(1_000);
    assert.equal(lane.balance().delivered, 1);
    assert.equal(lane.said.length, 2);
  });
});
