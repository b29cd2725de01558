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
import { randomBytes } from 'node:crypto';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { RedactOptions, SampleOptions } from './config/options.ts';
import { SettingError } from './core/errors.ts';
import { ValueReader } from './core/read-value.ts';
import type { Value } from './core/value.ts';
import { ValueMap, Varied } from './core/value.ts';
import { redactedMark } from './core/value-policy.ts';
import type { KeyedHash } from './pipeline/redact/keyed-hash.ts';
import { lettersOf } from './pipeline/redact/keyed-hash.ts';
import { hashMark } from './pipeline/redact/marks.ts';
import { checkRedactOptions, createPolicy } from './pipeline/redact/policy.ts';
import { Places } from './pipeline/redact/report.ts';
import type { Finding } from './pipeline/redact/report.ts';
import { createSampler } from './pipeline/sample.ts';
import { checkedSettings } from './processors/checked-settings.ts';
import { hashVariables, keyedHash, requiredHash } from './processors/hash-key.ts';
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
export type { DedupeOptions, Limit, RateLimitOptions, RedactOptions, SampleOptions, Share } from './config/options.ts';

export interface RedactionProcessorOptions extends RedactOptions {
  /** Gets the redacted record; without it, the processor is a sibling that stands before the others. */
  next?: LogRecordProcessor;
}

export interface SamplingProcessorOptions extends SampleOptions {
  /** Gets the records that are kept. */
  next: LogRecordProcessor;
}

/** Redaction without a logger: for what an application sends elsewhere, and for tests. */
export interface Redactor {
  /** A redacted copy made of plain data, every value in the form it has in a record; the original stays as it is. */
  readonly redact: (value: unknown) => unknown;
  /** The text with every secret replaced by a mark; the same string when there is none. */
  readonly redactText: (text: string) => string;
  /** The same as `redact`, with a list of what was hidden and where: kinds and places, never a value. */
  readonly report: (value: unknown) => RedactionReport;
  /**
   * What records hold in place of a value that is hashed, to search for it: the whole mark with a kind or a class,
   * `[REDACTED:pii-hmac.k1.…]`, else the part that marks of all kinds have. Upper and lower case of a mail address, and
   * separators of numbers, make no difference.
   *
   * @throws SettingError without a key: `hashKey`, or `SPANLOG_REDACT_HASH_KEY`
   */
  readonly hash: (value: string | number | bigint, kind?: string) => string;
  /** How often each kind was hidden so far. */
  readonly counts: () => Record<string, number>;
}

export interface RedactionReport {
  readonly value: unknown;
  readonly found: readonly Finding[];
}

/**
 * The key of hashes is `SPANLOG_REDACT_HASH_KEY` where the options give none; no other variable is read.
 *
 * @throws SettingError when an option is bad
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  const checked = checkedRedaction(options);
  const hash = hashOf(checked);
  let lookup: KeyedHash | undefined;
  const policy = createPolicy(checked, { hash });
  const reader = new ValueReader(policy);
  return {
    redact(value) {
      reader.begin();
      return plainOf(reader.read(value), (number) => number);
    },
    report(value) {
      const places = new Places(lettersOf(randomBytes(8)));
      const reporting = new ValueReader(createPolicy(checked, { hash, place: places.place }));
      const { value: settled, found } = places.settle(reporting.read(value));
      return { value: plainOf(settled, (number) => number), found };
    },
    redactText: (text) => policy.text(text),
    hash(value, kind) {
      lookup ??= requiredHash(checked);
      const hashed = lookup.of(String(value));
      return kind === undefined ? hashed : hashMark(kind, hashed);
    },
    counts: () => policy.counts(),
  };
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

/** The environment is asked only by those who want hashes. */
function hashOf(options: RedactOptions): KeyedHash | undefined {
  return wantsHashes(options) ? keyedHash(options) : undefined;
}

function wantsHashes({ mask }: RedactOptions): boolean {
  return Object.values(mask ?? {}).includes('hash');
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

/** A Value as ordinary objects and arrays. */
function plainOf(value: Value, numberOf: (number: number | bigint) => unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return numberOf(value);
  if (Array.isArray(value)) return (value as readonly Value[]).map((entry) => plainOf(entry, numberOf));
  if (value instanceof Varied) return plainOf(value.hidden, numberOf);
  if (!(value instanceof ValueMap)) return value;
  const plain = {};
  for (const [i, key] of value.keys.entries()) defineOwn(plain, key, plainOf(value.values[i] ?? null, numberOf));
  return plain;
}

function checkedRedaction(options: RedactOptions): RedactOptions {
  checkedSettings({ redact: options }, wantsHashes(options) ? hashVariables() : {});
  const problems = checkRedactOptions(options);
  if (problems.length > 0) throw new SettingError(problems);
  return options;
}
