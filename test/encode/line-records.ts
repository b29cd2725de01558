import { TraceFlags } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { severityText } from '../../src/core/level.ts';
import { appendField, ByteWriter, createRecord } from '../../src/core/record.ts';
import type { BoundFields, Encoder, LogRecord } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';

/** Who is logging, in the tests of text lines. */
export const RESOURCE: ValueMap = ValueMap.from([
  ['service.name', 'checkout'],
  ['service.version', '1.4.2'],
  ['deployment.environment.name', 'production'],
  ['cloud.region', 'eu-1'],
  ['host.name', 'web-1'],
  ['process.pid', 4242],
]);

export const SPAN: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};

type Fields = readonly (readonly [key: string, value: Value])[];

export interface RecordParts extends Partial<
  Pick<LogRecord, 'severity' | 'severityText' | 'eventName' | 'body' | 'spanContext' | 'bound' | 'droppedAttributes'>
> {
  logger?: string;
  fields?: Fields;
  seconds?: number;
  nanos?: number;
}

/** A record of 2026-03-04T05:06:07.089123456Z at INFO, unless `parts` say otherwise. */
export function makeRecord(parts: RecordParts = {}): LogRecord {
  const { logger = 'checkout.payments', fields = [], seconds = 1_772_600_767, nanos = 89_123_456, ...rest } = parts;
  const record = createRecord({ id: 0, name: logger, version: '', schemaUrl: '', attributes: new ValueMap() });
  record.severity = rest.severity ?? 9;
  record.severityText = severityText(record.severity);
  if (rest.eventName !== undefined) record.body = rest.eventName;
  Object.assign(record, rest);
  record.time.seconds = seconds;
  record.time.nanos = nanos;
  record.observed.seconds = 1_772_600_767;
  record.observed.nanos = 89_123_456;
  for (const [key, value] of fields) appendField(record, key, value);
  return record;
}

export function bind(fields: Fields): BoundFields {
  const keys = fields.map(([key]) => key);
  return { keys, values: fields.map(([, value]) => value), has: new Set(keys), encoded: [] };
}

/** What the encoder writes for a record, after bytes of an earlier one. */
export function encodeText(encoder: Encoder, record: LogRecord): string {
  const out = new ByteWriter(16);
  out.length = out.bytes.write('before');
  encoder.encode(record, out);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(out.bytes.subarray(0, out.length));
  return text.slice('before'.length);
}

/** Characters that act on a terminal or break lines: C0, DEL, C1, line separators, bidi controls. */
export const ACTING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** One of each way to forge a line or to drive a terminal. */
export const INJECTIONS: readonly string[] = [
  '\n2026-03-04T05:06:07.089Z | INFO | checkout | pid=4242 | req=- | forged | a=1',
  '\r2026-03-04T05:06:07.089Z | INFO | checkout | pid=4242 | req=- | forged | a=1',
  '\r\nforged',
  '\u2028forged',
  '\u2029forged',
  '\u0085forged',
  '\u000bforged\u000cforged',
  '\u001b[2J\u001b[1;1Hforged',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\',
  '\u009b31mforged',
  '\u009d0;title\u009c',
  '\u0007\b\u0000\u007f',
  '\u202eforged\u202c \u2066forged\u2069 \u200e\u200f\u061c',
];
