import assert from 'node:assert/strict';
import { context, trace } from '@opentelemetry/api';
import { Batch } from '../../src/core/batch.ts';
import { Clock } from '../../src/core/clock.ts';
import { ErrorRules } from '../../src/core/error-rules.ts';
import type { ExpectedError } from '../../src/core/error-rules.ts';
import { Account, ledgerOf } from '../../src/core/ledger.ts';
import type { Ledger } from '../../src/core/ledger.ts';
import { SEVERITY } from '../../src/core/level.ts';
import { DEFAULT_READ_LIMITS, ValueReader } from '../../src/core/read-value.ts';
import { attributesOf } from '../../src/core/record.ts';
import type { ByteSink, RecordSink } from '../../src/core/sink.ts';
import { createJsonEncoder } from '../../src/encode/json.ts';
import { createProtobufEncoder } from '../../src/encode/protobuf.ts';
import { ContextStorage } from '../../src/http/context-storage.ts';
import { Hub } from '../../src/logger/hub.ts';
import { LevelTable } from '../../src/logger/level-table.ts';
import { FlightRecorder } from '../../src/pipeline/flight-recorder.ts';
import type { FlightRecorderParts } from '../../src/pipeline/flight-recorder.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';
import { createSampler } from '../../src/pipeline/sample.ts';
import type { SampleRates } from '../../src/pipeline/sample.ts';
import { SteppedTime } from '../support/stepped-time.ts';

/** One record as it arrived. */
export interface Arrived {
  readonly event: string;
  readonly severity: number;
  readonly nanos: bigint;
  readonly logger: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Recorded {
  readonly hub: Hub;
  readonly recorder: FlightRecorder;
  readonly time: SteppedTime;
  /** What arrived at the destination that takes all; the others got the same, which `check` asserts. */
  readonly arrived: Arrived[];
  /** What the destination got that takes INFO and above. */
  readonly filtered: Arrived[];
  readonly events: () => string[];
  readonly ledger: () => Ledger;
  /** Lets time pass, and what waits for it run. */
  readonly pass: (ms: number) => void;
  /** Asserts that nothing was lost or came twice. */
  readonly check: () => void;
  readonly within: <T>(fn: () => T, fields?: Record<string, unknown>) => T;
}

export interface RecordedOptions extends Partial<
  Pick<FlightRecorderParts, 'level' | 'maxBytes' | 'totalBytes' | 'maxAgeMs' | 'slowMs'>
> {
  readonly expectedErrors?: readonly ExpectedError[];
  readonly sample?: SampleRates;
}

const contexts = new ContextStorage();

/** Runs `fn` inside a trace. */
export function inTrace<T>(traceId: string, fn: () => T): T {
  context.setGlobalContextManager(contexts);
  const span = { traceId: traceId.padEnd(32, '0'), spanId: '00000000000000a1', traceFlags: 1 };
  return context.with(trace.setSpanContext(context.active(), span), fn);
}

/** A hub with a flight recorder: all is real but the ends of four destinations, and the time. */
export function createRecorded(options: RecordedOptions = {}): Recorded {
  const time = new SteppedTime();
  const accounts = new Map<string, Account>();
  const accountOf = (name: string): Account => {
    const account = new Account();
    accounts.set(name, account);
    return account;
  };
  const arrived: Arrived[] = [];
  const filtered: Arrived[] = [];
  const written: Arrived[] = [];
  let protobufRecords = 0;
  const rest = { kept: 0, onDrops: () => undefined, tellDrops: () => undefined, flush: () => Promise.resolve(true) };
  const ends = { shutdown: () => Promise.resolve(), flushSync: () => undefined, end: () => undefined };
  const json = createJsonEncoder(0);
  const byteSink = (name: string, minSeverity: number, take: (text: string, logger: string) => void): ByteSink => {
    const batch = new Batch();
    const account = accountOf(name);
    return {
      ...rest,
      ...ends,
      name,
      account,
      encoder: name === 'protobuf' ? createProtobufEncoder(1) : json,
      open({ severity }) {
        if (severity >= minSeverity) return batch;
        account.filtered++;
        return undefined;
      },
      commit({ scope, severity }) {
        const from = batch.start(batch.count);
        batch.commit(scope.id, severity);
        take(batch.bytes.toString('utf8', from, batch.length), scope.name);
        account.delivered++;
      },
    };
  };
  const whole: RecordSink = {
    ...rest,
    ...ends,
    name: 'whole',
    account: accountOf('whole'),
    encoder: undefined,
    write(record) {
      const { seconds, nanos } = record.observed;
      written.push({
        event: record.eventName,
        severity: record.severity,
        nanos: BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
        logger: record.scope.name,
        fields: Object.fromEntries([...attributesOf(record)].filter(([, value]) => typeof value !== 'object')),
      });
      this.account.delivered++;
    },
  };
  const sinks = [
    byteSink('json', 0, (text, logger) => arrived.push(read(text, logger))),
    byteSink('filtered', SEVERITY.info, (text, logger) => filtered.push(read(text, logger))),
    byteSink('protobuf', 0, () => protobufRecords++),
    whole,
  ];
  const clock = new Clock(time);
  const complain = (_key: string, message: string): never => assert.fail(message);
  const errors = new ErrorRules(options.expectedErrors ?? []);
  const pipeline = new Pipeline({
    reader: new ValueReader(createPolicy({}), DEFAULT_READ_LIMITS),
    attributeLimit: 128,
    epoch: 1,
    sampler: createSampler(options.sample),
    clock,
    sinks,
    errors,
    diag: { warn: complain, error: complain, clear: () => undefined },
  });
  const hub = new Hub(pipeline, new LevelTable(), time);
  const waiting: { atMs: number; run: () => void }[] = [];
  const recorder = new FlightRecorder({
    level: SEVERITY.debug,
    maxBytes: 64 * 1_024,
    totalBytes: 16 * 1_024 * 1_024,
    maxAgeMs: 60_000,
    slowMs: Infinity,
    ...options,
    sinks,
    scopes: hub.scopes,
    clock,
    time,
    after(delayMs, run) {
      const timer = { atMs: time.monotonicMs() + delayMs, run };
      waiting.push(timer);
      return () => waiting.splice(waiting.indexOf(timer), 1);
    },
  });
  hub.useRecorder(recorder);
  const ledger = (): Ledger => ledgerOf(accounts);
  return {
    hub,
    recorder,
    time,
    arrived,
    filtered,
    events: () => arrived.map(({ event }) => event),
    ledger,
    pass(ms) {
      for (const end = time.monotonicMs() + ms; time.monotonicMs() < end;) {
        time.pass(Math.min(100, end - time.monotonicMs()));
        for (const timer of waiting.filter(({ atMs }) => atMs <= time.monotonicMs())) {
          waiting.splice(waiting.indexOf(timer), 1);
          timer.run();
        }
      }
    },
    check() {
      const now = ledger();
      assert.equal(now.balanced, true, JSON.stringify(now));
      const { emitted, discarded, pending } = now.destinations.json as Ledger;
      for (const counts of Object.values(now.destinations)) {
        assert.deepEqual([counts.emitted, counts.discarded, counts.pending], [emitted, discarded, pending]);
      }
      assert.deepEqual(written, arrived);
      assert.equal(protobufRecords, arrived.length);
      assert.deepEqual(
        filtered.map(({ nanos }) => nanos),
        arrived.filter(({ severity }) => severity >= SEVERITY.info).map(({ nanos }) => nanos),
      );
    },
    within: (fn, fields = {}) => hub.context.run(hub.intake, fields, fn),
  };
}

interface JsonRecord {
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly eventName?: string;
  readonly attributes?: readonly { key: string; value: Record<string, unknown> }[];
}

function read(text: string, logger: string): Arrived {
  const { observedTimeUnixNano, severityNumber, eventName = '', attributes = [] } = JSON.parse(text) as JsonRecord;
  return {
    event: eventName,
    severity: severityNumber,
    nanos: BigInt(observedTimeUnixNano),
    logger,
    fields: Object.fromEntries(
      attributes.map(({ key, value }) => [
        key,
        value.intValue === undefined ? Object.values(value)[0] : Number(value.intValue),
      ]),
    ),
  };
}
