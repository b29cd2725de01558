/**
 * OTLP logs in JSON, read into the same shape as protobuf (OTLP specification, "JSON Protobuf Encoding"):
 * lowerCamelCase names, ids in hex, int64 as a string or a number, enums as integers, NaN and the infinities
 * as strings, bytes in base64, null as absent, unknown names ignored.
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
  type Scope,
  type Value,
  type ValueMap,
} from './otlp-model.ts';
import {
  booleanAt,
  bytesAt,
  doubleAt,
  hexAt,
  int64At,
  integerAt,
  listAt,
  objectAt,
  parseExactJson,
  textAt,
  unsigned64At,
  type JsonObject,
} from './json-fields.ts';

/**
 * Decodes the JSON form of an ExportLogsServiceRequest.
 *
 * @throws OtlpDecodeError when it is not one, naming the place as a path; nothing else.
 */
export function decodeLogsRequestJson(bytes: Uint8Array): LogsRequest {
  const budget = new EntryBudget();
  const root = parseExactJson(bytes);
  return {
    resourceLogs: listAt(root, 'resourceLogs', '').map(([item, path]) => {
      budget.take(RECORD_COST);
      return {
        resource: readResource(objectAt(item, 'resource', path), `${path}.resource`, budget),
        scopeLogs: listAt(item, 'scopeLogs', path).map(([scopeLogs, scopePath]) => {
          budget.take(RECORD_COST);
          return {
            scope: readScope(objectAt(scopeLogs, 'scope', scopePath), `${scopePath}.scope`, budget),
            logRecords: listAt(scopeLogs, 'logRecords', scopePath).map(([record, recordPath]) =>
              readLogRecord(record, recordPath, budget),
            ),
            schemaUrl: textAt(scopeLogs, 'schemaUrl', scopePath),
          };
        }),
        schemaUrl: textAt(item, 'schemaUrl', path),
      };
    }),
  };
}

function readResource(resource: JsonObject | undefined, path: string, budget: EntryBudget): Resource {
  if (resource === undefined) return emptyResource();
  return {
    attributes: readEntries(resource, 'attributes', path, budget, 1),
    droppedAttributesCount: integerAt(resource, 'droppedAttributesCount', path),
  };
}

function readScope(scope: JsonObject | undefined, path: string, budget: EntryBudget): Scope {
  if (scope === undefined) return emptyScope();
  return {
    name: textAt(scope, 'name', path),
    version: textAt(scope, 'version', path),
    attributes: readEntries(scope, 'attributes', path, budget, 1),
    droppedAttributesCount: integerAt(scope, 'droppedAttributesCount', path),
  };
}

function readLogRecord(source: JsonObject, path: string, budget: EntryBudget): LogRecord {
  budget.take(RECORD_COST);
  const record = emptyRecord();
  record.timeUnixNano = unsigned64At(source, 'timeUnixNano', path);
  record.observedTimeUnixNano = unsigned64At(source, 'observedTimeUnixNano', path);
  record.severityNumber = integerAt(source, 'severityNumber', path);
  record.severityText = textAt(source, 'severityText', path);
  record.body = readValue(objectAt(source, 'body', path), `${path}.body`, budget, 1);
  record.attributes = readEntries(source, 'attributes', path, budget, 1);
  record.droppedAttributesCount = integerAt(source, 'droppedAttributesCount', path);
  record.flags = integerAt(source, 'flags', path);
  record.traceId = validId(hexAt(source, 'traceId', path), 32);
  record.spanId = validId(hexAt(source, 'spanId', path), 16);
  record.eventName = textAt(source, 'eventName', path);
  return record;
}

function readEntries(owner: JsonObject, name: string, path: string, budget: EntryBudget, depth: number): ValueMap {
  const map = emptyMap();
  listAt(owner, name, path).forEach(([entry, entryPath], position) => {
    const value = readValue(objectAt(entry, 'value', entryPath), `${entryPath}.value`, budget, depth);
    addEntry(map, textAt(entry, 'key', entryPath), value, position);
  });
  return map;
}

function readValue(source: JsonObject | undefined, path: string, budget: EntryBudget, depth: number): Value {
  if (depth > MAX_VALUE_DEPTH) throw new OtlpDecodeError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  budget.take(1);
  if (source === undefined) return null;
  if (isSet(source, 'stringValue')) return textAt(source, 'stringValue', path);
  if (isSet(source, 'boolValue')) return booleanAt(source, 'boolValue', path);
  if (isSet(source, 'intValue')) return int64At(source, 'intValue', path);
  if (isSet(source, 'doubleValue')) return doubleAt(source, 'doubleValue', path);
  if (isSet(source, 'bytesValue')) return bytesAt(source, 'bytesValue', path);
  const array = objectAt(source, 'arrayValue', path);
  if (array !== undefined) {
    return listAt(array, 'values', `${path}.arrayValue`).map(([item, itemPath]) =>
      readValue(item, itemPath, budget, depth + 1),
    );
  }
  const map = objectAt(source, 'kvlistValue', path);
  return map === undefined ? null : readEntries(map, 'values', `${path}.kvlistValue`, budget, depth + 1);
}

function isSet(source: JsonObject, name: string): boolean {
  return source[name] !== undefined && source[name] !== null;
}
