/** Arbitrary OTLP requests in the terms of the independent codec, and what our readers must make of them. */
import fc from 'fast-check';
import type { LogRecord, LogsRequest, Value, ValueMap } from '../../src/dev/otlp-model.ts';
import type {
  AnyValueMessage,
  KeyValueMessage,
  LogRecordMessage,
  LogsRequestMessage,
  ResourceMessage,
  ScopeMessage,
} from '../support/otlp-proto.ts';

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('', '\uFEFFmark', '\uFFFD', '\0'));
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toJSON', 'request_id'));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), 2n ** 32n, -(2n ** 63n), 2n ** 63n - 1n),
);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

const { anyValue, entries } = fc.letrec<{
  anyValue: AnyValueMessage;
  entry: KeyValueMessage;
  entries: KeyValueMessage[];
}>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 6 }) }),
    fc.constant({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('anyValue'), { maxLength: 4 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: tie('entries') }) }),
  ),
  entry: fc.record({ key, value: tie('anyValue') }),
  entries: fc.uniqueArray(tie('entry'), { maxLength: 5, selector: (item) => item.key }),
}));

const record: fc.Arbitrary<LogRecordMessage> = fc.record(
  {
    timeUnixNano: uint64,
    observedTimeUnixNano: uint64,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    body: anyValue,
    attributes: entries,
    droppedAttributesCount: uint32,
    flags: uint32,
    traceId: bytes(16),
    spanId: bytes(8),
    eventName: text,
  },
  { requiredKeys: ['attributes'] },
);
const resource: fc.Arbitrary<ResourceMessage> = fc.record(
  { attributes: entries, droppedAttributesCount: uint32 },
  { requiredKeys: ['attributes'] },
);
const scope: fc.Arbitrary<ScopeMessage> = fc.record(
  { name: text, version: text, attributes: entries, droppedAttributesCount: uint32 },
  { requiredKeys: ['attributes'] },
);

export const logsRequest: fc.Arbitrary<LogsRequestMessage> = fc.record({
  resourceLogs: fc.array(
    fc.record(
      {
        resource,
        scopeLogs: fc.array(
          fc.record(
            { scope, logRecords: fc.array(record, { maxLength: 4 }), schemaUrl: text },
            { requiredKeys: ['logRecords'] },
          ),
          { maxLength: 3 },
        ),
        schemaUrl: text,
      },
      { requiredKeys: ['scopeLogs'] },
    ),
    { maxLength: 3 },
  ),
});

/** The request as our readers are to give it. */
export function modelOf(message: LogsRequestMessage): LogsRequest {
  return {
    resourceLogs: message.resourceLogs.map((item) => ({
      resource: {
        attributes: mapOf(item.resource?.attributes),
        droppedAttributesCount: item.resource?.droppedAttributesCount ?? 0,
      },
      scopeLogs: item.scopeLogs.map((scopeLogs) => ({
        scope: {
          name: scopeLogs.scope?.name ?? '',
          version: scopeLogs.scope?.version ?? '',
          attributes: mapOf(scopeLogs.scope?.attributes),
          droppedAttributesCount: scopeLogs.scope?.droppedAttributesCount ?? 0,
        },
        logRecords: scopeLogs.logRecords.map(recordOf),
        schemaUrl: scopeLogs.schemaUrl ?? '',
      })),
      schemaUrl: item.schemaUrl ?? '',
    })),
  };
}

function recordOf(message: LogRecordMessage): LogRecord {
  return {
    timeUnixNano: message.timeUnixNano ?? 0n,
    observedTimeUnixNano: message.observedTimeUnixNano ?? 0n,
    severityNumber: message.severityNumber ?? 0,
    severityText: message.severityText ?? '',
    body: valueOf(message.body),
    attributes: mapOf(message.attributes),
    droppedAttributesCount: message.droppedAttributesCount ?? 0,
    flags: message.flags ?? 0,
    traceId: idOf(message.traceId),
    spanId: idOf(message.spanId),
    eventName: message.eventName ?? '',
  };
}

function idOf(id: Uint8Array | undefined): string | undefined {
  return id?.some((byte) => byte !== 0) ? Buffer.from(id).toString('hex') : undefined;
}

function mapOf(list: KeyValueMessage[] = []): ValueMap {
  const map = Object.create(null) as ValueMap;
  for (const item of list) map[item.key ?? ''] = valueOf(item.value);
  return map;
}

function valueOf(message: AnyValueMessage | undefined): Value {
  if (message?.arrayValue) return message.arrayValue.values.map(valueOf);
  if (message?.kvlistValue) return mapOf(message.kvlistValue.values);
  if (message?.intValue !== undefined) {
    const near = Number(message.intValue);
    return Number.isSafeInteger(near) ? near : message.intValue;
  }
  return message?.stringValue ?? message?.boolValue ?? message?.doubleValue ?? message?.bytesValue ?? null;
}

/** The request in OTLP's JSON encoding. JSON has no -0, so a zero loses its sign unless it is a string. */
export function jsonOf(message: LogsRequestMessage): string {
  return JSON.stringify(message, (name, item: unknown): unknown => {
    if (item instanceof Uint8Array) {
      return Buffer.from(item).toString(/^(?:trace|span)Id$/.test(name) ? 'hex' : 'base64');
    }
    if (typeof item === 'bigint') return String(item);
    if (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))) {
      return Object.is(item, -0) ? '-0' : String(item);
    }
    return item;
  });
}
