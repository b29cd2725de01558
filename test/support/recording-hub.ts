import type { AuditRules } from '../../src/core/audit-rules.ts';
import { Clock } from '../../src/core/clock.ts';
import type { TimeSource } from '../../src/core/clock.ts';
import { ErrorRules } from '../../src/core/error-rules.ts';
import type { ExpectedError } from '../../src/core/error-rules.ts';
import { Account } from '../../src/core/ledger.ts';
import type { LogRecord } from '../../src/core/record.ts';
import { attributesOf, copyRecord } from '../../src/core/record.ts';
import { DEFAULT_READ_LIMITS, ValueReader } from '../../src/core/read-value.ts';
import type { ReadLimits } from '../../src/core/read-value.ts';
import type { RecordUids } from '../../src/core/record-uid.ts';
import type { Sink } from '../../src/core/sink.ts';
import { toPlain, ValueMap } from '../../src/core/value.ts';
import type { ValuePolicy } from '../../src/core/value-policy.ts';
import { Hub } from '../../src/logger/hub.ts';
import { LevelTable } from '../../src/logger/level-table.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';
import type { PipelineVolume } from '../../src/pipeline/pipeline.ts';
import { createSampler } from '../../src/pipeline/sample.ts';
import type { SampleRates } from '../../src/pipeline/sample.ts';

/** The last part of a record's way in these tests: it keeps what arrives. */
export interface Recording {
  readonly hub: Hub;
  readonly pipeline: Pipeline;
  readonly account: Account;
  readonly records: LogRecord[];
  /** What went wrong inside, as told to the diagnostics. */
  readonly complaints: string[];
  /** Attributes of record `index` (from the end when negative) as plain values. */
  readonly attributes: (index: number) => Record<string, unknown>;
}

export interface RecordingOptions {
  readonly policy?: ValuePolicy;
  readonly limits?: Partial<ReadLimits>;
  readonly attributeLimit?: number;
  readonly time?: TimeSource;
  /** Given, errors are remembered and judged, as `register` has it; otherwise each record stands for itself. */
  readonly expectedErrors?: readonly ExpectedError[];
  readonly uids?: RecordUids;
  readonly sample?: SampleRates;
  /** What holds records back. */
  readonly volume?: Omit<PipelineVolume, 'scope'>;
  readonly audit?: AuditRules;
}

export const OWN_SCOPE = { id: 1_000_000, name: 'spanlog', version: '', schemaUrl: '', attributes: new ValueMap() };

/** A hub whose records end in an array: loggers, reading, redaction and stamping are the real ones. */
export function createRecordingHub(options: RecordingOptions = {}): Recording {
  const account = new Account();
  const records: LogRecord[] = [];
  const complaints: string[] = [];
  const complain = (_key: string, message: string): number => complaints.push(message);
  const sink: Sink = {
    name: 'recording',
    account,
    encoder: undefined,
    kept: 0,
    onDrops: () => undefined,
    tellDrops: () => undefined,
    write(record) {
      records.push(copyRecord(record));
      account.delivered++;
    },
    flush: () => Promise.resolve(true),
    shutdown: () => Promise.resolve(),
    flushSync: () => undefined,
    end: () => undefined,
  };
  const pipeline = new Pipeline({
    reader: new ValueReader(options.policy ?? createPolicy({}), { ...DEFAULT_READ_LIMITS, ...options.limits }),
    attributeLimit: options.attributeLimit ?? 128,
    epoch: 1,
    sampler: createSampler(options.sample),
    audit: options.audit,
    clock: new Clock(options.time),
    sinks: [sink],
    errors: options.expectedErrors === undefined ? undefined : new ErrorRules(options.expectedErrors),
    uids: options.uids,
    volume: options.volume && { ...options.volume, scope: OWN_SCOPE },
    diag: { warn: complain, error: complain, clear: () => undefined },
  });
  const levels = new LevelTable();
  levels.exempt(options.audit);
  return {
    hub: new Hub(pipeline, levels, options.time),
    pipeline,
    account,
    records,
    complaints,
    attributes: (index) => {
      const record = records.at(index);
      if (record === undefined) throw new Error(`there is no record ${index}; ${records.length} arrived`);
      return Object.fromEntries([...attributesOf(record)].map(([key, value]) => [key, toPlain(value)]));
    },
  };
}
