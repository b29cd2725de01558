import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { DedupeOptions, RateLimitOptions } from '../config/options.ts';
import { SYSTEM_TIME } from '../core/clock.ts';
import { EVENT_NAME } from '../core/event-names.ts';
import { SEVERITY, severityText } from '../core/level.ts';
import { ValueReader } from '../core/read-value.ts';
import { createRecord } from '../core/record.ts';
import type { LogRecord } from '../core/record.ts';
import { toPlain, ValueMap } from '../core/value.ts';
import { SHOW_ALL } from '../core/value-policy.ts';
import { createUnrefdAfter } from '../export/timers.ts';
import { RepeatFinder, repeatFields } from '../pipeline/dedupe.ts';
import { OWN_LOGGER } from '../pipeline/own-record.ts';
import type { OwnRecord } from '../pipeline/own-record.ts';
import { createPolicy } from '../pipeline/redact/policy.ts';
import { RepeatHash } from '../pipeline/repeat-hash.ts';
import { roughBytes } from '../pipeline/rough-bytes.ts';
import { Volume } from '../pipeline/volume.ts';
import { checkedSettings } from './checked-settings.ts';
import { hrTimeOf, OwnSdkRecord } from './sdk-record.ts';
import type { SdkRecord } from './sdk-record.ts';

export interface RateLimitProcessorOptions extends Omit<RateLimitOptions, 'noticePerMinute'> {
  /** Gets the records that pass, and those that say what did not. */
  next: LogRecordProcessor;
}

export interface DedupeProcessorOptions extends DedupeOptions {
  /** Gets the first of equal records, and one that stands for the others. */
  next: LogRecordProcessor;
}

/** A repeat as it came, and what it takes in memory. */
interface SdkRepeat {
  readonly last: SdkRecord;
  readonly context: Parameters<LogRecordProcessor['onEmit']>[1];
  readonly bytes: number;
}

const OWN_SCOPE = { name: OWN_LOGGER };

/**
 * Limits how often each event of each logger passes, as `rateLimit` of `register` does; `spanlog.records_limited` says
 * what was held back, at the latest after `summaryMs`, at a flush and at shutdown. FATAL always passes.
 *
 * @throws SettingError when an option is bad
 */
export function rateLimitProcessor({ next, ...options }: RateLimitProcessorOptions): LogRecordProcessor {
  const settings = checkedSettings({ rateLimit: options });
  const policy = createPolicy({});
  let resource: SdkRecord['resource'] | undefined;
  const volume = Volume.create({
    settings,
    time: SYSTEM_TIME,
    after: createUnrefdAfter(),
    isHarmless: (name) => EVENT_NAME.test(name) && policy.text(name) === name,
    tell: (held) => {
      if (resource !== undefined) next.onEmit(ownRecord(held, resource), ROOT_CONTEXT);
    },
    // It finds none: repeats have a processor of their own.
    tellRepeats: () => undefined,
  });
  return {
    onEmit(record, context) {
      const { instrumentationScope, severityNumber, eventName } = record;
      resource = record.resource;
      if (volume === undefined || volume.admits(instrumentationScope.name, severityNumber ?? 0, eventName ?? '')) {
        next.onEmit(record, context);
      }
    },
    forceFlush(options) {
      volume?.tellHeld(false);
      return next.forceFlush(options);
    },
    shutdown() {
      volume?.tellHeld(true);
      return next.shutdown();
    },
    enabled: (options) => next.enabled?.(options) ?? true,
  };
}

/**
 * Lets the first of equal records pass and sums up its repeats in one, as `dedupe` of `register` does. All attributes are
 * compared, except those that `ignore` names, durations and stacks. It keeps what it compares for a while: redaction
 * stands before it.
 *
 * @throws SettingError when an option is bad
 */
export function dedupeProcessor({ next, ...options }: DedupeProcessorOptions): LogRecordProcessor {
  const { dedupe } = checkedSettings({ dedupe: options });
  const hashes = new RepeatHash(dedupe.ignore);
  const reader = new ValueReader(SHOW_ALL);
  const scopeIds = new WeakMap<object, number>();
  let scopes = 0;
  let isClosed = false;
  const repeats = new RepeatFinder<SdkRepeat, SdkRepeat>(dedupe, {
    now: () => SYSTEM_TIME.monotonicMs(),
    after: createUnrefdAfter(),
    keep: (given) => given,
    bytesOf: ({ bytes }) => bytes,
    tell: (told) => {
      const { last, context } = told.last;
      const record = new OwnSdkRecord({ ...shown(last), hrTimeObserved: hrTimeOf(SYSTEM_TIME.wallMs()) });
      for (const [key, value] of repeatFields(told)) record.setAttribute(key, value);
      next.onEmit(record, context);
    },
  });

  const idOf = (scope: object): number => {
    const known = scopeIds.get(scope);
    if (known !== undefined) return known;
    scopeIds.set(scope, ++scopes);
    return scopes;
  };

  const holds = (record: SdkRecord, context: Parameters<LogRecordProcessor['onEmit']>[1]): boolean => {
    const severity: number = record.severityNumber ?? 0;
    if (isClosed || severity >= SEVERITY.fatal) return false;
    const read = readRecord(reader, record, idOf(record.instrumentationScope));
    const repeat = { last: record, context, bytes: roughBytes(read) };
    const hash = hashes.of(read);
    return hash !== undefined && repeats.holds(hash, SYSTEM_TIME.wallMs(), repeat);
  };

  return {
    onEmit(record, context) {
      if (!holds(record, context)) next.onEmit(record, context);
      repeats.tellDue();
    },
    forceFlush(options) {
      repeats.tellNow();
      return next.forceFlush(options);
    },
    shutdown() {
      isClosed = true;
      repeats.close();
      return next.shutdown();
    },
    enabled: (options) => next.enabled?.(options) ?? true,
  };
}

/** The record of the SDK as one of ours, for those who compare and measure. */
function readRecord(reader: ValueReader, record: SdkRecord, id: number): LogRecord {
  const { name } = record.instrumentationScope;
  const read = createRecord({ id, name, version: '', schemaUrl: '', attributes: new ValueMap() });
  reader.begin();
  read.severity = record.severityNumber ?? 0;
  read.eventName = record.eventName ?? '';
  read.body = reader.read(record.body);
  const attributes = reader.read(record.attributes);
  if (attributes instanceof ValueMap) {
    read.fieldKeys.push(...attributes.keys);
    read.fieldValues.push(...attributes.values);
    read.fieldCount = attributes.size;
  }
  return read;
}

/** What a record says; getters of its class are no properties of its own. */
function shown(record: SdkRecord): ConstructorParameters<typeof OwnSdkRecord>[0] {
  const { hrTime, hrTimeObserved, resource, instrumentationScope, attributes, droppedAttributesCount } = record;
  const { spanContext, severityNumber, severityText, body, eventName } = record;
  return {
    ...{ hrTime, hrTimeObserved, resource, instrumentationScope, attributes, droppedAttributesCount },
    ...(spanContext !== undefined && { spanContext }),
    ...(severityNumber !== undefined && { severityNumber }),
    ...(severityText !== undefined && { severityText }),
    ...(body !== undefined && { body }),
    ...(eventName !== undefined && { eventName }),
  };
}

function ownRecord({ eventName, severity, body, fields }: OwnRecord, resource: SdkRecord['resource']): OwnSdkRecord {
  const now = hrTimeOf(SYSTEM_TIME.wallMs());
  const record = new OwnSdkRecord({
    ...{ hrTime: now, hrTimeObserved: now, resource, instrumentationScope: OWN_SCOPE },
    ...{ attributes: {}, droppedAttributesCount: 0, eventName, body },
    ...{ severityText: severityText(severity) },
  });
  record.setSeverityNumber(severity);
  for (const [key, value] of fields) record.setAttribute(key, toPlain(value));
  return record;
}
