import type { SpanContext } from '@opentelemetry/api';
import type { AuditRules } from '../core/audit-rules.ts';
import { AUDIT_ANCHOR } from '../core/audit-rules.ts';
import type { Batch } from '../core/batch.ts';
import type { Clock } from '../core/clock.ts';
import { EventNames } from '../core/event-names.ts';
import type { Diag } from '../core/diag.ts';
import type { Intake } from '../core/intake.ts';
import { textOf } from '../core/object-kind.ts';
import type { ValueReader } from '../core/read-value.ts';
import { appendField, attributeOf, attributesOf, NO_BOUND } from '../core/record.ts';
import type { Encoder, LogRecord, Scope } from '../core/record.ts';
import { limitFields, settleRepeats } from '../core/record-fields.ts';
import type { ErrorRules } from '../core/error-rules.ts';
import type { RetentionRules } from '../core/retention-rules.ts';
import type { RecordUids } from '../core/record-uid.ts';
import type { ByteSink, RecordSink, Sink } from '../core/sink.ts';
import { toPlain } from '../core/value.ts';
import type { Sampler } from './sample.ts';

export interface PipelineParts {
  readonly reader: ValueReader;
  readonly attributeLimit: number;
  readonly epoch: number;
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly sinks: readonly Sink[];
  readonly diag: Diag;
  /** Gives each record an id, when that is wanted. */
  readonly uids?: RecordUids | undefined;
  readonly errors?: ErrorRules | undefined;
  /** Which records nothing keeps out; undefined where none is. */
  readonly audit?: AuditRules | undefined;
  /** Knows the event catalogue, when there is one. */
  readonly events?: EventNames | undefined;
  /** Gives each record its retention class; undefined where none has one. */
  readonly retention?: RetentionRules | undefined;
}

/** Sinks that take the same bytes. */
interface Group {
  readonly encoder: Encoder;
  readonly sinks: readonly ByteSink[];
}

/**
 * The way of a record from admission to the queues: sample, stamp, encode once per format, hand the bytes to each
 * destination. Everything happens in the caller's tick, and nothing of the record is kept after it.
 */
export class Pipeline implements Intake {
  readonly reader: ValueReader;
  readonly events: EventNames;
  readonly attributeLimit: number;
  readonly epoch: number;
  readonly errors: ErrorRules | undefined;
  readonly #sampler: Sampler;
  readonly #audit: AuditRules | undefined;
  readonly #retention: RetentionRules | undefined;
  readonly #clock: Clock;
  readonly #diag: Diag;
  readonly #uids: RecordUids | undefined;
  readonly #sinks: readonly Sink[];
  readonly #groups: readonly Group[];
  /** Sinks that take the record itself. */
  readonly #whole: readonly RecordSink[];
  /** Sinks that take audit records alone: no other record is in their accounts. */
  readonly #auditSinks: readonly RecordSink[];

  constructor(parts: PipelineParts) {
    this.reader = parts.reader;
    this.attributeLimit = parts.attributeLimit;
    this.epoch = parts.epoch;
    this.errors = parts.errors;
    this.events = parts.events ?? new EventNames();
    this.#sampler = parts.sampler;
    this.#audit = parts.audit;
    this.#retention = parts.retention;
    this.#clock = parts.clock;
    this.#diag = parts.diag;
    this.#uids = parts.uids;
    const whole = parts.sinks.filter((sink) => sink.encoder === undefined);
    this.#auditSinks = whole.filter(({ audit }) => audit !== undefined);
    this.#whole = whole.filter(({ audit }) => audit === undefined);
    this.#sinks = parts.sinks.filter((sink) => sink.encoder !== undefined || sink.audit === undefined);
    const byEncoder = new Map<Encoder, ByteSink[]>();
    for (const sink of parts.sinks) {
      if (sink.encoder === undefined) continue;
      const sinks = byEncoder.get(sink.encoder) ?? [];
      byEncoder.set(sink.encoder, [...sinks, sink]);
    }
    this.#groups = [...byEncoder].map(([encoder, sinks]) => ({ encoder, sinks }));
  }

  admit(scope: Scope, severity: number, eventName: string, span: SpanContext | undefined, record: LogRecord): boolean {
    if (this.#audit !== undefined) {
      record.isAudit = this.#audit.has(scope.name, eventName);
      if (record.isAudit || eventName === AUDIT_ANCHOR) return true;
    }
    if (!this.#sampler.active) return true;
    const decision = this.#sampler.decide(scope.name, severity, eventName, span);
    if (decision.keep) {
      record.samplingThreshold = decision.threshold;
      record.samplingRandomness = decision.randomness;
      return true;
    }
    for (const { account } of this.#sinks) {
      account.emitted++;
      account.sampledOut++;
    }
    return false;
  }

  submit(record: LogRecord): void {
    this.#clock.stamp(record.observed);
    this.#pass(record);
    if (record.error !== undefined) this.#remember(record.error, record);
  }

  #remember(error: object, record: LogRecord): void {
    const uid = this.#uids === undefined ? undefined : attributeOf(record, UID);
    this.errors?.remember(error, record, typeof uid === 'string' ? uid : undefined);
    record.error = undefined;
  }

  /** Takes a record that was made before this pipeline stood: judged anew by the rules in force now. */
  resume(record: LogRecord): void {
    if (!this.admit(record.scope, record.severity, record.eventName, record.spanContext, record)) return;
    const { reader } = this;
    reader.begin();
    const isEvent = record.eventName !== '' && record.eventName === record.body;
    const eventName = reader.readBody(record.eventName);
    record.body = reader.readBody(toPlain(record.body));
    record.eventName =
      typeof eventName === 'string' && (!isEvent || this.events.judge(eventName, eventName)) ? eventName : '';
    const attributes = [...attributesOf(record)];
    record.bound = NO_BOUND;
    record.fieldCount = 0;
    const known = this.events.keysOf(record.eventName) ?? this.events.otherKeys;
    for (const [key, value] of attributes) {
      const verdict = reader.policy.key(key);
      const name = known.nameOf(verdict.shown);
      const hides = known.classes?.get(name) ?? verdict.hides;
      appendField(record, name, reader.readUnder(key, hides, toPlain(value)));
    }
    settleRepeats(record);
    limitFields(record, this.attributeLimit);
    if (isEvent) known.check?.see(record);
    this.#pass(record);
  }

  /**
   * Counts records that were lost before they reached this pipeline.
   *
   * @param audit whether they may have been audit records
   */
  lose(reason: string, count: number, audit = true): void {
    for (const { account } of audit ? [...this.#sinks, ...this.#auditSinks] : this.#sinks) {
      // In this order: where the stack ends in between, nothing was counted.
      account.drop(reason, count);
      account.emitted += count;
    }
  }

  #pass(record: LogRecord): void {
    if (record.time.seconds === 0) {
      record.time.seconds = record.observed.seconds;
      record.time.nanos = record.observed.nanos;
    }
    if (record.samplingThreshold !== '') addSampling(record);
    if (this.#retention !== undefined) addRetention(record, this.#retention);
    if (this.#uids !== undefined) addUid(record, this.#uids);
    if (record.isAudit) for (const sink of this.#auditSinks) writeWhole(sink, record);
    for (const group of this.#groups) encodeInto(group, record);
    for (const sink of this.#whole) writeWhole(sink, record);
  }

  fail(error: unknown, record?: LogRecord): void {
    this.lose('internal_error', 1, record?.isAudit === true);
    this.#diag.error('internal_error', `a record was lost to a fault of ours: ${stackOf(error)}. Please report it`);
  }
}

/** What was thrown may be the application's, and throw when it is looked at. */
function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? textOf(error.stack ?? error.message) : 'unknown';
  } catch {
    return 'unreadable';
  }
}

function writeWhole(sink: RecordSink, record: LogRecord): void {
  sink.write(record);
  sink.account.emitted++;
}

/** Encodes the record once, into the batch of the first sink that takes it; the others get a copy of the bytes. */
function encodeInto({ encoder, sinks }: Group, record: LogRecord): void {
  let first: Batch | undefined;
  let from = 0;
  let to = 0;
  for (const sink of sinks) {
    const batch = sink.open(record);
    if (batch !== undefined) {
      if (first === undefined) {
        from = batch.length;
        encoder.encode(record, batch);
        to = batch.length;
        first = batch;
      } else {
        batch.append(first.bytes, from, to);
      }
      sink.commit(record, batch);
    }
    // Last, so that a record which failed on the way is counted once, by whoever catches that.
    sink.account.emitted++;
  }
}

/** As the Collector's probabilistic sampler reads them back. */
function addSampling(record: LogRecord): void {
  appendField(record, 'sampling.threshold', record.samplingThreshold);
  if (record.samplingRandomness !== '') appendField(record, 'sampling.randomness', record.samplingRandomness);
}

/** By which a backend knows how long to keep the record; a class that the caller gave stays. */
function addRetention(record: LogRecord, rules: RetentionRules): void {
  const word = rules.of(record.eventName, record.scope.name, record.severity);
  if (word !== undefined && attributeOf(record, RETENTION) === undefined) appendField(record, RETENTION, word);
}

/** By which a backend tells a record that was delivered twice; one that the caller gave stays. */
function addUid(record: LogRecord, uids: RecordUids): void {
  if (attributeOf(record, UID) === undefined) appendField(record, UID, uids.next(record.observed));
}

const UID = 'log.record.uid';
const RETENTION = 'log.retention';
