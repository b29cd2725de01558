/**
 * The stages of spanlog for a plain OpenTelemetry SDK: LogRecordProcessors for a LoggerProvider or a NodeSDK, in front of
 * any sdk-logs exporter, and the redactor on its own.
 *
 * ```ts
 * new LoggerProvider({
 *   processors: [redactionProcessor(), samplingProcessor({ rate: 0.1, next: new BatchLogRecordProcessor({ exporter }) })],
 * });
 * ```
 *
 * Siblings see the same record, so a stage that changes it stands before those that keep it, and a stage that can drop
 * it takes `next`: a sibling can't keep a record from the others.
 */
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { RedactOptions, SampleOptions } from './config/options.ts';
import { ValueReader } from './core/read-value.ts';
import type { Value } from './core/value.ts';
import { redactedMark } from './core/value-policy.ts';
import { createPolicy } from './pipeline/redact/policy.ts';
import { createSampler } from './pipeline/sample.ts';
import { checkedSettings } from './processors/checked-settings.ts';
import { checkedRedaction, hashOf, plainOf } from './processors/redactor.ts';
import { defineOwn } from './processors/sdk-record.ts';
import type { SdkRecord } from './processors/sdk-record.ts';
import { sampleRates } from './start-pipeline.ts';

export { flightRecorderSpanProcessor } from './flight-recorder-span-processor.ts';
export type { EndedSdkSpan, FlightRecorderSpanProcessor } from './flight-recorder-span-processor.ts';
export { spanlogProcessor } from './spanlog-processor.ts';
export type { SpanlogProcessor } from './spanlog-processor.ts';
export { dedupeProcessor, rateLimitProcessor } from './processors/volume.ts';
export type { DedupeProcessorOptions, RateLimitProcessorOptions } from './processors/volume.ts';
export type { Finding } from './pipeline/redact/report.ts';
export { createRedactor } from './processors/redactor.ts';
export type { RedactionReport, Redactor } from './processors/redactor.ts';
export type { DedupeOptions, Limit, RateLimitOptions, RedactOptions, SampleOptions, Share } from './config/options.ts';

export interface RedactionProcessorOptions extends RedactOptions {
  /** Gets the redacted record; without it, the processor is a sibling that stands before the others. */
  next?: LogRecordProcessor;
}

export interface SamplingProcessorOptions extends SampleOptions {
  /** Gets the records that are kept. */
  next: LogRecordProcessor;
}

/**
 * Redacts body, attributes and event name of each record in place. What exporters can't carry comes out in a form they
 * can: errors, dates, maps and sets as data, big integers and NaN as text. (Attributes that the SDK itself refuses, such
 * as an Error, are gone before any processor sees the record; the body and nested values are not.)
 *
 * A fault while redacting hides the whole record's content, so that nothing unjudged leaves.
 *
 * @throws SettingError when an option is bad
 */
export function redactionProcessor({ next, ...options }: RedactionProcessorOptions = {}): LogRecordProcessor {
  const checked = checkedRedaction(options);
  const reader = new ValueReader(createPolicy(checked, { hash: hashOf(checked) }));
  return {
    onEmit(record, context) {
      try {
        redactRecord(reader, record);
      } catch {
        // Fail closed. A record of marks tells that something was here, and that redaction failed.
        hideRecord(record);
      }
      next?.onEmit(record, context);
    },
    forceFlush: (options) => next?.forceFlush(options) ?? Promise.resolve(),
    shutdown: () => next?.shutdown() ?? Promise.resolve(),
    // As a sibling, it wants no record for itself: whether one is made is for the others to say.
    enabled: (options) => (next === undefined ? false : (next.enabled?.(options) ?? true)),
  };
}

/**
 * Keeps the share of records that the options say, consistently with the trace, and hands them to `next` with
 * `sampling.threshold` (and `sampling.randomness` where the trace id does not hold it), as the Collector's probabilistic
 * sampler writes and reads them. ERROR and above are always kept.
 *
 * @throws SettingError when an option is bad
 */
export function samplingProcessor({ next, ...options }: SamplingProcessorOptions): LogRecordProcessor {
  const sampler = createSampler(sampleRates(checkedSettings({ sample: options })));
  return {
    onEmit(record, context) {
      if (sampler.active && !sample(record)) return;
      next.onEmit(record, context);
    },
    forceFlush: (options) => next.forceFlush(options),
    shutdown: () => next.shutdown(),
    enabled: (options) => next.enabled?.(options) ?? true,
  };

  function sample(record: SdkRecord): boolean {
    const { instrumentationScope, severityNumber, eventName, spanContext } = record;
    const decision = sampler.decide(instrumentationScope.name, severityNumber ?? 0, eventName ?? '', spanContext);
    if (decision.threshold !== '') record.setAttribute('sampling.threshold', decision.threshold);
    if (decision.randomness !== '') record.setAttribute('sampling.randomness', decision.randomness);
    return decision.keep;
  }
}

function redactRecord(reader: ValueReader, record: SdkRecord): void {
  const { attributes } = record;
  reader.begin();
  if (record.body !== undefined) record.setBody(exportable(reader.read(record.body)));
  if (record.eventName !== undefined) {
    const shown = reader.text(record.eventName);
    if (shown !== record.eventName) record.setEventName(shown);
  }
  for (const key of Object.keys(attributes)) {
    const verdict = reader.policy.key(key);
    const value = exportable(reader.readUnder(key, verdict.hides, attributes[key]));
    // Attributes belong to the record (the SDK copies them), so they are changed where they are: setting them again would
    // count them twice against the limit on their number.
    if (verdict.shown !== key) Reflect.deleteProperty(attributes, key);
    defineOwn(attributes, verdict.shown, value);
  }
}

function hideRecord(record: SdkRecord): void {
  record.setBody(redactedMark('error'));
  for (const key of Object.keys(record.attributes)) defineOwn(record.attributes, key, redactedMark('error'));
}

/** OTLP exporters turn a bigint into nothing, and NaN in JSON into a null that makes the Collector refuse the batch. */
function exportable(value: Value): SdkRecord['body'] {
  return plainOf(value, (number) => {
    if (typeof number === 'number') return Number.isFinite(number) ? number : String(number);
    const near = Number(number);
    return Number.isSafeInteger(near) ? near : String(number);
  });
}
