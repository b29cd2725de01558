import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { appendField, ByteWriter, createRecord } from '../../src/core/record.ts';
import type { BoundFields, LogRecord, Scope } from '../../src/core/record.ts';
import { isWireInteger, ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { createProtobufEncoder } from '../../src/encode/protobuf.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { AnyValueMessage, LogRecordMessage } from '../support/otlp-proto.ts';

const SCOPE: Scope = { id: 0, name: 'test', version: '', schemaUrl: '', attributes: new ValueMap() };

/** Encodes records as one scope of one request and reads them back with the independent decoder. */
function roundTrip(records: readonly LogRecord[], encoder = createProtobufEncoder(0)): LogRecordMessage[] {
  const out = new ByteWriter(16);
  for (const record of records) encoder.encode(record, out);
  const scopeLogs = out.bytes.subarray(0, out.length);
  const request = decodeLogsRequest(wrap(0x0a, wrap(0x12, scopeLogs)));
  return request.resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
}

function wrap(tag: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = body.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 0x80);
  return Buffer.concat([Buffer.from([tag, ...length, rest]), body]);
}

function record(
  parts: Partial<Omit<LogRecord, 'fieldKeys' | 'fieldValues'>> & { fields?: readonly (readonly [string, Value])[] },
): LogRecord {
  const { fields = [], ...rest } = parts;
  const made = Object.assign(createRecord(SCOPE), rest);
  for (const [key, value] of fields) {
    appendField(made, key, value);
  }
  return made;
}

/** What the wire must say of a Value. */
function expected(value: Value): AnyValueMessage {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: value };
  if (typeof value === 'number') return isWireInteger(value) ? { intValue: BigInt(value) } : { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (value instanceof ValueMap) {
    return {
      kvlistValue: {
        values: value.keys.map((key, i) => ({ key: key.toWellFormed(), value: expected(value.values[i] as Value) })),
      },
    };
  }
  assert.ok(Array.isArray(value));
  return { arrayValue: { values: value.map(expected) } };
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary-ascii', maxLength: 200 }),
  fc.string({ unit: 'grapheme' }),
);
const leaf: fc.Arbitrary<Value> = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 40 }),
  fc.constant(null),
);
const key = fc.oneof(
  fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 200 }),
  fc.string({ unit: 'binary', minLength: 1 }),
);
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 5, selector: ([key]) => key })
      .map((entries) => ValueMap.from(entries)),
  ),
})).value;
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));

test('R2.4 any record of any Values reads back the same through an independent decoder', () => {
  const encoder = createProtobufEncoder(0);
  const arbitrary = fc.record({
    severity: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    eventName: text,
    body: value,
    seconds: fc.integer({ min: 1, max: 4_294_967_295 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
    traceId: hex(16),
    spanId: hex(8),
    traceFlags: fc.integer({ min: 0, max: 255 }),
    inTrace: fc.boolean(),
    fields: fc.array(fc.tuple(key, value), { maxLength: 8 }),
    droppedAttributes: fc.nat({ max: 100_000 }),
  });
  fc.assert(
    fc.property(fc.array(arbitrary, { minLength: 1, maxLength: 4 }), (givens) => {
      const read = roundTrip(
        givens.map((given) =>
          record({
            severity: given.severity,
            severityText: given.severityText,
            eventName: given.eventName,
            body: given.body,
            time: { seconds: given.seconds, nanos: given.nanos },
            observed: { seconds: given.seconds + 1, nanos: given.nanos },
            spanContext: given.inTrace
              ? { traceId: given.traceId, spanId: given.spanId, traceFlags: given.traceFlags }
              : undefined,
            fields: given.fields,
            droppedAttributes: given.droppedAttributes,
          }),
        ),
        encoder,
      );
      assert.equal(read.length, givens.length);
      for (const [i, given] of givens.entries()) {
        const message = read[i] as LogRecordMessage;
        const nanos = BigInt(given.seconds) * 1_000_000_000n + BigInt(given.nanos);
        assert.equal(message.timeUnixNano, nanos);
        assert.equal(message.observedTimeUnixNano, nanos + 1_000_000_000n);
        assert.equal(message.severityNumber ?? 0, given.severity);
        assert.equal(message.severityText ?? '', given.severityText.toWellFormed());
        assert.equal(message.eventName ?? '', given.eventName.toWellFormed());
        assert.deepEqual(message.body ?? {}, expected(given.body));
        assert.deepEqual(
          message.attributes.map(({ key: name, value: any }) => [name ?? '', any ?? {}]),
          given.fields.map(([name, any]) => [name.toWellFormed(), expected(any)]),
        );
        assert.equal(message.droppedAttributesCount ?? 0, given.droppedAttributes);
        assert.equal(Buffer.from(message.traceId ?? []).toString('hex'), given.inTrace ? given.traceId : '');
        assert.equal(Buffer.from(message.spanId ?? []).toString('hex'), given.inTrace ? given.spanId : '');
        assert.equal(message.flags ?? 0, given.inTrace ? given.traceFlags : 0);
      }
    }),
    { numRuns: 300 },
  );
});

test('R2.4 records of every length around the limits of a varint read back whole', () => {
  for (const length of [0, 1, 59, 60, 61, 90, 120, 127, 128, 129, 16_200, 16_383, 16_384, 70_000, 2_100_000]) {
    const [message] = roundTrip([record({ body: 'b'.repeat(length), fields: [['k', 'v'.repeat(length)]] })]);
    assert.equal(message?.body?.stringValue?.length ?? 0, length);
    assert.equal(message?.attributes[0]?.value?.stringValue?.length ?? 0, length);
  }
});

test('R3.3 bound fields are encoded once and stand before the fields of the call', () => {
  const encoder = createProtobufEncoder(0);
  let reads = 0;
  const values = new Proxy(['eu-west', 'blå'] as Value[], {
    get(target, at, receiver) {
      if (typeof at === 'string' && /^\d+$/.test(at)) reads++;
      return Reflect.get(target, at, receiver) as unknown;
    },
  });
  const bound: BoundFields = { keys: ['region', 'colour'], values, has: new Set(['region', 'colour']), encoded: [] };
  for (let round = 0; round < 3; round++) {
    const [message] = roundTrip([record({ bound: [bound], fields: [['n', round]] })], encoder);
    assert.deepEqual(
      message?.attributes.map(({ key: name, value: any }) => [name, any]),
      [
        ['region', { stringValue: 'eu-west' }],
        ['colour', { stringValue: 'blå' }],
        ['n', { intValue: BigInt(round) }],
      ],
    );
  }
  assert.equal(reads, 2);
});

test('R2.4 records of one event read back whole whatever keys they have, in whatever order, at any place in a buffer', () => {
  const names = Array.from({ length: 24 }, (_, i) => 'k'.repeat(i + 1));
  const field = fc.tuple(fc.constantFrom(...names), leaf);
  const fields = fc.uniqueArray(field, { selector: ([name]) => name, maxLength: names.length });
  const events = fc.constantFrom('order_placed', 'order_paid', '');
  fc.assert(
    fc.property(fc.array(fc.tuple(events, fields), { minLength: 2, maxLength: 6 }), (calls) => {
      const records = calls.map(([event, list]) => record({ eventName: event, body: event, fields: list }));
      const decoded = roundTrip(records);
      assert.deepEqual(
        decoded.map(({ attributes }) => attributes),
        calls.map(([, list]) => list.map(([name, value]) => ({ key: name, value: expected(value) }))),
      );
    }),
    { numRuns: 300 },
  );
});

test('R3.1 ids in upper case hexadecimal are read like those in lower case', () => {
  const spanContext = { traceId: '0AF7651916CD43DD8448EB211C80319C', spanId: 'B7AD6B7169203331', traceFlags: 1 };
  const [message] = roundTrip([record({ spanContext })]);
  assert.equal(Buffer.from(message?.traceId ?? []).toString('hex'), '0af7651916cd43dd8448eb211c80319c');
});
