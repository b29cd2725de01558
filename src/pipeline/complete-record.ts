import { appendField, attributeOf } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import type { RecordUids } from '../core/record-uid.ts';
import type { RetentionRules } from '../core/retention-rules.ts';

/** What records get from the pipeline besides what they were given. */
export interface Completion {
  /** Gives each record an id, when that is wanted. */
  readonly uids?: RecordUids | undefined;
  /** Gives each record its retention class; undefined where none has one. */
  readonly retention?: RetentionRules | undefined;
}

/** By which a backend tells a record that was delivered twice. */
export const UID = 'log.record.uid';
/** By which a backend knows how long to keep the record. */
const RETENTION = 'log.retention';

/** Adds to a record, whose observed time is set, what it needs before it is encoded. What the caller gave stays. */
export function completeRecord(record: LogRecord, { uids, retention }: Completion): void {
  if (record.time.seconds === 0) {
    record.time.seconds = record.observed.seconds;
    record.time.nanos = record.observed.nanos;
  }
  if (record.samplingThreshold !== '') addSampling(record);
  if (retention !== undefined) {
    const word = retention.of(record.eventName, record.scope.name, record.severity);
    if (word !== undefined && attributeOf(record, RETENTION) === undefined) appendField(record, RETENTION, word);
  }
  if (uids !== undefined && attributeOf(record, UID) === undefined) {
    appendField(record, UID, uids.next(record.observed));
  }
}

/** As the Collector's probabilistic sampler reads them back. */
function addSampling(record: LogRecord): void {
  appendField(record, 'sampling.threshold', record.samplingThreshold);
  if (record.samplingRandomness !== '') appendField(record, 'sampling.randomness', record.samplingRandomness);
}
