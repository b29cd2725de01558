/** What the other end-to-end tests rest on: the harness that runs the real Collector. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { requireCollector, startCollector } from '../support/collector.ts';

const EVERY_KIND = [
  { key: 'int', value: { intValue: '5' } },
  { key: 'wide', value: { intValue: '9007199254740993' } },
  { key: 'double', value: { doubleValue: 5 } },
  { key: 'nan', value: { doubleValue: 'NaN' } },
  { key: 'bytes', value: { bytesValue: 'AQI=' } },
  { key: 'list', value: { arrayValue: { values: [{ boolValue: false }, { stringValue: '' }] } } },
  { key: 'map', value: { kvlistValue: { values: [{ key: 'x', value: { intValue: '1' } }] } } },
  { key: 'empty', value: {} },
];

async function send(baseUrl: string, records: readonly unknown[]): Promise<void> {
  const response = await fetch(`${baseUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
          scopeLogs: [{ scope: { name: 'checkout.payments', version: '1.2.3' }, logRecords: records }],
        },
      ],
    }),
  });
  assert.equal(response.status, 200, await response.text());
}

test('R9.1 the harness hands back a record as the Collector received it, each value with its type', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using collector = await startCollector({ binary });
  await send(collector.otlpHttp, [
    {
      timeUnixNano: '1763712000123456789',
      observedTimeUnixNano: '1763712000123456790',
      severityNumber: 17,
      severityText: 'ERROR',
      eventName: 'payment_failed',
      body: { stringValue: 'payment_failed' },
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      flags: 1,
      droppedAttributesCount: 2,
      attributes: EVERY_KIND,
    },
  ]);
  const [record] = await collector.waitForRecords(1);
  assert.deepEqual(record, {
    resource: { 'service.name': 'checkout' },
    scope: { name: 'checkout.payments', version: '1.2.3', attributes: {} },
    timeUnixNano: 1763712000123456789n,
    observedTimeUnixNano: 1763712000123456790n,
    severityNumber: 17,
    severityText: 'ERROR',
    eventName: 'payment_failed',
    body: 'payment_failed',
    bodyKind: 'string',
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    flags: 1,
    droppedAttributesCount: 2,
    attributes: {
      int: 5,
      wide: 9007199254740993n,
      double: 5,
      nan: NaN,
      bytes: new Uint8Array([1, 2]),
      list: [false, ''],
      map: { x: 1 },
      empty: null,
    },
    attributeKinds: {
      int: 'int',
      wide: 'int',
      double: 'double',
      nan: 'double',
      bytes: 'bytes',
      list: 'array',
      map: 'kvlist',
      empty: 'empty',
    },
  });
});

test('R9.1 the harness restarts a killed Collector on its ports and keeps what was written', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using collector = await startCollector({ binary });
  await send(collector.otlpHttp, [{ body: { stringValue: 'before' } }]);
  await collector.waitForRecords(1);
  await collector.kill('SIGKILL');
  assert.equal(await collector.isHealthy(), false);
  await collector.restart();
  await send(collector.otlpHttp, [{ body: { stringValue: 'after' } }]);
  const records = await collector.waitForRecords(2);
  assert.deepEqual(
    records.map((record) => record.body),
    ['before', 'after'],
  );
});

test('R9.1 the harness without a file counts what the Collector accepted', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using collector = await startCollector({ binary, nop: true });
  await send(collector.otlpHttp, [{ body: { stringValue: 'one' } }, { body: { stringValue: 'two' } }]);
  assert.equal(await collector.acceptedRecords(), 2);
  assert.equal(existsSync(collector.outFile), false);
});

test('R9.1 the harness says what the Collector said when it does not start', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await assert.rejects(
    startCollector({ binary, configYaml: ['exporters: { no_such_exporter: }'] }),
    /no_such_exporter/,
  );
});
