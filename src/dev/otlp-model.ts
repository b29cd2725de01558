/**
 * What an OTLP logs request says, as plain objects: the one shape that both wire formats are decoded into.
 * Absent text is '' and absent numbers are 0, as proto3 has it; an absent id is undefined.
 */

/**
 * An AnyValue. An int64 is a number while that is exact and a bigint beyond; a double is always a number;
 * OTLP's empty value is null. A map has no prototype, so that `__proto__` is a key like any other.
 */
export type Value = null | string | number | bigint | boolean | Uint8Array | Value[] | ValueMap;
export interface ValueMap {
  [key: string]: Value;
}

export interface Resource {
  attributes: ValueMap;
  droppedAttributesCount: number;
}
export interface Scope {
  name: string;
  version: string;
  attributes: ValueMap;
  droppedAttributesCount: number;
}
export interface LogRecord {
  /** Nanoseconds since 1970 as the source gave them; 0n when it gave none. */
  timeUnixNano: bigint;
  /** Nanoseconds since 1970 at which the record was first seen by a collection system. */
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body: Value;
  attributes: ValueMap;
  droppedAttributesCount: number;
  flags: number;
  /** 32 lower-case hex digits. */
  traceId: string | undefined;
  /** 16 lower-case hex digits. */
  spanId: string | undefined;
  eventName: string;
}
export interface ScopeLogs {
  scope: Scope;
  logRecords: LogRecord[];
  schemaUrl: string;
}
export interface ResourceLogs {
  resource: Resource;
  scopeLogs: ScopeLogs[];
  schemaUrl: string;
}
export interface LogsRequest {
  resourceLogs: ResourceLogs[];
}

/** A request that is not OTLP; `message` says what is wrong and where. The sender must not retry it. */
export class OtlpDecodeError extends Error {
  override readonly name = 'OtlpDecodeError';
}

/** Values nested deeper than this are refused: spanlog and the SDKs stop at 64, attribute map included. */
export const MAX_VALUE_DEPTH = 100;

/**
 * What one request may unfold into: a value or an attribute costs 1, a record (or a resource, or a scope) costs
 * RECORD_COST. Two bytes on the wire are enough for an empty record of 350 bytes in memory, so 64 MiB could ask
 * for more than 10 GB; this stops below 1 GB. 64 MiB of usual records (230 bytes, 8 attributes) cost 3.5 million.
 */
const MAX_COST = 8_000_000;
export const RECORD_COST = 4;

/** Counts what a request unfolds into, and refuses it past the limit. */
export class EntryBudget {
  #left = MAX_COST;

  take(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new OtlpDecodeError('the request holds too many records and values');
  }
}

export function emptyMap(): ValueMap {
  return Object.create(null) as ValueMap;
}

/**
 * Sets a key. OTLP wants keys to be unique; one that comes again is kept under a name that tells its position
 * in the list, so that nothing that was sent stays hidden from whoever looks for a leak.
 */
export function addEntry(map: ValueMap, key: string, value: Value, position: number): void {
  map[key in map ? `${key} (again, entry ${position})` : key] = value;
}

export function emptyResource(): Resource {
  return { attributes: emptyMap(), droppedAttributesCount: 0 };
}

export function emptyScope(): Scope {
  return { name: '', version: '', attributes: emptyMap(), droppedAttributesCount: 0 };
}

export function emptyRecord(): LogRecord {
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body: null,
    attributes: emptyMap(),
    droppedAttributesCount: 0,
    flags: 0,
    traceId: undefined,
    spanId: undefined,
    eventName: '',
  };
}

/**
 * An id in hex as OTLP means it: of any other length, or all zeros, it is no id and the record belongs to no
 * trace (logs.proto, `trace_id` and `span_id`).
 */
export function validId(hex: string, digits: 16 | 32): string | undefined {
  return hex.length === digits && /[^0]/.test(hex) ? hex : undefined;
}
