/**
 * OTLP logs in protobuf, read by hand: the receiver must not bring a protobuf library into the package.
 * Field numbers are those of opentelemetry-proto 1.x, named beside each case.
 *
 * Unknown fields are skipped, so newer senders are understood. Where a field that may come once comes again,
 * the last one counts.
 */
import {
  addEntry,
  emptyMap,
  emptyRecord,
  emptyResource,
  emptyScope,
  EntryBudget,
  MAX_VALUE_DEPTH,
  OtlpDecodeError,
  RECORD_COST,
  validId,
  type LogRecord,
  type LogsRequest,
  type Resource,
  type ResourceLogs,
  type Scope,
  type ScopeLogs,
  type Value,
  type ValueMap,
} from './otlp-model.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/**
 * Decodes an ExportLogsServiceRequest.
 *
 * @throws OtlpDecodeError when the bytes are not one; nothing else.
 */
export function decodeLogsRequest(bytes: Uint8Array): LogsRequest {
  const budget = new EntryBudget();
  const reader = ProtobufReader.over(bytes);
  const request: LogsRequest = { resourceLogs: [] };
  while (reader.next()) {
    if (reader.field === 1) request.resourceLogs.push(readResourceLogs(reader.message(), budget));
    else reader.skip();
  }
  return request;
}

function readResourceLogs(reader: ProtobufReader, budget: EntryBudget): ResourceLogs {
  budget.take(RECORD_COST);
  const resourceLogs: ResourceLogs = { resource: emptyResource(), scopeLogs: [], schemaUrl: '' };
  while (reader.next()) {
    if (reader.field === 1) resourceLogs.resource = readResource(reader.message(), budget);
    else if (reader.field === 2) resourceLogs.scopeLogs.push(readScopeLogs(reader.message(), budget));
    else if (reader.field === 3) resourceLogs.schemaUrl = reader.string();
    else reader.skip();
  }
  return resourceLogs;
}

function readResource(reader: ProtobufReader, budget: EntryBudget): Resource {
  const resource = emptyResource();
  let position = 0;
  while (reader.next()) {
    if (reader.field === 1) readEntry(reader.message(), resource.attributes, position++, budget, 1);
    else if (reader.field === 2) resource.droppedAttributesCount = reader.uint32();
    else reader.skip();
  }
  return resource;
}

function readScopeLogs(reader: ProtobufReader, budget: EntryBudget): ScopeLogs {
  budget.take(RECORD_COST);
  const scopeLogs: ScopeLogs = { scope: emptyScope(), logRecords: [], schemaUrl: '' };
  while (reader.next()) {
    if (reader.field === 1) scopeLogs.scope = readScope(reader.message(), budget);
    else if (reader.field === 2) scopeLogs.logRecords.push(readLogRecord(reader.message(), budget));
    else if (reader.field === 3) scopeLogs.schemaUrl = reader.string();
    else reader.skip();
  }
  return scopeLogs;
}

function readScope(reader: ProtobufReader, budget: EntryBudget): Scope {
  const scope = emptyScope();
  let position = 0;
  while (reader.next()) {
    if (reader.field === 1) scope.name = reader.string();
    else if (reader.field === 2) scope.version = reader.string();
    else if (reader.field === 3) readEntry(reader.message(), scope.attributes, position++, budget, 1);
    else if (reader.field === 4) scope.droppedAttributesCount = reader.uint32();
    else reader.skip();
  }
  return scope;
}

function readLogRecord(reader: ProtobufReader, budget: EntryBudget): LogRecord {
  budget.take(RECORD_COST);
  const record = emptyRecord();
  let position = 0;
  while (reader.next()) {
    // prettier-ignore
    switch (reader.field) {
      case 1: record.timeUnixNano = reader.fixed64(); break;
      case 2: record.severityNumber = reader.int32(); break;
      case 3: record.severityText = reader.string(); break;
      case 5: record.body = readValue(reader.message(), budget, 1); break;
      case 6: readEntry(reader.message(), record.attributes, position++, budget, 1); break;
      case 7: record.droppedAttributesCount = reader.uint32(); break;
      case 8: record.flags = reader.fixed32(); break;
      case 9: record.traceId = validId(reader.hex(), 32); break;
      case 10: record.spanId = validId(reader.hex(), 16); break;
      case 11: record.observedTimeUnixNano = reader.fixed64(); break;
      case 12: record.eventName = reader.string(); break;
      default: reader.skip();
    }
  }
  return record;
}

/** KeyValue: key = 1, value = 2. */
function readEntry(reader: ProtobufReader, into: ValueMap, position: number, budget: EntryBudget, depth: number): void {
  budget.take(1);
  let key = '';
  let value: Value = null;
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = readValue(reader.message(), budget, depth);
    else reader.skip();
  }
  addEntry(into, key, value, position);
}

function readValue(reader: ProtobufReader, budget: EntryBudget, depth: number): Value {
  if (depth > MAX_VALUE_DEPTH) throw new OtlpDecodeError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  let value: Value = null;
  while (reader.next()) {
    // prettier-ignore
    switch (reader.field) {
      case 1: value = reader.string(); break;
      case 2: value = reader.bool(); break;
      case 3: value = reader.int64(); break;
      case 4: value = reader.double(); break;
      case 5: value = readArray(reader.message(), budget, depth + 1); break;
      case 6: value = readMap(reader.message(), budget, depth + 1); break;
      case 7: value = reader.bytes(); break;
      default: reader.skip();
    }
  }
  return value;
}

function readArray(reader: ProtobufReader, budget: EntryBudget, depth: number): Value[] {
  const values: Value[] = [];
  while (reader.next()) {
    if (reader.field === 1) {
      budget.take(1);
      values.push(readValue(reader.message(), budget, depth));
    } else reader.skip();
  }
  return values;
}

function readMap(reader: ProtobufReader, budget: EntryBudget, depth: number): ValueMap {
  const map = emptyMap();
  let position = 0;
  while (reader.next()) {
    if (reader.field === 1) readEntry(reader.message(), map, position++, budget, depth);
    else reader.skip();
  }
  return map;
}
