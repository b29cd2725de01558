import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeLogsRequest, encodeLogsRequest, type LogsRequestMessage } from './otlp-proto.ts';

describe('the independent OTLP codec of the tests', () => {
  test('R7.4 the independent codec keeps 64-bit integers exact and presence visible', () => {
    const request: LogsRequestMessage = {
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'svc' } }] },
          scopeLogs: [
            {
              scope: { name: 'scope', version: '1', attributes: [], droppedAttributesCount: 4 },
              logRecords: [
                {
                  timeUnixNano: 2n ** 64n - 1n,
                  observedTimeUnixNano: 1581452773000000789n,
                  severityNumber: 9,
                  severityText: 'INFO',
                  body: { kvlistValue: { values: [{ key: '__proto__', value: { intValue: -(2n ** 63n) } }] } },
                  attributes: [
                    { key: 'i', value: { intValue: 2n ** 63n - 1n } },
                    { key: 'zero', value: { intValue: 0n } },
                    { key: 'd', value: { doubleValue: -0 } },
                    { key: 'nan', value: { doubleValue: Number.NaN } },
                    { key: 'b', value: { boolValue: false } },
                    { key: 'bytes', value: { bytesValue: Uint8Array.of(0, 255) } },
                    { key: 'a', value: { arrayValue: { values: [{ stringValue: '' }, {}] } } },
                    { key: 'empty', value: {} },
                  ],
                  droppedAttributesCount: 4294967295,
                  flags: 257,
                  traceId: new Uint8Array(16).fill(7),
                  spanId: new Uint8Array(8).fill(9),
                  eventName: 'my.event',
                },
                { attributes: [] },
              ],
            },
          ],
        },
      ],
    };
    assert.deepStrictEqual(decodeLogsRequest(encodeLogsRequest(request)), request);
  });

  test('R7.4 the independent codec reads bytes written out by hand from the field numbers', () => {
    // resource_logs { scope_logs { log_records { time=1, severity=17, body "hi", flags=1, event "e" } } }
    const bytes = Buffer.from('0a1d121b121909010000000000000010112a040a0268694501000000620165', 'hex');
    assert.deepStrictEqual(decodeLogsRequest(bytes), {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: 1n,
                  severityNumber: 17,
                  body: { stringValue: 'hi' },
                  attributes: [],
                  flags: 1,
                  eventName: 'e',
                },
              ],
            },
          ],
        },
      ],
    });
  });
});
