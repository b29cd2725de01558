/**
 * Values to OTLP/JSON's AnyValue, for everything off the hot path (OTLP specification, "JSON Protobuf Encoding").
 *
 * A number that JSON can't hold is text: int64 as a decimal string, NaN and the infinities by name. A `null` in their
 * place makes the Collector refuse the whole request.
 */
import { isWireInteger, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { jsonString as textJson } from './json-text.ts';

export { textJson };

/** Entries as the JSON text of a KeyValue array: `[{"key":"a","value":{"intValue":"1"}}]`. */
export function attributesJson(keys: readonly string[], values: readonly Value[]): string {
  const entries = keys.map((key, i) => `{"key":${textJson(key)},"value":${anyValueJson(values[i] as Value)}}`);
  return `[${entries.join(',')}]`;
}

/** One AnyValue as JSON text; `null` is the empty object. */
export function anyValueJson(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${textJson(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    case 'number':
      return isWireInteger(value) ? `{"intValue":"${value}"}` : `{"doubleValue":${doubleJson(value)}}`;
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? `{"intValue":"${value}"}` : `{"stringValue":"${value}"}`;
    default:
      return compoundJson(value);
  }
}

function compoundJson(value: Exclude<Value, string | number | boolean | bigint>): string {
  if (value === null) return '{}';
  if (value instanceof Uint8Array) {
    return `{"bytesValue":"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"}`;
  }
  if (value instanceof ValueMap) return `{"kvlistValue":{"values":${attributesJson(value.keys, value.values)}}}`;
  if (value instanceof Varied) return anyValueJson(value.hidden);
  return `{"arrayValue":{"values":[${value.map(anyValueJson).join(',')}]}}`;
}

function doubleJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}
