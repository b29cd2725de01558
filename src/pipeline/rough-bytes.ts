import { attributesOf } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import { ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';

/** What a record that is kept holds in memory, roughly: texts at two bytes a unit, 64 bytes for everything else. */
export function roughBytes(record: LogRecord): number {
  let bytes = 256 + valueBytes(record.body) + record.eventName.length * 2;
  for (const [key, value] of attributesOf(record)) bytes += key.length * 2 + valueBytes(value);
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
  if (Array.isArray(value)) return (value as Value[]).reduce<number>((sum, inner) => sum + valueBytes(inner), 64);
  return 64;
}
