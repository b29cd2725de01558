import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Batch } from '../../src/core/batch.ts';
import { ByteWriter } from '../../src/core/record.ts';
import type { Scope } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { createJsonEnvelope, createProtobufEnvelope } from '../../src/encode/otlp-request.ts';
import type { EnvelopeParts } from '../../src/encode/otlp-request.ts';
import { closeMessage, openMessage, writeText } from '../../src/encode/protobuf-value.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';

const SCOPES: readonly Scope[] = [
  { id: 0, name: 'checkout', version: '', schemaUrl: '', attributes: new ValueMap() },
  { id: 1, name: 'lib', version: '1.2.3', schemaUrl: 'https://example/s', attributes: ValueMap.from([['a', 1n]]) },
  { id: 2, name: '', version: '', schemaUrl: '', attributes: ValueMap.from([['long', 'x'.repeat(300)]]) },
];
const PARTS: EnvelopeParts = {
  resource: ValueMap.from([
    ['service.name', 'shop'],
    ['process.pid', 4711],
    ['nested', ValueMap.from([['list', [1.5, null, true, NaN, -0, new Uint8Array([1, 2])]]])],
  ]),
  resourceSchemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
  scopes: (id) => SCOPES[id] as Scope,
};

function protobufBatch(records: readonly (readonly [scopeId: number, eventName: string])[]): Batch {
  const batch = new Batch(16);
  for (const [scopeId, eventName] of records) {
    const out = new ByteWriter();
    const record = openMessage(out, 0x12);
    writeText(out, 0x62, eventName);
    closeMessage(out, record);
    batch.append(out.bytes, 0, out.length);
    batch.commit(scopeId, 9);
  }
  return batch;
}

function jsonBatch(records: readonly (readonly [scopeId: number, eventName: string])[]): Batch {
  const batch = new Batch(16);
  for (const [scopeId, eventName] of records) {
    const bytes = Buffer.from(JSON.stringify({ eventName }));
    batch.append(bytes, 0, bytes.length);
    batch.commit(scopeId, 9);
  }
  return batch;
}

/** The records of each scope in order, scopes in order of their first record. */
function grouped(records: readonly (readonly [number, string])[]): [string, string[]][] {
  const groups = new Map<number, string[]>();
  for (const [scopeId, eventName] of records) groups.set(scopeId, [...(groups.get(scopeId) ?? []), eventName]);
  return [...groups].map(([id, names]) => [(SCOPES[id] as Scope).name, names]);
}

const anyRecords = fc.array(
  fc.tuple(fc.constantFrom(0, 1, 2), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })),
  { minLength: 1, maxLength: 60 },
);

describe('the protobuf request', () => {
  test('R8.1 every record arrives once, under its own scope and in order', () => {
    const envelope = createProtobufEnvelope(PARTS);
    fc.assert(
      fc.property(anyRecords, (records) => {
        const { resourceLogs } = decodeLogsRequest(envelope.assemble(protobufBatch(records)));
        assert.equal(resourceLogs.length, 1);
        assert.deepEqual(
          resourceLogs[0]?.scopeLogs.map(({ scope, logRecords }) => [
            scope?.name ?? '',
            logRecords.map(({ eventName }) => eventName),
          ]),
          grouped(records),
        );
      }),
    );
  });

  test('the resource and the scopes are described in full', () => {
    const request = decodeLogsRequest(createProtobufEnvelope(PARTS).assemble(protobufBatch([[1, 'one'], [2, 'two']]))); // prettier-ignore
    const [logs] = request.resourceLogs;
    assert.equal(logs?.schemaUrl, PARTS.resourceSchemaUrl);
    assert.deepEqual(logs.resource?.attributes.slice(0, 2), [
      { key: 'service.name', value: { stringValue: 'shop' } },
      { key: 'process.pid', value: { intValue: 4711n } },
    ]);
    const [one, two] = logs.scopeLogs;
    assert.deepEqual(one?.scope, {
      name: 'lib',
      version: '1.2.3',
      attributes: [{ key: 'a', value: { intValue: 1n } }],
    });
    assert.equal(one.schemaUrl, 'https://example/s');
    assert.deepEqual(two?.scope?.attributes, [{ key: 'long', value: { stringValue: 'x'.repeat(300) } }]);
    assert.equal(two.schemaUrl, undefined);
  });

  test('a slice of a batch makes a request of its own', () => {
    const batch = protobufBatch([[0, 'a'], [1, 'b'], [0, 'c'], [1, 'd'], [0, 'e']]); // prettier-ignore
    const { resourceLogs } = decodeLogsRequest(createProtobufEnvelope(PARTS).assemble(batch.slice(1, 4)));
    assert.deepEqual(
      resourceLogs[0]?.scopeLogs.map(({ logRecords }) => logRecords.map(({ eventName }) => eventName)),
      [['b', 'd'], ['c']],
    );
  });

  test('a body has an allocation of its own, so that it can move to another thread', () => {
    const body = createProtobufEnvelope(PARTS).assemble(protobufBatch([[0, 'a']]));
    assert.equal(body.buffer.byteLength, body.length);
  });
});

describe('the JSON request', () => {
  interface Request {
    resourceLogs: {
      schemaUrl?: string;
      resource: { attributes: { key: string; value: unknown }[] };
      scopeLogs: { scope: { name?: string }; logRecords: { eventName: string }[]; schemaUrl?: string }[];
    }[];
  }
  const parse = (bytes: Buffer): Request => JSON.parse(bytes.toString()) as Request;

  test('R8.1 every record arrives once, under its own scope and in order', () => {
    const envelope = createJsonEnvelope(PARTS);
    fc.assert(
      fc.property(anyRecords, (records) => {
        const { resourceLogs } = parse(envelope.assemble(jsonBatch(records)));
        assert.deepEqual(
          resourceLogs[0]?.scopeLogs.map(({ scope, logRecords }) => [
            scope.name ?? '',
            logRecords.map(({ eventName }) => eventName),
          ]),
          grouped(records),
        );
      }),
    );
  });

  test('R7.4 names, numbers and bytes follow the ProtoJSON rules', () => {
    const [logs] = parse(createJsonEnvelope(PARTS).assemble(jsonBatch([[1, 'one']]))).resourceLogs;
    assert.deepEqual(logs, {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'shop' } },
          { key: 'process.pid', value: { intValue: '4711' } },
          {
            key: 'nested',
            value: {
              kvlistValue: {
                values: [
                  {
                    key: 'list',
                    value: {
                      arrayValue: {
                        values: [
                          { doubleValue: 1.5 },
                          {},
                          { boolValue: true },
                          { doubleValue: 'NaN' },
                          { doubleValue: -0 },
                          { bytesValue: 'AQI=' },
                        ],
                      },
                    },
                  },
                ],
              },
            },
          },
        ],
      },
      scopeLogs: [
        {
          scope: { name: 'lib', version: '1.2.3', attributes: [{ key: 'a', value: { intValue: '1' } }] },
          logRecords: [{ eventName: 'one' }],
          schemaUrl: 'https://example/s',
        },
      ],
      schemaUrl: PARTS.resourceSchemaUrl,
    });
  });
});
