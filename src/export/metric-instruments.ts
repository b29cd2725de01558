import { ValueType } from '@opentelemetry/api';
import type { Histogram, Meter, Observable } from '@opentelemetry/api';

/** Descriptions are the conventions' own. */
const INSTRUMENTS = {
  created: ['otel.sdk.log.created', 'The number of logs submitted to enabled SDK Loggers.'],
  queueSize: [
    'otel.sdk.processor.log.queue.size',
    'The number of log records in the queue of a given instance of an SDK log processor.',
  ],
  queueCapacity: [
    'otel.sdk.processor.log.queue.capacity',
    'The maximum number of log records the queue of a given instance of an SDK Log Record processor can hold.',
  ],
  processed: [
    'otel.sdk.processor.log.processed',
    'The number of log records for which the processing has finished, either successful or failed.',
  ],
  inflight: [
    'otel.sdk.exporter.log.inflight',
    'The number of log records which were passed to the exporter, but that have not been exported yet (neither successful, nor failed).',
  ],
  exported: [
    'otel.sdk.exporter.log.exported',
    'The number of log records for which the export has finished, either successful or failed.',
  ],
  keptOut: [
    'spanlog.log.kept_out',
    'The number of log records that a rule of the user kept from a destination: sampling, limits, deduplication, the flight recorder, its level.',
  ],
  replayed: ['spanlog.log.replayed', 'The number of log records read back from the spool of an earlier process.'],
  redactions: ['spanlog.redactions', 'The number of secrets and personal data that were hidden, by their kind.'],
  queueBytes: ['spanlog.queue.size', 'Encoded log records that wait or are on their way.'],
  queueMaxBytes: ['spanlog.queue.capacity', 'Encoded log records that may wait or be on their way.'],
} as const;

type Name = keyof typeof INSTRUMENTS;
export type Observables = Readonly<Record<Name, Observable>>;

export interface Instruments {
  readonly observables: Observables;
  readonly duration: Histogram;
}

const COUNTERS: ReadonlySet<string> = new Set<Name>([
  'created',
  'processed',
  'exported',
  'keptOut',
  'replayed',
  'redactions',
]);
const UNITS: Readonly<Record<string, string>> = {
  queueBytes: 'By',
  queueMaxBytes: 'By',
  redactions: '{redaction}',
} satisfies Partial<Record<Name, string>>;

/** All instruments of self-observation; those of one meter when it is asked again. */
export function createInstruments(meter: Meter): Instruments {
  const entries = Object.entries(INSTRUMENTS).map(([key, [name, description]]) => {
    const options = { description, unit: UNITS[key] ?? '{log_record}', valueType: ValueType.INT };
    const observable = COUNTERS.has(key)
      ? meter.createObservableCounter(name, options)
      : meter.createObservableUpDownCounter(name, options);
    return [key, observable];
  });
  const duration = meter.createHistogram('otel.sdk.exporter.operation.duration', {
    unit: 's',
    description: 'The duration of exporting a batch of telemetry records.',
    valueType: ValueType.DOUBLE,
    // The conventions want a single bucket; whoever needs more asks for it by a View.
    advice: { explicitBucketBoundaries: [] },
  });
  return { observables: Object.fromEntries(entries) as Observables, duration };
}
