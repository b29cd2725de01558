import { metrics, ROOT_CONTEXT } from '@opentelemetry/api';
import type {
  Attributes,
  BatchObservableCallback,
  BatchObservableResult,
  Meter,
  MeterProvider,
  Observable,
} from '@opentelemetry/api';
import type { DestinationSettings } from '../config/resolved-settings.ts';
import type { Diag } from '../core/diag.ts';
import type { Account } from '../core/ledger.ts';
import type { RedactionCounts } from '../core/redaction-counts.ts';
import type { Transport } from '../core/transport.ts';
import {
  DestinationMetrics,
  exporterAttributes,
  pipelineAttributes,
  processorAttributes,
} from './destination-metrics.ts';
import type { QueueView } from './destination-metrics.ts';
import { ExportOperation, timedTransport } from './export-operation.ts';
import type { OperationEnd } from './export-operation.ts';
import { createInstruments } from './metric-instruments.ts';
import type { Instruments, Observables } from './metric-instruments.ts';
import { createSystemTimers } from './timers.ts';
import type { Timers } from './timers.ts';

export interface SelfMetricsParts {
  /** `register` is one per process; pipelines of `spanlogProcessor` are told apart by a number. */
  readonly owner: 'register' | 'processor';
  /** All accounts of the pipeline by name, those without a destination here as well: worker threads may have others. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly redactions: RedactionCounts;
  /** Ours, for the instrumentation scope. */
  readonly version: string;
  readonly diag: Diag;
  readonly timers?: Timers;
  /** Default: the application's global one. */
  readonly provider?: () => MeterProvider;
}

/** One destination that was started, for whoever starts it. */
export interface MeteredDestination {
  /** For a destination without a `Transport`: to be told where its exports begin and end. */
  readonly operation: ExportOperation;
  /** The same transport, its exports timed. */
  timed(transport: Transport): Transport;
  holds(queue: QueueView): void;
}

/** The metrics of one pipeline, through the application's MeterProvider. */
export interface SelfMetrics {
  /**
   * A configuration begins: destinations named from now on are those in force.
   *
   * @param active false while telemetry is disabled: then no provider is looked for
   */
  begin(active: boolean): void;
  destination(settings: DestinationSettings, account: Account): MeteredDestination;
  /** Looks for the global MeterProvider. Cheap: a comparison unless it is another one than before. Never throws. */
  look(): void;
  /** Looks no more. What the present provider reads stays. */
  rest(): void;
}

/**
 * Self-observation under the names of the semantic conventions 1.44, "OpenTelemetry SDK metrics", and a few of our own
 * for what they have no name for.
 *
 * A record pays nothing for it: counters are the ledger's, read when a reader collects. Only an operation's duration is
 * recorded when it ends, once per batch.
 */
export function createSelfMetrics(parts: SelfMetricsParts): SelfMetrics {
  return new PipelineMetrics(parts);
}

/** The API's metrics global can't announce a provider that comes later, so it is looked for: first soon, then rarely. */
const FIRST_LOOK_MS = 250;
const RARE_LOOK_MS = 30_000;
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0';
/** Counts pipelines over all copies of this package in the process. */
const PROCESSOR_COUNT = Symbol.for('spanlog.1.processors');

/** What we have of one MeterProvider. */
interface Attachment {
  readonly meter: Meter;
  readonly callback: BatchObservableCallback;
  readonly instruments: Instruments;
}

class PipelineMetrics implements SelfMetrics {
  readonly #parts: SelfMetricsParts;
  readonly #timers: Timers;
  readonly #provider: () => MeterProvider;
  readonly #owner: string;
  /** By the name of their account. */
  readonly #destinations = new Map<string, DestinationMetrics>();
  /** The last provider that was tried, whatever came of it: one that throws is not tried at each batch. */
  #tried: MeterProvider | undefined;
  #attachment: Attachment | undefined;
  #active = false;
  #endWatch: (() => void) | undefined;
  /** Records that were created under earlier configurations. */
  #createdBefore = 0;
  /** What the accounts in force had when their configuration began. */
  readonly #emittedBefore = new Map<Account, number>();

  constructor(parts: SelfMetricsParts) {
    this.#parts = parts;
    this.#timers = parts.timers ?? createSystemTimers();
    this.#provider = parts.provider ?? (() => metrics.getMeterProvider());
    this.#owner = parts.owner === 'register' ? 'register' : `processor-${nextProcessor()}`;
  }

  begin(active: boolean): void {
    this.#createdBefore = this.#created();
    this.#emittedBefore.clear();
    for (const destination of this.#destinations.values()) destination.current = false;
    this.rest();
    this.#active = active;
    if (active) this.#watch(FIRST_LOOK_MS);
    this.look();
  }

  destination(settings: DestinationSettings, account: Account): MeteredDestination {
    const destination = this.#destinationOf(settings.name, account);
    this.#emittedBefore.set(account, account.emitted);
    const exporter = exporterAttributes(settings, this.#owner);
    const watcher = {
      begun: () => this.look(),
      ended: (end: OperationEnd) => this.#record(end, exporter),
      gaveUp: (reason: string) => destination.exportReason(reason),
    };
    const operation = new ExportOperation(watcher, () => this.#timers.now());
    destination.begin(exporter, operation);
    return {
      operation,
      timed: (transport) => timedTransport(transport, operation),
      holds: (queue) => destination.holds(queue),
    };
  }

  look(): void {
    if (!this.#active) return;
    const provider = this.#provider();
    if (provider === this.#tried) return;
    this.#tried = provider;
    this.#guard(() => this.#detach());
    this.#guard(() => this.#attach(provider));
  }

  rest(): void {
    this.#endWatch?.();
    this.#endWatch = undefined;
  }

  #destinationOf(name: string, account: Account): DestinationMetrics {
    let destination = this.#destinations.get(name);
    if (destination === undefined) {
      destination = new DestinationMetrics(account, processorAttributes(name, this.#owner));
      this.#destinations.set(name, destination);
    }
    return destination;
  }

  #watch(delayMs: number): void {
    const next = Math.min(2 * delayMs, RARE_LOOK_MS);
    this.#endWatch = this.#timers.after(
      delayMs,
      () => {
        this.look();
        this.#watch(next);
      },
      false,
    );
  }

  #attach(provider: MeterProvider): void {
    const meter = provider.getMeter('spanlog', this.#parts.version, { schemaUrl: SCHEMA_URL });
    const instruments = createInstruments(meter);
    const callback = (result: BatchObservableResult): void => this.#observe(result, instruments.observables);
    meter.addBatchObservableCallback(callback, Object.values(instruments.observables));
    this.#attachment = { meter, callback, instruments };
  }

  #detach(): void {
    if (this.#attachment === undefined) return;
    const { meter, callback, instruments } = this.#attachment;
    this.#attachment = undefined;
    meter.removeBatchObservableCallback(callback, Object.values(instruments.observables));
  }

  #observe(result: BatchObservableResult, to: Observables): void {
    // The SDK's loggers create the records that a processor sees, and count them themselves.
    if (this.#parts.owner === 'register') result.observe(to.created, this.#created());
    const { byKind } = this.#parts.redactions;
    observeAll(result, to.redactions, byKind, pipelineAttributes(this.#owner), 'spanlog.redaction.kind');
    for (const [name, account] of this.#parts.accounts) {
      this.#observeDestination(this.#destinationOf(name, account), result, to);
    }
  }

  #observeDestination(destination: DestinationMetrics, result: BatchObservableResult, to: Observables): void {
    const { account, attributes, current, limits } = destination;
    for (const exporter of destination.exporters()) {
      observeAll(result, to.exported, exporter.exported, exporter.attributes, 'error.type');
      result.observe(to.inflight, exporter.inflight, exporter.attributes);
    }
    const { processed, keptOut, replayed } = destination.processor();
    observeAll(result, to.processed, processed, attributes, 'error.type');
    observeAll(result, to.keptOut, keptOut, attributes, 'spanlog.reason');
    result.observe(to.replayed, replayed, attributes);
    result.observe(to.queueSize, account.pending - destination.inflight, attributes);
    if (Number.isFinite(limits?.maxBytes)) result.observe(to.queueBytes, destination.bytes, attributes);
    // A destination that is no longer in force takes nothing. Unsaid, its last capacity would stand for ever.
    const capacities = [
      [to.queueMaxBytes, limits?.maxBytes],
      [to.queueCapacity, limits?.maxRecords],
    ] as const;
    for (const [capacity, limit] of capacities) {
      if (Number.isFinite(limit)) result.observe(capacity, current ? Number(limit) : 0, attributes);
    }
  }

  /** Each destination gets every record, so that any of those in force knows how many there were. */
  #created(): number {
    let created = 0;
    for (const [account, before] of this.#emittedBefore) created = Math.max(created, account.emitted - before);
    return this.#createdBefore + created;
  }

  #record({ durationMs, errorType }: OperationEnd, exporter: Attributes): void {
    const attributes: Attributes = { ...exporter };
    if (errorType !== undefined) attributes['error.type'] = errorType;
    const status = /^http_(\d{3})$/.exec(errorType ?? '')?.[1];
    if (status !== undefined) attributes['http.response.status_code'] = Number(status);
    // Whoever happens to be active has nothing to do with our export: no exemplar of it.
    this.#guard(() => this.#attachment?.instruments.duration.record(durationMs / 1_000, attributes, ROOT_CONTEXT));
  }

  /** A MeterProvider is foreign code; a broken one costs the metrics and nothing else. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      const { diag } = this.#parts;
      diag.warn('self_metrics', `no metrics about logging: the MeterProvider failed: ${messageOf(error)}`);
    }
  }
}

function observeAll(
  result: BatchObservableResult,
  to: Observable,
  counts: ReadonlyMap<string, number>,
  attributes: Attributes,
  key: string,
): void {
  for (const [value, count] of counts) {
    result.observe(to, count, value === '' ? attributes : { ...attributes, [key]: value });
  }
}

function nextProcessor(): number {
  const count = Number(Reflect.get(globalThis, PROCESSOR_COUNT) ?? 0);
  Reflect.set(globalThis, PROCESSOR_COUNT, count + 1);
  return count;
}

/** What a foreign error says; its own code may throw when asked. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an error that can’t be read';
  }
}
