import type { InputReport } from './input-run.ts';

/** What `apps/input-names.ts` reports. */
export interface NamesReport extends InputReport {
  readonly startMs: number;
  readonly endMs: number;
}

/** Under these names a record, or a line of it, says something itself. */
export const FORGED_NAMES: readonly string[] = [
  ...[
    'level',
    'time',
    'timestamp',
    'timeUnixNano',
    'observed_time',
    'body',
    'message',
    'event',
    'eventName',
    'event_name',
  ],
  ...[
    'severity',
    'severity_text',
    'severityNumber',
    'trace_id',
    'span_id',
    'traceId',
    'spanId',
    'trace_flags',
    'flags',
  ],
  ...['service', 'service.name', 'logger', 'host', 'pid', 'resource', 'scope', 'attributes', 'dropped_attributes'],
  ...['__proto__', 'constructor', 'prototype', 'toJSON', 'toString', 'hasOwnProperty'],
];

/** In which a bridge logs. */
export const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
