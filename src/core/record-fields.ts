import { appendField, NO_BOUND } from './record.ts';
import type { LogRecord } from './record.ts';
import type { Value } from './value.ts';

/** The attributes that an error becomes; the limit on attributes never costs the reason of a failure. */
const EXCEPTION_KEYS: ReadonlySet<string> = new Set([
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'exception.code',
  'exception.expected',
  'exception.first_time',
  'exception.first_event',
  'exception.first_uid',
]);

/** Makes keys unique: what was given last wins, over the record's other fields and over bound ones. */
export function settleRepeats(record: LogRecord): void {
  const callKeys = new Set(record.fieldKeys.slice(0, record.fieldCount));
  if (record.bound.some((bound) => bound.keys.some((key) => callKeys.has(key)))) unbind(record);
  const merged = new Map<string, Value>();
  for (let i = 0; i < record.fieldCount; i++) {
    const key = record.fieldKeys[i] as string;
    if (key === '') record.droppedAttributes++;
    else merged.set(key, record.fieldValues[i] as Value);
  }
  replaceFields(record, merged);
}

/** Keeps `limit` attributes, the bound ones first and the exception always; the others are counted on the record. */
export function limitFields(record: LogRecord, limit: number): void {
  let count = record.fieldCount;
  for (let i = 0; i < record.bound.length; i++) count += record.bound[i]?.keys.length ?? 0;
  if (count <= limit) return;
  unbind(record);
  const fields = Array.from({ length: record.fieldCount }, (_, i) => i);
  const exception = fields.filter((i) => EXCEPTION_KEYS.has(record.fieldKeys[i] as string));
  const others = fields.filter((i) => !EXCEPTION_KEYS.has(record.fieldKeys[i] as string));
  const kept = [...others.slice(0, Math.max(0, limit - exception.length)), ...exception];
  record.droppedAttributes += count - kept.length;
  replaceFields(
    record,
    kept.map((i) => [record.fieldKeys[i] as string, record.fieldValues[i] as Value] as const),
  );
}

/** Turns bound fields into fields of the record, before its own. */
function unbind(record: LogRecord): void {
  const own = Array.from(
    { length: record.fieldCount },
    (_, i) => [record.fieldKeys[i], record.fieldValues[i]] as const,
  );
  const bound = record.bound.flatMap(({ keys, values }) => keys.map((key, i) => [key, values[i]] as const));
  record.bound = NO_BOUND;
  replaceFields(record, [...bound, ...own] as (readonly [string, Value])[]);
}

function replaceFields(record: LogRecord, fields: Iterable<readonly [string, Value]>): void {
  record.fieldCount = 0;
  for (const [key, value] of fields) appendField(record, key, value);
}
