/**
 * What our encoders say of a record and what OpenTelemetry's own SDK and serializers say of the same one. Equal, except
 * where a difference is named here.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { OtelRecord } from '../../src/bridges/otel-record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { flattenLine } from '../support/collector-records.ts';
import type { DecodedValue, FlatLogRecord } from '../support/collector-records.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { AnyValueMessage, LogRecordMessage, LogsRequestMessage } from '../support/otlp-proto.ts';
import { encodeEmitted, withoutDefaults } from './otlp-encoding.ts';
import type { Encoded } from './otlp-encoding.ts';

interface Serializer {
  serializeRequest(records: readonly ReadableLogRecord[]): Uint8Array | undefined;
}

// The transformer beside the exporter of SDK 3.x; the one at the top of the tree belongs to SDK 2.x.
const requireOfExporter = createRequire(
  createRequire(import.meta.url).resolve('@opentelemetry/exporter-logs-otlp-http'),
);
const official = requireOfExporter('@opentelemetry/otlp-transformer') as {
  readonly ProtobufLogsSerializer: Serializer;
  readonly JsonLogsSerializer: Serializer;
};

const TIME: [number, number] = [1_772_600_767, 89_123_456];
const RESOURCE = { 'service.name': 'shop', 'process.pid': 7, ratio: 0.5, on: true };
const SCOPE_ATTRIBUTES = { team: 'pay', 'shard.id': 3 };

function contextOf(traceFlags: number): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags,
  });
}

interface Both {
  readonly ours: Encoded;
  readonly official: { readonly protobuf: Uint8Array; readonly json: string };
}

/** The same records through our provider and through the SDK's. */
function encodeBoth(records: readonly OtelRecord[]): Both {
  const emitted = records.map((record) => ({ timestamp: TIME, context: ROOT_CONTEXT, ...record }));
  const options = { schemaUrl: 'https://opentelemetry.io/schemas/1.44.0', attributes: SCOPE_ATTRIBUTES };

  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource: resourceFromAttributes(RESOURCE),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const theirs = provider.getLogger('bridge', '1.2.3', options);
  const emitTheirs = theirs.emit.bind(theirs) as (record: OtelRecord) => void;
  for (const record of emitted) emitTheirs(record);
  const finished = exporter.getFinishedLogRecords();

  const ours = encodeEmitted(
    (own) => {
      const logger = own.getLogger('bridge', '1.2.3', options);
      for (const record of emitted) logger.emit(record);
    },
    { resource: ValueMap.from(Object.entries(RESOURCE)) },
  );
  assert.equal(ours.delivered, records.length);
  return {
    ours,
    official: {
      protobuf: official.ProtobufLogsSerializer.serializeRequest(finished) ?? new Uint8Array(),
      json: new TextDecoder().decode(official.JsonLogsSerializer.serializeRequest(finished)),
    },
  };
}

/** Difference 1: the observed time is ours alone, and increases strictly; the SDK takes the time at its emit. */
function comparable(bytes: Uint8Array): unknown {
  const request = decodeLogsRequest(bytes);
  for (const record of recordsOf(request)) {
    assert.ok((record.observedTimeUnixNano ?? 0n) > 0n);
    delete record.observedTimeUnixNano;
  }
  return withoutDefaults(request);
}

function comparableJson(json: string): unknown {
  return flattenLine(json).map(({ observedTimeUnixNano, ...record }) => {
    assert.ok(observedTimeUnixNano > 0n);
    return record;
  });
}

function recordsOf({ resourceLogs }: LogsRequestMessage): LogRecordMessage[] {
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

/** The attribute `value` of the one record, as either side says it. */
function valueOf(bytes: Uint8Array): AnyValueMessage | undefined {
  const [record] = recordsOf(decodeLogsRequest(bytes));
  return record?.attributes.find(({ key }) => key === 'value')?.value;
}

function flatOf(json: string): FlatLogRecord {
  return flattenLine(json)[0] as FlatLogRecord;
}

const SAME: Readonly<Record<string, OtelRecord>> = {
  'nothing but a time': {},
  'a message': { body: 'hello', severityNumber: 9, severityText: 'INFO' },
  'an event': { eventName: 'order.placed', severityNumber: 17, severityText: 'ERROR', body: 'order.placed' },
  'integers of every size': {
    attributes: {
      zero: 0,
      one: 1,
      negative: -1,
      large: 2 ** 31,
      larger: 2 ** 40,
      safe: Number.MAX_SAFE_INTEGER,
      low: Number.MIN_SAFE_INTEGER,
    },
  },
  doubles: { attributes: { half: 0.5, negative: -1.25, tiny: Number.MIN_VALUE } },
  'booleans and texts': {
    attributes: { yes: true, no: false, empty: '', text: 'grüße ✓ 😀', long: 'x'.repeat(20_000) },
  },
  bytes: { attributes: { raw: Uint8Array.of(0, 1, 254, 255), none: new Uint8Array() } },
  lists: { attributes: { list: [1, 'two', 3.5, true], empty: [], nested: [[1], [[2]]] } },
  maps: { attributes: { map: { a: 1, b: { c: 'deep', d: [{ e: 1 }] } }, empty: {} } },
  'nulls in lists and maps': { attributes: { list: [null, 1], map: { nothing: null } } },
  'a body that is a map': { body: { message: 'x', n: 1, list: [1, 2] } },
  'a body that is a list': { body: ['a', 1, false] },
  'a body that is a number': { body: 42 },
  'a sampled span': { context: contextOf(1), body: 'in span' },
  'an unsampled span': { context: contextOf(0), body: 'in span' },
  'a span with every flag': { context: contextOf(255), body: 'in span' },
  'an exception': { body: 'failed', exception: { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at x' } },
};

describe('our encoders and the official serializers agree', () => {
  test('R7.4 on each kind of record, in protobuf and JSON', () => {
    for (const [name, record] of Object.entries(SAME)) {
      const { ours, official: theirs } = encodeBoth([record]);
      assert.deepStrictEqual(comparable(ours.protobuf), comparable(theirs.protobuf), name);
      assert.deepStrictEqual(comparableJson(ours.json), comparableJson(theirs.json), name);
    }
  });

  test('R7.4 on many records in one request', () => {
    const { ours, official: theirs } = encodeBoth(Object.values(SAME));
    assert.deepStrictEqual(comparable(ours.protobuf), comparable(theirs.protobuf));
    assert.deepStrictEqual(comparableJson(ours.json), comparableJson(theirs.json));
  });

  test('R7.4 on every severity', () => {
    const records = Array.from({ length: 25 }, (_, severityNumber) => ({ severityNumber, severityText: 'given' }));
    const { ours, official: theirs } = encodeBoth(records);
    assert.deepStrictEqual(comparable(ours.protobuf), comparable(theirs.protobuf));
    assert.deepStrictEqual(comparableJson(ours.json), comparableJson(theirs.json));
  });

  test('R7.4 on what is active when no context is given', () => {
    const records = [{ body: 'outside', context: context.active() }];
    const { ours, official: theirs } = encodeBoth(records);
    assert.deepStrictEqual(comparable(ours.protobuf), comparable(theirs.protobuf));
  });
});

class Money {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
}

function cycle(): object {
  const loop: Record<string, unknown> = { name: 'loop' };
  loop.self = loop;
  return loop;
}

describe('our encoders differ from the official serializers on purpose', () => {
  const value = (given: unknown): Both => encodeBoth([{ attributes: { value: given, sibling: 1 } }]);

  test('R2.4 -0 keeps its sign: a double where they write the integer 0', () => {
    const { ours, official: theirs } = value(-0);
    assert.deepEqual(valueOf(ours.protobuf), { doubleValue: -0 });
    assert.deepEqual(valueOf(theirs.protobuf), { intValue: 0n });
  });

  test('R2.4 NaN and the infinities are ProtoJSON texts, for which the Collector keeps the request', () => {
    for (const given of [NaN, Infinity, -Infinity]) {
      const { ours, official: theirs } = value(given);
      assert.deepEqual(valueOf(ours.protobuf), valueOf(theirs.protobuf), 'protobuf has them');
      assert.match(ours.json, new RegExp(`"doubleValue":"${given}"`));
      assert.match(theirs.json, /"doubleValue":null/);
    }
  });

  /** Values for which the official SDK leaves the whole attribute out. */
  const LEFT_OUT: readonly (readonly [name: string, given: unknown, form: DecodedValue])[] = [
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a Map', new Map([['k', 1]]), { k: 1 }],
    ['a Set', new Set([1]), [1]],
    ['a bigint of 64 bits', 9_007_199_254_740_993n, 9_007_199_254_740_993n],
    ['a larger bigint', 2n ** 70n, '1180591620717411303424'],
    ['a class instance', new Money(5), { amount: 5 }],
    ['a URL', new URL('https://example.com/'), 'https://example.com/'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a cycle', cycle(), { name: 'loop', self: '[Circular]' }],
    ['a Date deep inside', { list: [new Date(0)] }, { list: ['1970-01-01T00:00:00.000Z'] }],
  ];
  for (const [name, given, form] of LEFT_OUT) {
    test(`R2.4 ${name} has a form where theirs leave the attribute out`, () => {
      const { ours, official: theirs } = value(given);
      assert.deepEqual(flatOf(ours.json).attributes, { value: form, sibling: 1 });
      assert.equal(valueOf(theirs.protobuf), undefined);
    });
  }

  test('R2.4 an Error among the attributes keeps type, message and stack', () => {
    const { ours, official: theirs } = value(new RangeError('no'));
    const { type, message, stack } = flatOf(ours.json).attributes.value as Record<string, DecodedValue>;
    assert.deepEqual([type, message], ['RangeError', 'no']);
    assert.match(typeof stack === 'string' ? stack : '', /^RangeError: no\n +at /);
    assert.equal(valueOf(theirs.protobuf), undefined);
  });

  test('R2.4 an integer that a double can not hold exactly is written as the double it is', () => {
    const { ours, official: theirs } = value(2 ** 60);
    assert.deepEqual(valueOf(ours.protobuf), { doubleValue: 2 ** 60 });
    assert.deepEqual(valueOf(theirs.protobuf), { intValue: 2n ** 60n });
  });

  test('R6.1 the type of an exception is its class where theirs is its code, and causes stand in its stack', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('root') }), { code: 'E_NO' });
    const { ours, official: theirs } = encodeBoth([{ exception: error }]);
    const { attributes } = flatOf(ours.json);
    assert.deepEqual([attributes['exception.type'], attributes['exception.code']], ['TypeError', 'E_NO']);
    assert.equal(flatOf(theirs.json).attributes['exception.type'], 'E_NO');
    const stackOf = ({ attributes: { 'exception.stacktrace': stack } }: FlatLogRecord): string =>
      typeof stack === 'string' ? stack : '';
    assert.match(stackOf(flatOf(ours.json)), /Caused by: Error: root/);
    assert.doesNotMatch(stackOf(flatOf(theirs.json)), /root/);
  });

  test('R3.7 a severity text without a number has the number that it means, a number without a text its name', () => {
    const { ours, official: theirs } = encodeBoth([{ severityText: 'crit' }, { severityNumber: 10 }]);
    const severities = (json: string): unknown[] =>
      flattenLine(json).map(({ severityNumber, severityText }) => [severityNumber, severityText]);
    assert.deepEqual(severities(ours.json), [
      [21, 'crit'],
      [10, 'INFO2'],
    ]);
    assert.deepEqual(severities(theirs.json), [
      [0, 'crit'],
      [10, ''],
    ]);
  });
});
