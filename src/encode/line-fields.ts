import type { LogRecord } from '../core/record.ts';
import { attributeOf } from '../core/record.ts';
import { DROPPED } from '../core/value.ts';
import type { Value, ValueMap } from '../core/value.ts';
import { shownIn } from '../core/view.ts';
import type { View } from '../core/view.ts';

/**
 * What text lines say besides the record's own fields, and under which names (R2.5). The names are the same on both
 * kinds of lines, so that what was read on one can be searched in the other.
 */

/** What stands in the place of something that is not known. */
export const NONE = '-';

/** What every line of a process shares: its name in the line, and the resource attribute it comes from. */
const PROCESS_FIELDS: readonly (readonly [name: string, attribute: string])[] = [
  ['service', 'service.name'],
  ['environment', 'deployment.environment.name'],
  ['version', 'service.version'],
  ['region', 'cloud.region'],
  ['host', 'host.name'],
  ['pid', 'process.pid'],
  ['thread', 'thread.id'],
  ['worker', 'worker.id'],
];

/** Thread 0 is the main thread (`worker_threads.threadId`); a resource names only the others. */
const MAIN_THREAD = 0;

/** The fields that every line of a process shares, with `-` for what is not known. */
export function processFields(resource: ValueMap): ReadonlyMap<string, Value> {
  return new Map(
    PROCESS_FIELDS.map(([name, attribute]) => [
      name,
      resource.get(attribute) ?? (name === 'thread' ? MAIN_THREAD : NONE),
    ]),
  );
}

const RESERVED: ReadonlySet<string> = new Set([
  ...PROCESS_FIELDS.map(([name]) => name),
  'time',
  'level',
  'severity_text',
  'logger',
  'event',
  'message',
  'body',
  'request_id',
  'trace_id',
  'span_id',
  'trace_flags',
  'dropped_attributes',
  // Of a line in an audit trail.
  'audit.seq',
  'audit.prev',
  'audit.key',
  'audit.hash',
]);

/**
 * The name of an application's field on a line. Where it is one of ours it gets an underscore, and so does a name that
 * has one already: `level` becomes `level_` and `level_` becomes `level__`, so that no two fields share a name.
 */
export function fieldName(key: string): string {
  let end = key.length;
  while (end > 0 && key.charCodeAt(end - 1) === UNDERSCORE) end--;
  return RESERVED.has(end === key.length ? key : key.slice(0, end)) ? `${key}_` : key;
}

const UNDERSCORE = 0x5f;

/** True for a value that can be a request id; anything else under that name stays a field. */
export function isRequestId(value: Value | undefined): value is string | number | bigint {
  return typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'bigint';
}

/** The request a record belongs to, as `view` shows it, or `-`. */
export function requestIdOf(record: LogRecord, view: View): string {
  const value = shownIn(view, attributeOf(record, REQUEST_ID) ?? null);
  return value !== DROPPED && isRequestId(value) ? String(value) : NONE;
}

export const REQUEST_ID = 'request_id';
