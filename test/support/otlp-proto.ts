/**
 * The OTLP logs messages by reflection, for tests that need a decoder or encoder independent of ours.
 *
 * The schema is written from the field numbers of opentelemetry-proto 1.x (logs/v1, common/v1, resource/v1,
 * collector/logs/v1) and google.rpc.Status. Nothing of `src/` is used here: what our encoder and our reader
 * are checked against must not share their mistakes.
 *
 * All 64-bit integers are bigint. A field that was not on the wire is absent (repeated fields are then empty),
 * so a test can tell "not sent" from "sent as zero".
 */
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto3";

message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
message ExportLogsServiceResponse { ExportLogsPartialSuccess partial_success = 1; }
message ExportLogsPartialSuccess { int64 rejected_log_records = 1; string error_message = 2; }

message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message InstrumentationScope {
  string name = 1;
  string version = 2;
  repeated KeyValue attributes = 3;
  uint32 dropped_attributes_count = 4;
}
message LogRecord {
  fixed64 time_unix_nano = 1;
  int32 severity_number = 2;
  string severity_text = 3;
  AnyValue body = 5;
  repeated KeyValue attributes = 6;
  uint32 dropped_attributes_count = 7;
  fixed32 flags = 8;
  bytes trace_id = 9;
  bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11;
  string event_name = 12;
}
message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }

message RpcStatus { int32 code = 1; string message = 2; repeated RpcAny details = 3; }
message RpcAny { string type_url = 1; bytes value = 2; }
`;

/** Exactly one property is set; none at all is OTLP's empty value. */
export interface AnyValueMessage {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: bigint;
  doubleValue?: number;
  arrayValue?: { values: AnyValueMessage[] };
  kvlistValue?: { values: KeyValueMessage[] };
  bytesValue?: Uint8Array;
}
export interface KeyValueMessage {
  key?: string;
  value?: AnyValueMessage;
}
export interface ResourceMessage {
  attributes: KeyValueMessage[];
  droppedAttributesCount?: number;
}
export interface ScopeMessage {
  name?: string;
  version?: string;
  attributes: KeyValueMessage[];
  droppedAttributesCount?: number;
}
export interface LogRecordMessage {
  timeUnixNano?: bigint;
  observedTimeUnixNano?: bigint;
  severityNumber?: number;
  severityText?: string;
  body?: AnyValueMessage;
  attributes: KeyValueMessage[];
  droppedAttributesCount?: number;
  flags?: number;
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  eventName?: string;
}
export interface ScopeLogsMessage {
  scope?: ScopeMessage;
  logRecords: LogRecordMessage[];
  schemaUrl?: string;
}
export interface ResourceLogsMessage {
  resource?: ResourceMessage;
  scopeLogs: ScopeLogsMessage[];
  schemaUrl?: string;
}
export interface LogsRequestMessage {
  resourceLogs: ResourceLogsMessage[];
}
export interface LogsResponseMessage {
  partialSuccess?: { rejectedLogRecords?: bigint; errorMessage?: string };
}
export interface StatusMessage {
  code?: number;
  message?: string;
  details: { typeUrl?: string; value?: Uint8Array }[];
}

// One level of a nested attribute value is three messages (AnyValue, KeyValueList, KeyValue), so the
// library's default of 100 would refuse values of depth 64, which OTLP allows.
protobuf.util.recursionLimit = 2_000;
protobuf.Reader.recursionLimit = 2_000;

const root = protobuf.parse(SCHEMA).root;
const requestType = root.lookupType('ExportLogsServiceRequest');
const responseType = root.lookupType('ExportLogsServiceResponse');
const statusType = root.lookupType('RpcStatus');

function decode(type: protobuf.Type, bytes: Uint8Array): object {
  // A copy into a plain Uint8Array: from a Buffer the library would hand out Buffers for the bytes fields,
  // and assert.deepStrictEqual tells the two classes apart.
  return type.toObject(type.decode(Uint8Array.from(bytes)), { longs: BigInt, arrays: true });
}

function encode(type: protobuf.Type, message: object): Uint8Array {
  return Uint8Array.from(type.encode(type.fromObject(message)).finish());
}

/** Decodes an ExportLogsServiceRequest; throws what protobufjs throws when the bytes are not one. */
export function decodeLogsRequest(bytes: Uint8Array): LogsRequestMessage {
  return decode(requestType, bytes) as LogsRequestMessage;
}

/** Encodes an ExportLogsServiceRequest; set fields are written even when they hold the default value. */
export function encodeLogsRequest(request: LogsRequestMessage): Uint8Array {
  return encode(requestType, request);
}

export function decodeLogsResponse(bytes: Uint8Array): LogsResponseMessage {
  return decode(responseType, bytes);
}

export function encodeLogsResponse(response: LogsResponseMessage): Uint8Array {
  return encode(responseType, response);
}

/** Decodes a google.rpc.Status, the body of every OTLP/HTTP failure. */
export function decodeStatus(bytes: Uint8Array): StatusMessage {
  return decode(statusType, bytes) as StatusMessage;
}

export function encodeStatus(status: StatusMessage): Uint8Array {
  return encode(statusType, status);
}
