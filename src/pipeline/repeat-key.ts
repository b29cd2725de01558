import type { LogRecord } from '../core/record.ts';
import { DROPPED, ValueMap, Varied } from '../core/value.ts';
import type { Value } from '../core/value.ts';

/** A longer record is no line that repeats; looking for it would cost more than keeping it. */
const MAX_KEY_LENGTH = 8_192;

/** What tells two tellings of one failure apart, though both mean the same. */
const OF_THE_TELLING: readonly string[] = [
  'exception.stacktrace',
  'exception.first_time',
  'exception.first_event',
  'exception.first_uid',
];

/** Fields that do not count when records are compared: those given, and what differs by its nature. */
export function ignoredFields(given: readonly string[]): ReadonlySet<string> {
  return new Set([...given, ...OF_THE_TELLING]);
}

/**
 * The same text for records that say the same: logger, severity, event, body and the call's own fields. Not a hash of it:
 * whoever chooses what is logged could make two that collide, and hide one behind the other.
 *
 * @returns undefined for a record that is too long
 */
export function repeatKey(record: LogRecord, ignored: ReadonlySet<string>): string | undefined {
  const { fieldKeys, fieldValues, fieldCount } = record;
  let key = `${record.scope.id} ${record.severity} ${part(record.eventName)}`;
  if (record.body !== record.eventName) key += part(record.body);
  for (let i = 0; i < fieldCount; i++) {
    const name = fieldKeys[i] as string;
    if (ignored.has(name)) continue;
    key += `|${name.length}:${name}${part(fieldValues[i] as Value)}`;
    if (key.length > MAX_KEY_LENGTH) return undefined;
  }
  return key;
}

/** Lengths stand before what has one, so that no value can look like another's end. */
function part(value: Value): string {
  if (typeof value === 'string') return `"${value.length}:${value}`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return `=${value}`;
  if (typeof value === 'bigint') return `=${value}n`;
  if (value instanceof Uint8Array) return `x${value.length}:${Buffer.from(value).toString('latin1')}`;
  if (value instanceof ValueMap) {
    let text = `{${value.size}`;
    for (let i = 0; i < value.size; i++) text += part(value.keys[i] as string) + part(value.values[i] as Value);
    return text;
  }
  // What any destination shows: records that differ for one of them are no repeats.
  const entries = value instanceof Varied ? value.views : value;
  let text = `${entries === value ? '[' : '<'}${entries.length}`;
  for (const entry of entries) text += entry === DROPPED ? '-' : part(entry);
  return text;
}
