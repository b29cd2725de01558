/** The real metrics SDK around what a shipper does, for tests of self-observation. */
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import type { DestinationSettings } from '../../src/config/resolved-settings.ts';
import { Batch } from '../../src/core/batch.ts';
import { OnceDiag } from '../../src/core/diag.ts';
import { Account } from '../../src/core/ledger.ts';
import { RedactionCounts } from '../../src/core/redaction-counts.ts';
import type { Outcome } from '../../src/core/transport.ts';
import { createSelfMetrics } from '../../src/export/self-metrics.ts';
import type { MeteredDestination, SelfMetrics, SelfMetricsParts } from '../../src/export/self-metrics.ts';
import { FakeTimers } from './fake-timers.ts';
import { ScriptedTransport } from './lane.ts';

export const NEVER: AbortSignal = new AbortController().signal;

export function otlp(url = 'https://collector.example/v1/logs', name = 'otlp'): DestinationSettings {
  const tls = { ca: undefined, cert: undefined, key: undefined };
  const settings = {
    url,
    protocol: 'http/protobuf',
    headers: {},
    compression: 'gzip',
    timeoutMs: 10_000,
    tls,
  } as const;
  return { kind: 'otlp', name, level: 0, classes: new Map(), otlp: settings };
}

export function batchOf(count: number): Batch {
  const batch = new Batch(64);
  for (let i = 0; i < count; i++) batch.commit(0, 9);
  return batch;
}

/** The real SDK, read when a test says so. */
export class Meters {
  readonly exporter: InMemoryMetricExporter;
  readonly reader: PeriodicExportingMetricReader;
  readonly provider: MeterProvider;

  constructor(temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE) {
    this.exporter = new InMemoryMetricExporter(temporality);
    this.reader = new PeriodicExportingMetricReader({ exporter: this.exporter, exportIntervalMillis: 2 ** 30 });
    this.provider = new MeterProvider({ readers: [this.reader] });
  }

  async read(): Promise<Collected> {
    this.exporter.reset();
    await this.provider.forceFlush();
    return new Collected(this.exporter);
  }
}

/** What one collection gave, of our scope. */
export class Collected {
  readonly metrics: readonly MetricData[];

  constructor(exporter: InMemoryMetricExporter) {
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    this.metrics = scopes.filter(({ scope }) => scope.name === 'spanlog').flatMap((scope) => scope.metrics);
  }

  points(name: string): readonly DataPoint<number>[] {
    return this.#pointsOf(name) as readonly DataPoint<number>[];
  }

  histograms(name: string): readonly DataPoint<Histogram>[] {
    return this.#pointsOf(name) as readonly DataPoint<Histogram>[];
  }

  /** By `error.type`; of all components, summed. */
  sums(name: string, key = 'error.type'): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { attributes, value } of this.points(name)) {
      const of = textOf(attributes[key]);
      sums[of] = (sums[of] ?? 0) + value;
    }
    return sums;
  }

  /** By component name and server. */
  byComponent(name: string): Record<string, number> {
    return Object.fromEntries(
      this.points(name).map(({ attributes, value }) => {
        return [`${textOf(attributes['otel.component.name'])} ${textOf(attributes['server.address'])}`.trim(), value];
      }),
    );
  }

  #pointsOf(name: string): readonly DataPoint<unknown>[] {
    return this.metrics
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }): readonly DataPoint<unknown>[] => dataPoints);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export interface Bench {
  readonly said: string[];
  readonly timers: FakeTimers;
  readonly self: SelfMetrics;
  readonly accounts: Map<string, Account>;
  readonly redactions: RedactionCounts;
}

export function start(provider: () => ApiMeterProvider, owner: SelfMetricsParts['owner'] = 'register'): Bench {
  const said: string[] = [];
  const timers = new FakeTimers();
  const accounts = new Map<string, Account>();
  const diag = new OnceDiag((line) => said.push(line));
  const redactions = new RedactionCounts();
  const self = createSelfMetrics({ owner, accounts, redactions, version: '1.2.3', diag, timers, provider });
  self.begin(true);
  return { said, timers, self, accounts, redactions };
}

/** A destination as the shipper uses it: batches through the timed transport, counted in the account. */
export class Destination {
  readonly account = new Account();
  readonly transport: ScriptedTransport;
  readonly metered: MeteredDestination;
  readonly timers: FakeTimers;
  waiting = 0;

  constructor({ self, timers, accounts }: Bench, settings: DestinationSettings = otlp(), account = new Account()) {
    this.account = account;
    this.timers = timers;
    accounts.set(settings.name, account);
    this.transport = new ScriptedTransport(() => timers.now());
    this.metered = self.destination(settings, account);
    account.holds(() => this.waiting);
  }

  emit(records: number): void {
    this.account.emitted += records;
    this.waiting += records;
  }

  drop(reason: string, records: number): void {
    this.account.emitted += records;
    this.account.drop(reason, records);
  }

  async send(batch: Batch, ...outcomes: readonly Outcome[]): Promise<void> {
    const timed = this.metered.timed(this.transport);
    for (const outcome of outcomes) {
      this.transport.script(outcome);
      const result = await timed.send(batch, NEVER);
      if (result.kind === 'retry' || (result.kind === 'too_large' && batch.count > 1)) continue;
      if (result.kind === 'delivered') {
        this.account.delivered += batch.count - result.rejected;
        this.account.rejected += result.rejected;
      } else {
        this.account.drop(result.kind === 'refused' ? result.reason : 'too_large', batch.count);
      }
      this.waiting -= batch.count;
    }
  }
}
