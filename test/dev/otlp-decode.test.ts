import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeLogsRequest } from '../../src/dev/otlp-decode.ts';
import { OtlpDecodeError, type LogRecord } from '../../src/dev/otlp-model.ts';
import { encodeLogsRequest, type AnyValueMessage, type LogRecordMessage } from '../support/otlp-proto.ts';
import { logsRequest, modelOf } from './otlp-samples.ts';

describe('the protobuf reader of OTLP logs', () => {
  test('R7.4 what an independent encoder wrote is read back exactly', () => {
    fc.assert(
      fc.property(logsRequest, (message) => {
        assert.deepStrictEqual(decodeLogsRequest(encodeLogsRequest(message)), modelOf(message));
      }),
      { numRuns: 300 },
    );
  });

  test('R7.4 fields of a newer protocol are skipped, at every level', () => {
    // Field 100 in each wire type: varint 1, fixed64, bytes "x", fixed32.
    const unknown = Buffer.from('a00601a1060000000000000000a2060178a50600000000', 'hex');
    const record = field(2, Buffer.concat([unknown, field(5, field(1, Buffer.from('hi'))), unknown]));
    const bytes = field(1, Buffer.concat([unknown, field(2, Buffer.concat([unknown, record])), unknown]));
    assert.equal(onlyRecord(Buffer.concat([unknown, bytes])).body, 'hi');
  });

  test('R8.5 every prefix and every flipped byte of a request is read or refused with one error type', () => {
    fc.assert(
      fc.property(logsRequest, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = encodeLogsRequest(message);
        for (let length = 0; length <= bytes.length; length++) readOrRefuse(bytes.subarray(0, length));
        if (bytes.length === 0) return;
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        readOrRefuse(bytes);
      }),
      { numRuns: 50 },
    );
  });

  test('R8.5 any bytes are read or refused with one error type', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), readOrRefuse), { numRuns: 3_000 });
  });

  const malformed: [what: string, hex: string, message: RegExp][] = [
    ['a length past the end', '0a05', /a length past the end of its message, at byte 2$/],
    ['a length of 4 GiB', '0affffffff0f', /a length past the end/],
    ['a length of 2^63', '0affffffffffffffff7f', /a length past the end/],
    ['a varint without an end', '0aff', /a length past the end/],
    ['a varint of eleven bytes', '0a808080808080808080808001', /a varint of more than 64 bits/],
    ['a varint of 65 bits', '0a80808080808080808002', /a varint of more than 64 bits/],
    ['a tag of more than 32 bits', '8a8080808001', /a tag of more than 32 bits/],
    ['field number 0', '0200', /field number 0/],
    ['a group', 'a306a406', /wire type 3 in field 100/],
    ['wire type 7', 'a706', /wire type 7 in field 100/],
    ['a wrong wire type', '0801', /wire type 0 in field 1, where 2 belongs/],
    ['a string that is not UTF-8', '0a041a02c328', /a string that is not UTF-8/],
  ];
  for (const [what, hex, message] of malformed) {
    test(`R8.5 ${what} is refused`, () => {
      assert.throws(() => decodeLogsRequest(Buffer.from(hex, 'hex')), message);
      assert.throws(() => decodeLogsRequest(Buffer.from(hex, 'hex')), OtlpDecodeError);
    });
  }

  test('R8.5 a nested length cannot reach past its own message', () => {
    // The inner string claims 3 bytes of the 2 that its AnyValue has; the request goes on behind it.
    const bytes = encodeLogsRequest(requestOf({ attributes: [], body: { stringValue: 'ab' }, eventName: 'zz' }));
    const at = Buffer.from(bytes).indexOf('0a026162', 'hex');
    bytes[at + 1] = 3;
    assert.throws(() => decodeLogsRequest(bytes), {
      message: `malformed protobuf: a length past the end of its message, at byte ${at + 2}`,
    });
  });

  test('R8.5 values nested to depth 100 are read, deeper ones refused, a million levels too', () => {
    assert.doesNotThrow(() => decodeLogsRequest(nestedArrays(100)));
    assert.throws(() => decodeLogsRequest(nestedArrays(101)), /nested deeper than 100 levels/);
    assert.throws(() => decodeLogsRequest(nestedArrays(1_000_000)), /nested deeper than 100 levels/);
  });

  test('R8.5 ten million empty records in 20 MB are refused before they fill the memory', () => {
    const records = Buffer.alloc(20_000_000);
    for (let at = 0; at < records.length; at += 2) records[at] = 0x12;
    assert.throws(() => decodeLogsRequest(field(1, field(2, records))), /too many records and values/);
  });

  test('R8.5 __proto__ is a key like any other', () => {
    const value: AnyValueMessage = { kvlistValue: { values: [{ key: '__proto__', value: { boolValue: true } }] } };
    const record = onlyRecord(encodeLogsRequest(requestOf({ attributes: [{ key: '__proto__', value }] })));
    assert.deepEqual(Object.keys(record.attributes), ['__proto__']);
    assert.equal(Object.getPrototypeOf(record.attributes), null);
    assert.equal('polluted' in {}, false);
  });

  test('R7.4 a key that comes twice keeps both values in sight', () => {
    const attributes = [
      { key: 'password', value: { stringValue: 'hunter2' } },
      { key: 'password', value: { stringValue: '***' } },
    ];
    const record = onlyRecord(encodeLogsRequest(requestOf({ attributes })));
    assert.deepEqual(Object.entries(record.attributes), [
      ['password', 'hunter2'],
      ['password (again, entry 1)', '***'],
    ]);
  });

  test('R7.4 an id of the wrong length or of zeros is no id', () => {
    const ids = { traceId: new Uint8Array(15).fill(1), spanId: new Uint8Array(8) };
    const record = onlyRecord(encodeLogsRequest(requestOf({ attributes: [], ...ids })));
    assert.deepEqual([record.traceId, record.spanId], [undefined, undefined]);
  });
});

function requestOf(record: LogRecordMessage) {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
}

function onlyRecord(bytes: Uint8Array): LogRecord {
  const record = decodeLogsRequest(bytes).resourceLogs[0]?.scopeLogs[0]?.logRecords[0];
  assert.ok(record);
  return record;
}

function readOrRefuse(bytes: Uint8Array): void {
  try {
    decodeLogsRequest(bytes);
  } catch (error) {
    assert.ok(error instanceof OtlpDecodeError, String(error));
  }
}

/** A length-delimited field below number 16, written without any library. */
function field(number: number, content: Buffer): Buffer {
  const length: number[] = [];
  let rest = content.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest % 128) | 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), content]);
}

/** A record whose body is a value inside `depth - 1` arrays. Built from the inside, into a buffer filled from its end. */
function nestedArrays(depth: number): Buffer {
  const buffer = Buffer.alloc(64 + depth * 12);
  let start = buffer.length;
  const wrap = (number: number): void => {
    const length: number[] = [];
    let rest = buffer.length - start;
    for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest % 128) | 128);
    const head = [(number << 3) | 2, ...length, rest];
    start -= head.length;
    buffer.set(head, start);
  };
  // ArrayValue.values = 1 inside AnyValue.array_value = 5, then body = 5, log_records = 2, scope_logs = 2, resource_logs = 1.
  for (let level = 1; level < depth; level++) {
    wrap(1);
    wrap(5);
  }
  for (const number of [5, 2, 2, 1]) wrap(number);
  return buffer.subarray(start);
}
