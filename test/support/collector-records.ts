/**
 * Log records as the Collector's `file` exporter writes them (OTLP/JSON, one request a line), flattened for assertions.
 */

/** A decoded AnyValue: int64 is a number while that is exact, else a bigint; bytes are a Uint8Array; empty is null. */
export type DecodedValue = null | string | number | bigint | boolean | Uint8Array | DecodedValue[] | DecodedMap;
export interface DecodedMap {
  [key: string]: DecodedValue;
}

/** Which case of AnyValue carried an attribute: 5 and 5.0 decode to the same number but are not the same record. */
export type AnyValueKind = 'string' | 'bool' | 'int' | 'double' | 'array' | 'kvlist' | 'bytes' | 'empty';

/** One log record together with the resource and the scope that it arrived under. */
export interface FlatLogRecord {
  resource: DecodedMap;
  scope: { name: string; version: string; attributes: DecodedMap };
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body: DecodedValue;
  bodyKind: AnyValueKind;
  attributes: DecodedMap;
  attributeKinds: Record<string, AnyValueKind>;
  droppedAttributesCount: number;
  flags: number;
  /** Lower-case hex, or '' when the record carries none. */
  traceId: string;
  spanId: string;
  eventName: string;
}

interface AnyValueJson {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number | string;
  arrayValue?: { values?: AnyValueJson[] };
  kvlistValue?: { values?: KeyValueJson[] };
  bytesValue?: string;
}
interface KeyValueJson {
  key?: string;
  value?: AnyValueJson;
}
interface LogRecordJson {
  timeUnixNano?: string | number;
  observedTimeUnixNano?: string | number;
  severityNumber?: number;
  severityText?: string;
  body?: AnyValueJson;
  attributes?: KeyValueJson[];
  droppedAttributesCount?: number;
  flags?: number;
  traceId?: string;
  spanId?: string;
  eventName?: string;
}
interface ScopeLogsJson {
  scope?: { name?: string; version?: string; attributes?: KeyValueJson[] };
  logRecords?: LogRecordJson[];
}
interface RequestJson {
  resourceLogs?: { resource?: { attributes?: KeyValueJson[] }; scopeLogs?: ScopeLogsJson[] }[];
}

/** The records of one line of the file. */
export function flattenLine(line: string): FlatLogRecord[] {
  const request = JSON.parse(line) as RequestJson;
  return (request.resourceLogs ?? []).flatMap(({ resource, scopeLogs }) => {
    const resourceAttributes = decodeMap(resource?.attributes);
    return (scopeLogs ?? []).flatMap((group) => flattenScope(group, resourceAttributes));
  });
}

function flattenScope({ scope, logRecords }: ScopeLogsJson, resource: DecodedMap): FlatLogRecord[] {
  const flatScope = {
    name: scope?.name ?? '',
    version: scope?.version ?? '',
    attributes: decodeMap(scope?.attributes),
  };
  return (logRecords ?? []).map((record) => ({
    resource,
    scope: flatScope,
    timeUnixNano: BigInt(record.timeUnixNano ?? 0),
    observedTimeUnixNano: BigInt(record.observedTimeUnixNano ?? 0),
    severityNumber: record.severityNumber ?? 0,
    severityText: record.severityText ?? '',
    body: decode(record.body),
    bodyKind: kindOf(record.body),
    attributes: decodeMap(record.attributes),
    attributeKinds: Object.fromEntries(
      (record.attributes ?? []).map(({ key, value }) => [key ?? '', kindOf(value)] as const),
    ),
    droppedAttributesCount: record.droppedAttributesCount ?? 0,
    flags: record.flags ?? 0,
    traceId: record.traceId ?? '',
    spanId: record.spanId ?? '',
    eventName: record.eventName ?? '',
  }));
}

// fromEntries defines own properties, so a key such as `__proto__` is data here too.
function decodeMap(pairs: KeyValueJson[] | undefined): DecodedMap {
  return Object.fromEntries((pairs ?? []).map(({ key, value }) => [key ?? '', decode(value)]));
}

function decode(value: AnyValueJson | undefined): DecodedValue {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.boolValue !== undefined) return value.boolValue;
  if (value?.intValue !== undefined) return decodeInt(value.intValue);
  // ProtoJSON writes NaN and the infinities as strings; Number reads those names.
  if (value?.doubleValue !== undefined) return Number(value.doubleValue);
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(decode);
  if (value?.kvlistValue !== undefined) return decodeMap(value.kvlistValue.values);
  if (value?.bytesValue !== undefined) return new Uint8Array(Buffer.from(value.bytesValue, 'base64'));
  return null;
}

function decodeInt(value: string | number): number | bigint {
  const exact = BigInt(value);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function kindOf(value: AnyValueJson | undefined): AnyValueKind {
  if (value?.stringValue !== undefined) return 'string';
  if (value?.boolValue !== undefined) return 'bool';
  if (value?.intValue !== undefined) return 'int';
  if (value?.doubleValue !== undefined) return 'double';
  if (value?.arrayValue !== undefined) return 'array';
  if (value?.kvlistValue !== undefined) return 'kvlist';
  if (value?.bytesValue !== undefined) return 'bytes';
  return 'empty';
}
