import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeLogsRequestJson } from '../../src/dev/otlp-json.ts';
import { OtlpDecodeError, type LogRecord } from '../../src/dev/otlp-model.ts';
import { jsonOf, logsRequest, modelOf } from './otlp-samples.ts';

describe('the JSON reader of OTLP logs', () => {
  test('R7.4 any request in JSON is read as the same request in protobuf would be', () => {
    fc.assert(
      fc.property(logsRequest, (message) => {
        assert.deepStrictEqual(decodeLogsRequestJson(Buffer.from(jsonOf(message))), modelOf(message));
      }),
      { numRuns: 300 },
    );
  });

  test('R7.4 a bare number keeps all digits of a 64-bit integer', () => {
    const record = recordFrom(`{
      "timeUnixNano": 1581452773000000789,
      "attributes": [
        {"key": "max", "value": {"intValue": 9223372036854775807}},
        {"key": "near", "value": {"intValue":-9007199254740993}},
        {"key": "safe", "value": {"intValue": 42}},
        {"key": "double", "value": {"doubleValue": 12345678901234567890}}
      ]}`);
    assert.equal(record.timeUnixNano, 1581452773000000789n);
    assert.deepEqual(Object.values(record.attributes), [
      9223372036854775807n,
      -9007199254740993n,
      42,
      12345678901234567000,
    ]);
  });

  test('R7.4 ids are hex in either case, null is absent, unknown names are ignored', () => {
    const record = recordFrom(`{
      "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "eee19b7ec3c1b174", "eventName": null,
      "body": null, "attributes": null, "severityNumber": "9", "flags": null, "futureField": {"a": [1]},
      "timeUnixNano": null, "__proto__": {"severityText": "polluted"}}`);
    assert.equal(record.traceId, '5b8efff798038103d269b633813fc60c');
    assert.equal(record.spanId, 'eee19b7ec3c1b174');
    assert.equal(record.body, null);
    assert.equal(record.severityNumber, 9);
    assert.equal(record.severityText, '');
    assert.equal(record.timeUnixNano, 0n);
  });

  test('R7.4 bytes are read from both alphabets of base64', () => {
    const record = recordFrom(`{"attributes": [{"key": "a", "value": {"bytesValue": "+/8="}},
      {"key": "b", "value": {"bytesValue": "-_8"}}]}`);
    assert.deepEqual(Object.values(record.attributes), [Uint8Array.of(251, 255), Uint8Array.of(251, 255)]);
  });

  const refused: Record<string, RegExp> = {
    '': /malformed JSON/,
    '[]': /the request is not an object/,
    '{"resourceLogs": {}}': /^OtlpDecodeError: resourceLogs is not a list$/,
    '{"resourceLogs": [3]}': /resourceLogs\[0\] is not an object/,
    [inRecord('"timeUnixNano": "1.5"')]: /resourceLogs\[0\]\.scopeLogs\[0\]\.logRecords\[0\]\.timeUnixNano is not an/,
    [inRecord('"timeUnixNano": -1')]: /timeUnixNano is not an unsigned integer of 64 bits/,
    [inRecord('"timeUnixNano": "18446744073709551616"')]: /timeUnixNano is not an unsigned integer of 64 bits/,
    [inRecord('"severityNumber": "SEVERITY_NUMBER_INFO"')]: /severityNumber is not an integer of 32 bits/,
    [inRecord('"severityText": 1')]: /severityText is not a string/,
    [inRecord('"traceId": "W47/95gDgQPSabYzgT/GDA=="')]: /traceId is not hex digits/,
    [inRecord('"body": {"intValue": "9223372036854775808"}')]: /body\.intValue is not an integer of 64 bits/,
    [inRecord('"body": {"doubleValue": "nan"}')]: /body\.doubleValue is not a number/,
    [inRecord('"body": {"boolValue": 1}')]: /body\.boolValue is not true or false/,
    [inRecord('"body": {"bytesValue": "~"}')]: /body\.bytesValue is not base64/,
    [inRecord('"body": {"arrayValue": {"values": [{}, 1]}}')]: /body\.arrayValue\.values\[1\] is not an object/,
    [inRecord('"attributes": [{"key": "k", "value": "text"}]')]: /attributes\[0\]\.value is not an object/,
  };
  for (const [json, message] of Object.entries(refused)) {
    test(`R8.5 ${json === '' ? 'an empty body' : json} is refused, naming the place`, () => {
      assert.throws(() => decodeLogsRequestJson(Buffer.from(json)), message);
    });
  }

  test('R8.5 bytes that are not UTF-8, and any text, are read or refused with one error type', () => {
    assert.throws(() => decodeLogsRequestJson(Buffer.from('7b22c328227d', 'hex')), OtlpDecodeError);
    fc.assert(
      fc.property(fc.json(), fc.nat(200), (json, end) => {
        for (const text of [json, inRecord(`"body": ${json}`), inRecord(`"attributes": [${json}]`)]) {
          readOrRefuse(text);
          readOrRefuse(text.slice(0, end));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('R8.5 JSON nested a million levels deep is refused', () => {
    readOrRefuse('['.repeat(1_000_000));
    const deep = '{"arrayValue":{"values":['.repeat(200_000) + ']}}'.repeat(200_000);
    // The second one holds an integer that takes the slower, exact way of parsing.
    for (const first of ['', '"timeUnixNano": 1581452773000000789,']) {
      assert.throws(() => decodeLogsRequestJson(Buffer.from(inRecord(`${first} "body": ${deep}`))), OtlpDecodeError);
    }
  });
});

function inRecord(fields: string): string {
  return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${fields}}]}]}]}`;
}

function recordFrom(json: string): LogRecord {
  const request = decodeLogsRequestJson(Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${json}]}]}]}`));
  const record = request.resourceLogs[0]?.scopeLogs[0]?.logRecords[0];
  assert.ok(record);
  return record;
}

function readOrRefuse(text: string): void {
  try {
    decodeLogsRequestJson(Buffer.from(text));
  } catch (error) {
    assert.ok(error instanceof OtlpDecodeError, String(error));
  }
}
