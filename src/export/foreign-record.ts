/**
 * Records in the shape that exporters of `@opentelemetry/sdk-logs` take (its `ReadableLogRecord`).
 *
 * Their serializers lose or break what they don't expect: a bigint vanishes, a NaN becomes `null` and an integer past
 * int64 becomes a float in JSON, and for either of the two the Collector refuses the whole request. Such values go as
 * text instead.
 */
import type { SpanContext } from '@opentelemetry/api';
import { toUSVString } from 'node:util';
import { attributesOf, bodyIn, droppedIn } from '../core/record.ts';
import type { LogRecord, Scope } from '../core/record.ts';
import { DROPPED, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { shownIn } from '../core/view.ts';
import type { View } from '../core/view.ts';

type Plain = null | string | number | boolean | Uint8Array | Plain[] | { [key: string]: Plain };
export type PlainMap = Record<string, Plain>;

export interface ForeignResource {
  readonly attributes: PlainMap;
  readonly asyncAttributesPending: false;
  merge(): ForeignResource;
  getRawAttributes(): [string, Plain][];
}

/** Exporters group by the identity of this object. */
export interface ForeignScope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
  readonly attributes: PlainMap;
}

export interface ForeignRecord {
  readonly hrTime: [number, number];
  readonly hrTimeObserved: [number, number];
  readonly spanContext: SpanContext | undefined;
  readonly severityNumber: number | undefined;
  readonly severityText: string | undefined;
  readonly body: Plain | undefined;
  readonly eventName: string | undefined;
  readonly resource: ForeignResource;
  readonly instrumentationScope: ForeignScope;
  readonly attributes: PlainMap;
  readonly droppedAttributesCount: number;
}

export function foreignResource(attributes: ValueMap): ForeignResource {
  const plain = plainMap(attributes.keys, attributes.values);
  const resource: ForeignResource = {
    attributes: plain,
    asyncAttributesPending: false,
    merge: () => resource,
    getRawAttributes: () => Object.entries(plain),
  };
  return resource;
}

export function foreignScope(scope: Scope): ForeignScope {
  return {
    name: scope.name,
    ...(scope.version !== '' && { version: scope.version }),
    ...(scope.schemaUrl !== '' && { schemaUrl: scope.schemaUrl }),
    attributes: plainMap(scope.attributes.keys, scope.attributes.values),
  };
}

/** A copy that outlives the call. */
export function foreignRecord(
  record: LogRecord,
  resource: ForeignResource,
  scope: ForeignScope,
  view: View,
): ForeignRecord {
  const attributes: PlainMap = {};
  for (const [key, value] of attributesOf(record)) {
    const shown = shownIn(view, value);
    if (shown !== DROPPED) put(attributes, key, shown);
  }
  const body = bodyIn(view, record);
  return {
    hrTime: [record.time.seconds, record.time.nanos],
    hrTimeObserved: [record.observed.seconds, record.observed.nanos],
    spanContext: record.spanContext,
    severityNumber: record.severity === 0 ? undefined : record.severity,
    severityText: record.severityText === '' ? undefined : record.severityText,
    body: body === null ? undefined : plain(body),
    eventName: record.eventName === '' ? undefined : record.eventName,
    resource,
    instrumentationScope: scope,
    attributes,
    droppedAttributesCount: droppedIn(view, record),
  };
}

function plain(value: Value): Plain {
  switch (typeof value) {
    case 'string':
      return toUSVString(value);
    case 'number':
      return Number.isSafeInteger(value) || !(Number.isInteger(value) || !Number.isFinite(value))
        ? value
        : String(value);
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'boolean':
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      if (value instanceof Varied) return plain(value.hidden);
      return value instanceof ValueMap ? plainMap(value.keys, value.values) : value.map(plain);
  }
}

function plainMap(keys: readonly string[], values: readonly Value[]): PlainMap {
  const map: PlainMap = {};
  for (let i = 0; i < keys.length; i++) put(map, keys[i] as string, values[i] as Value);
  return map;
}

/** Ordinary objects, since exporters call their methods; `__proto__` must be defined, or assigning it would pollute. */
function put(map: PlainMap, key: string, value: Value): void {
  if (key !== '__proto__') map[toUSVString(key)] = plain(value);
  else Object.defineProperty(map, key, { value: plain(value), enumerable: true, configurable: true, writable: true });
}
