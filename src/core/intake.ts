import type { SpanContext } from '@opentelemetry/api';
import type { ErrorRules } from './error-rules.ts';
import type { EventNames } from './event-names.ts';
import type { LogRecord, Scope } from './record.ts';
import type { ValueReader } from './read-value.ts';

/**
 * Where records enter: the pipeline, or before `register` the buffer that waits for it. Loggers and bridges ask for
 * admission, let the reader read the fields, and submit. All of it happens inside one call.
 */
export interface Intake {
  /** Reads and redacts fields by the rules in force. */
  readonly reader: ValueReader;
  /** Names of events that its rules have shown before. */
  readonly events: EventNames;
  /** Attributes per record. */
  readonly attributeLimit: number;
  /** Changes when the redaction rules do, so that bound fields are read anew. */
  readonly epoch: number;
  /** What is known of errors; undefined where nothing is. */
  readonly errors?: ErrorRules | undefined;
  /** False when this record is sampled out (it is counted then); decided before any field is read. */
  admit(scope: Scope, severity: number, eventName: string, span: SpanContext | undefined, record: LogRecord): boolean;
  /** Takes the filled record. Its observed time is set here, in the order of submission. Never throws. */
  submit(record: LogRecord): void;
  /** A record that failed in our own code: counted, said once. `record` is what was made of it, where there is one. */
  fail(error: unknown, record?: LogRecord): void;
}
