import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toUSVString } from 'node:util';
import fc from 'fast-check';
import { ByteWriter } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { varintLength, writeAttributes, writeVarint } from '../../src/encode/protobuf-value.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { AnyValueMessage, KeyValueMessage } from '../support/otlp-proto.ts';

/** Encodes entries as the attributes of a Resource and reads them back with the tests' own decoder. */
function roundTrip(keys: readonly string[], values: readonly Value[], initialBytes = 16): KeyValueMessage[] {
  const resource = new ByteWriter(initialBytes);
  writeAttributes(resource, 0x0a, keys, values);
  const inside = field(0x0a, resource.bytes.subarray(0, resource.length));
  return decodeLogsRequest(field(0x0a, inside)).resourceLogs[0]?.resource?.attributes ?? [];
}

function field(tag: number, content: Uint8Array): Uint8Array {
  const length = new ByteWriter();
  writeVarint(length, content.length);
  return Buffer.concat([Buffer.from([tag]), length.bytes.subarray(0, length.length), content]);
}

function one(value: Value): AnyValueMessage | undefined {
  return roundTrip(['key'], [value])[0]?.value;
}

/** What the wire must say about a Value, written from the protocol and not from the encoder. */
function expected(value: Value): AnyValueMessage {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: toUSVString(value) };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: value };
  if (typeof value === 'number') {
    const integer = Number.isSafeInteger(value) && !Object.is(value, -0);
    return integer ? { intValue: BigInt(value) } : { doubleValue: value };
  }
  if (value instanceof Uint8Array) return { bytesValue: Uint8Array.from(value) };
  if (value instanceof ValueMap) {
    const values = value.keys.map((key, i) => ({ key: toUSVString(key), value: expected(value.values[i] as Value) }));
    return { kvlistValue: { values } };
  }
  assert.ok(Array.isArray(value));
  return { arrayValue: { values: value.map(expected) } };
}

/** OTLP keys are not empty; the decoder can't tell an empty one from none. */
const anyKey = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
const anyText = fc.string({ unit: 'binary', maxLength: 300 });
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 })
  .map((units) => String.fromCharCode(...units));
const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  anyText,
  anyUnits,
  fc.boolean(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 300 }),
);
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(anyKey, tie('value')), { maxLength: 5 }).map((entries) => ValueMap.from(entries)),
  ),
}));

describe('values in protobuf', () => {
  test('R2.4 every value reads back as what it was, whatever its form and nesting', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyKey, anyValue), { maxLength: 6 }), (entries) => {
        const decoded = roundTrip(
          entries.map(([key]) => key),
          entries.map(([, value]) => value),
        );
        assert.deepEqual(
          decoded,
          entries.map(([key, value]) => ({ key: toUSVString(key), value: expected(value) })),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('R2.4 the edges of int64 and of doubles survive', () => {
    for (const value of [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1]) {
      assert.deepEqual(one(value), { intValue: BigInt(value) });
      if (value > 0) assert.deepEqual(one(-value), { intValue: BigInt(-value) });
    }
    for (const value of [2n ** 63n - 1n, -(2n ** 63n), -1n, 0n, 2n ** 31n, 2n ** 32n, -(2n ** 32n)]) {
      assert.deepEqual(one(value), { intValue: value });
    }
    for (const value of [-0, NaN, Infinity, -Infinity, 0.1, 2 ** 53, Number.MIN_VALUE, Number.MAX_VALUE]) {
      const read = one(value)?.doubleValue;
      assert.ok(Object.is(read, value), `${value} came back as ${read}`);
    }
  });

  test('R2.4 a bigint past int64 becomes its decimal text', () => {
    assert.deepEqual(one(2n ** 63n), { stringValue: '9223372036854775808' });
    assert.deepEqual(one(-(2n ** 63n) - 1n), { stringValue: '-9223372036854775809' });
  });

  test('R2.4 null is the empty value, also inside a list', () => {
    assert.deepEqual(one(null), {});
    assert.deepEqual(one([null, 1, null]), { arrayValue: { values: [{}, { intValue: 1n }, {}] } });
  });

  test('R2.4 lone surrogates become U+FFFD in short and in long texts, in keys and in values', () => {
    for (const filler of ['', 'x'.repeat(50), 'é'.repeat(20_000)]) {
      const [entry] = roundTrip([`${filler}\ud800k`], [`v\udfff${filler}`]);
      assert.deepEqual(entry, { key: `${filler}\ufffdk`, value: { stringValue: `v\ufffd${filler}` } });
    }
  });

  test('lengths around the steps of a varint are right', () => {
    for (const length of [0, 1, 41, 42, 43, 125, 126, 127, 128, 129, 16_382, 16_383, 16_384, 2_097_150, 2_097_152]) {
      const text = 'a'.repeat(length);
      assert.deepEqual(one(text), { stringValue: text });
      assert.deepEqual(one([text, 'end']), {
        arrayValue: { values: [{ stringValue: text }, { stringValue: 'end' }] },
      });
    }
    for (const value of [0, 127, 128, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 35, 2 ** 53 - 1]) {
      const out = new ByteWriter();
      writeVarint(out, value);
      assert.equal(out.length, varintLength(value));
    }
  });

  test('R2.7 the deepest value that reading allows is written', () => {
    let nested: Value = 'bottom';
    for (let i = 0; i < 64; i++) nested = i % 2 === 0 ? [nested] : ValueMap.from([['k', nested]]);
    assert.deepEqual(one(nested), expected(nested));
  });
});
