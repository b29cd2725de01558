import type { BoundFields, LogRecord } from '../core/record.ts';
import { DROPPED, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';

/** What a record that is kept holds in memory, roughly: texts at two bytes a unit, 64 bytes for everything else. */
export function roughBytes(record: LogRecord): number {
  let bytes = 256 + valueBytes(record.body) + record.eventName.length * 2;
  for (let i = 0; i < record.bound.length; i++) {
    const { keys, values } = record.bound[i] as BoundFields;
    bytes += fieldBytes(keys, values, keys.length);
  }
  return bytes + fieldBytes(record.fieldKeys, record.fieldValues, record.fieldCount);
}

function fieldBytes(keys: readonly string[], values: readonly Value[], count: number): number {
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as Value;
    // Here, what most fields are: a call for each cost twice as much.
    const size = typeof value === 'string' ? 16 + value.length * 2 : typeof value === 'number' ? 64 : valueBytes(value);
    bytes += (keys[i] as string).length * 2 + size;
  }
  return bytes;
}

function valueBytes(value: Value): number {
  if (typeof value === 'string') return 16 + value.length * 2;
  if (value instanceof Uint8Array) return 64 + value.length;
  if (value instanceof ValueMap) {
    return value.values.reduce<number>(
      (sum, inner, i) => sum + valueBytes(inner) + (value.keys[i] as string).length * 2 + 32,
      64,
    );
  }
  if (value instanceof Varied) {
    return value.views.reduce<number>((sum, shown) => sum + (shown === DROPPED ? 0 : valueBytes(shown)), 64);
  }
  if (Array.isArray(value)) return (value as Value[]).reduce<number>((sum, inner) => sum + valueBytes(inner), 64);
  return 64;
}
