import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Batch } from '../../src/core/batch.ts';
import type { Encoder, LogRecord } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { decodeLogsRequest } from '../../src/dev/otlp-decode.ts';
import { decodeLogsRequestJson } from '../../src/dev/otlp-json.ts';
import { createJsonEncoder } from '../../src/encode/json.ts';
import { createJsonEnvelope, createProtobufEnvelope } from '../../src/encode/otlp-request.ts';
import { createProtobufEncoder } from '../../src/encode/protobuf.ts';
import { bind, encodeText, makeRecord, RESOURCE, SPAN } from './line-records.ts';
import type { RecordParts } from './line-records.ts';

const encoder = createJsonEncoder(0);

function encode(parts: RecordParts): Record<string, unknown> {
  return JSON.parse(encodeText(encoder, makeRecord(parts))) as Record<string, unknown>;
}

function batchOf(with_: Encoder, records: readonly LogRecord[]): Batch {
  const batch = new Batch(16);
  for (const record of records) {
    with_.encode(record, batch);
    batch.commit(0, record.severity);
  }
  return batch;
}

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 40 }));
const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  text,
  fc.boolean(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 40 }),
);
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }).map((entries) => ValueMap.from(Object.entries(entries))),
  ),
}));
const anyFields = fc.dictionary(text, anyValue, { maxKeys: 6 }).map((entries) => Object.entries(entries));
const anyParts: fc.Arbitrary<RecordParts> = fc.record({
  severity: fc.integer({ min: 0, max: 24 }),
  eventName: text,
  body: anyValue,
  fields: anyFields,
  droppedAttributes: fc.nat(10_000),
  spanContext: fc.constantFrom(undefined, SPAN),
  seconds: fc.integer({ min: 1, max: 4_000_000_000 }),
  nanos: fc.nat(999_999_999),
});

describe('OTLP/JSON records', () => {
  test('R7.4 a record has the names and types of ProtoJSON', () => {
    const record = makeRecord({
      eventName: 'order_placed',
      spanContext: SPAN,
      droppedAttributes: 2,
      fields: [
        ['order', 17],
        ['total', 12.5],
        ['note', 'a"b\n'],
        ['big', 9_223_372_036_854_775_807n],
        ['tags', ['a', true, null]],
        ['customer', ValueMap.from([['vip', true]])],
        ['raw', Uint8Array.of(1, 2)],
      ],
    });
    assert.equal(
      encodeText(encoder, record),
      '{"timeUnixNano":"1772600767089123456","observedTimeUnixNano":"1772600767089123456","severityNumber":9,' +
        '"severityText":"INFO","eventName":"order_placed","body":{"stringValue":"order_placed"},"attributes":[' +
        '{"key":"order","value":{"intValue":"17"}},' +
        '{"key":"total","value":{"doubleValue":12.5}},' +
        '{"key":"note","value":{"stringValue":"a\\"b\\n"}},' +
        '{"key":"big","value":{"intValue":"9223372036854775807"}},' +
        '{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"boolValue":true},{}]}}},' +
        '{"key":"customer","value":{"kvlistValue":{"values":[{"key":"vip","value":{"boolValue":true}}]}}},' +
        '{"key":"raw","value":{"bytesValue":"AQI="}}],' +
        '"droppedAttributesCount":2,"flags":1,"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"}',
    );
  });

  test('R2.4 numbers that JSON can not hold are text, so that no null makes the Collector refuse the request', () => {
    const { attributes } = encode({
      fields: [
        ['nan', NaN],
        ['inf', Infinity],
        ['ninf', -Infinity],
      ],
    });
    assert.deepEqual(attributes, [
      { key: 'nan', value: { doubleValue: 'NaN' } },
      { key: 'inf', value: { doubleValue: 'Infinity' } },
      { key: 'ninf', value: { doubleValue: '-Infinity' } },
    ]);
    assert.match(encodeText(encoder, makeRecord({ fields: [['zero', -0]] })), /\{"doubleValue":-0\}/);
  });

  test('R2.1 what a record does not have is absent', () => {
    const record = makeRecord({ severity: 0, severityText: '', seconds: 0, nanos: 0 });
    assert.deepEqual(JSON.parse(encodeText(encoder, record)), { observedTimeUnixNano: '1772600767089123456' });
  });

  test('R2.6 a timestamp that OTLP can not carry is left out, not sent to spoil the request', () => {
    for (const [seconds, nanos] of [
      [Infinity, 0],
      [1.5, 0],
      [1, NaN],
      [1, -1],
      [1, 1_000_000_000],
      [2 ** 40, 0],
      [-1, 0],
    ] as const) {
      assert.equal(encode({ seconds, nanos }).timeUnixNano, undefined, `${seconds}, ${nanos}`);
    }
  });

  test('R3.3 bound fields come first and are encoded once', () => {
    const bound = bind([
      ['tenant', 'acme'],
      ['shard', 3],
    ]);
    const first = encodeText(encoder, makeRecord({ bound: [bound], fields: [['a', 1]] }));
    assert.equal(typeof bound.encoded[0], 'string');
    bound.encoded[0] = (bound.encoded[0] as string).replace('acme', 'from the cache');
    const second = encodeText(encoder, makeRecord({ bound: [bound], fields: [['a', 1]] }));
    assert.deepEqual(
      (JSON.parse(first) as { attributes: { key: string }[] }).attributes.map(({ key }) => key),
      ['tenant', 'shard', 'a'],
    );
    assert.match(second, /from the cache/);
  });

  test('R3.1 ids follow the span', () => {
    const other = { ...SPAN, spanId: '00f067aa0ba902b7', traceFlags: 0 };
    assert.equal(encode({ spanContext: SPAN }).spanId, SPAN.spanId);
    const second = encode({ spanContext: other });
    assert.equal(second.spanId, other.spanId);
    assert.equal(second.flags, 0);
    assert.equal(encode({}).traceId, undefined);
  });

  test('R7.4 any records say in JSON what they say in protobuf', () => {
    fc.assert(
      fc.property(fc.array(anyParts, { minLength: 1, maxLength: 3 }), anyFields, (all, boundFields) => {
        const taken = new Set(all.flatMap(({ fields = [] }) => fields.map(([key]) => key)));
        const bound = [bind(boundFields.filter(([key]) => !taken.has(key)))];
        const records = all.map((parts) => makeRecord({ ...parts, bound }));
        const parts = {
          resource: RESOURCE,
          resourceSchemaUrl: '',
          scopes: () => records[0]?.scope ?? makeRecord().scope,
        };
        const json = createJsonEnvelope(parts).assemble(batchOf(createJsonEncoder(0), records));
        const protobuf = createProtobufEnvelope(parts).assemble(batchOf(createProtobufEncoder(1), records));
        assert.deepEqual(decodeLogsRequestJson(json), decodeLogsRequest(protobuf));
      }),
      { numRuns: 500 },
    );
  });
});
