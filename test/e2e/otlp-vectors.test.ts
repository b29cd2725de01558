/**
 * Requests that the Collector's own library encoded, decoded, emitted record by record through the bridge, and encoded
 * again by us: the same data comes out. The vectors are no part of this project: the test runs where they lie beside the
 * clone, and says so where they don't.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { OtelRecord } from '../../src/bridges/otel-record.ts';
import { severityText } from '../../src/core/level.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { flattenLine } from '../support/collector-records.ts';
import type { FlatLogRecord } from '../support/collector-records.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type {
  AnyValueMessage,
  KeyValueMessage,
  LogRecordMessage,
  ResourceLogsMessage,
  ScopeLogsMessage,
} from '../support/otlp-proto.ts';
import { encodeEmitted, withoutDefaults } from './otlp-encoding.ts';
import type { Encoded } from './otlp-encoding.ts';

const folder = fileURLToPath(new URL('../../../shared/otlp/collector-vectors/', import.meta.url));
const vectors = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.pb')) : [];
const skip = vectors.length === 0 ? 'skipped: there are no OTLP vectors beside the clone' : false;

describe('what the Collector encoded', { skip }, () => {
  for (const name of vectors) {
    test(`R7.4 the Collector's ${name} comes out of our encoders as it went in`, () => {
      const { resourceLogs } = decodeLogsRequest(readFileSync(`${folder}${name}`));
      const json = readFileSync(`${folder}${name.replace('.pb', '.json')}`, 'utf8');
      const flat = flattenLine(json);
      let at = 0;
      for (const group of resourceLogs) {
        const count = group.scopeLogs.reduce((sum, { logRecords }) => sum + logRecords.length, 0);
        const encoded = encodeGroup(group);
        assert.equal(encoded.delivered, count);
        assert.deepStrictEqual(
          recordsOf(decodeLogsRequest(encoded.protobuf).resourceLogs).map((ours) =>
            comparable(ours, givenTime(ours.record)),
          ),
          recordsOf([group]).map((theirs) => comparable(theirs, theirs.record.timeUnixNano ?? 0n)),
        );
        assert.deepStrictEqual(
          flattenLine(encoded.json).map((ours) => comparableFlat(ours, givenTime(ours))),
          flat.slice(at, at + count).map((theirs) => comparableFlat(theirs, theirs.timeUnixNano)),
        );
        at += count;
      }
      assert.equal(at, flat.length);
    });
  }
});

/** One record with all that stands around it. */
interface Whole {
  readonly resource: readonly KeyValueMessage[];
  readonly resourceSchemaUrl: string;
  readonly scope: ScopeLogsMessage['scope'];
  readonly scopeSchemaUrl: string;
  readonly record: LogRecordMessage;
}

function recordsOf(groups: readonly ResourceLogsMessage[]): Whole[] {
  return groups.flatMap(({ resource, scopeLogs, schemaUrl }) =>
    scopeLogs.flatMap((scoped) =>
      scoped.logRecords.map((record) => ({
        resource: resource?.attributes ?? [],
        resourceSchemaUrl: schemaUrl ?? '',
        scope: scoped.scope,
        scopeSchemaUrl: scoped.schemaUrl ?? '',
        record,
      })),
    ),
  );
}

function encodeGroup({ resource, scopeLogs, schemaUrl }: ResourceLogsMessage): Encoded {
  return encodeEmitted(
    (provider) => {
      for (const { scope, logRecords, schemaUrl: scopeSchemaUrl } of scopeLogs) {
        const logger = provider.getLogger(scope?.name ?? '', scope?.version, {
          ...(scopeSchemaUrl !== undefined && { schemaUrl: scopeSchemaUrl }),
          attributes: objectOf(scope?.attributes ?? []),
        });
        for (const record of logRecords) logger.emit(emittable(record));
      }
    },
    {
      resource: ValueMap.from((resource?.attributes ?? []).map(({ key, value }) => [key ?? '', plain(value) as Value])),
      resourceSchemaUrl: schemaUrl ?? '',
    },
  );
}

function emittable(record: LogRecordMessage): OtelRecord {
  const time = record.timeUnixNano ?? 0n;
  return {
    timestamp: [Number(time / 1_000_000_000n), Number(time % 1_000_000_000n)],
    severityNumber: record.severityNumber ?? 0,
    severityText: record.severityText ?? '',
    eventName: record.eventName ?? '',
    body: plain(record.body),
    attributes: objectOf(record.attributes),
    context: trace.setSpanContext(ROOT_CONTEXT, {
      traceId: hex(record.traceId),
      spanId: hex(record.spanId),
      traceFlags: record.flags ?? 0,
    }),
  };
}

function plain(value: AnyValueMessage | undefined): unknown {
  if (value?.arrayValue !== undefined) return value.arrayValue.values.map(plain);
  if (value?.kvlistValue !== undefined) return objectOf(value.kvlistValue.values);
  return value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue ?? value?.bytesValue ?? null;
}

function objectOf(pairs: readonly KeyValueMessage[]): object {
  return Object.fromEntries(pairs.map(({ key, value }) => [key ?? '', plain(value)]));
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

/** What is left out of both sides, because an application can't say it through the Logs API. */
const NOT_OURS: ReadonlySet<string> = new Set(['timeUnixNano', 'observedTimeUnixNano', 'droppedAttributesCount']);

/**
 * What has to be equal. Made alike are flags beyond the eight of W3C, and doubles that hold integers, which JavaScript
 * can't tell from them. A severity without a text has its name.
 *
 * @param time the record's own; 0 where it has none
 */
function comparable(whole: Whole, time: bigint): unknown {
  const { record } = whole;
  return withoutDefaults({
    ...whole,
    record: {
      ...without(record, NOT_OURS),
      time,
      flags: hex(record.traceId) === '' ? 0 : (record.flags ?? 0) & 0xff,
      severityText: (record.severityText ?? '') || severityText(record.severityNumber ?? 0),
      body: integral(record.body ?? {}),
      attributes: integral(record.attributes),
    },
  });
}

function comparableFlat(record: FlatLogRecord, time: bigint): unknown {
  const kinds = Object.entries(record.attributeKinds).map(([key, kind]) => {
    const isInteger = kind === 'double' && isIntegral(record.attributes[key]);
    return [key, isInteger ? 'int' : kind];
  });
  return {
    ...without(record, NOT_OURS),
    time,
    flags: record.traceId === '' ? 0 : record.flags & 0xff,
    severityText: record.severityText || severityText(record.severityNumber),
    attributeKinds: Object.fromEntries(kinds) as object,
  };
}

/** The time that an application gave: where it gave none, ours is the observed one. */
function givenTime({ timeUnixNano = 0n, observedTimeUnixNano }: LogRecordMessage | FlatLogRecord): bigint {
  return timeUnixNano === observedTimeUnixNano ? 0n : timeUnixNano;
}

function without(object: object, keys: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}

/** A message with doubles that hold integers written as integers. */
function integral(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(integral);
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return message;
  if ('doubleValue' in message && isIntegral(message.doubleValue)) {
    return { intValue: BigInt(Number(message.doubleValue)) };
  }
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, integral(value)]));
}

function isIntegral(value: unknown): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}
