import type { Attributes } from '@opentelemetry/api';
import type { DestinationSettings } from '../config/resolved-settings.ts';
import type { Account, Counts } from '../core/ledger.ts';
import type { ExportOperation } from './export-operation.ts';

/** Counters that only grow: by error type or reason, `''` where there is none. */
export type Totals = ReadonlyMap<string, number>;

/** What became of a destination's records before the exporter, of those that left the queue. */
export interface ProcessorTotals {
  readonly processed: Totals;
  readonly keptOut: Totals;
  readonly replayed: number;
}

/** The exporter's records in one stretch. */
export interface ExporterTotals {
  /** Attributes of the conventions; they say where it sends. */
  readonly attributes: Attributes;
  readonly exported: Totals;
  readonly inflight: number;
}

/** What a destination's queue may hold, and holds now. */
export interface QueueView {
  readonly bytes: () => number;
  /** Infinity when only records are counted. */
  readonly maxBytes: number;
  /** Infinity when only bytes are bounded. */
  readonly maxRecords: number;
}

/**
 * Exports of one account while its name stood for one place. When a reconfiguration gives the name to another place, this
 * stretch ends and the next begins where it stopped: each record is in one of them. What was still pending at that moment
 * is counted in the next one.
 */
interface Stretch {
  readonly attributes: Attributes;
  readonly from: Totals;
  until: Totals | undefined;
}

/** Drops of records that the exporter has had, or was to have at once; all others never got that far. */
const EXPORT_REASONS: readonly string[] = [
  'exporter_failed',
  'transport_failed',
  'too_large',
  'audit_not_written',
  'shutdown',
  'exit',
];

/**
 * The metrics of one destination, read from its account when they are collected:
 *
 *   emitted + replayed = processed (all) + queue size + kept out
 *   processed, without error = exported (all) + inflight
 */
export class DestinationMetrics {
  readonly account: Account;
  /** Attributes of its queue, and of what comes before it. */
  readonly attributes: Attributes;
  /** Part of the configuration in force. */
  current = false;
  readonly #operations = new Set<ExportOperation>();
  readonly #exportReasons = new Set(EXPORT_REASONS);
  readonly #stretches: Stretch[] = [];
  #queues: readonly QueueView[] = [];
  /** Most records that ever were with the exporter or past it: a batch that is halved returns to the queue in part. */
  #passed = 0;

  constructor(account: Account, attributes: Attributes) {
    this.account = account;
    this.attributes = attributes;
  }

  /** The account's name stands for the place of this exporter from now on. */
  begin(exporter: Attributes, operation: ExportOperation): void {
    this.current = true;
    this.#operations.add(operation);
    const last = this.#stretches.at(-1);
    if (JSON.stringify(last?.attributes) === JSON.stringify(exporter)) return;
    const from = last === undefined ? new Map<string, number>() : this.#exported();
    if (last !== undefined) last.until = from;
    this.#stretches.push({ attributes: exporter, from, until: undefined });
  }

  holds(queue: QueueView): void {
    // Queues of an earlier configuration count until they are empty.
    this.#queues = [...this.#queues.filter((before) => before.bytes() > 0), queue];
  }

  exportReason(reason: string): void {
    this.#exportReasons.add(reason);
  }

  /** Records with the exporter. */
  get inflight(): number {
    let records = 0;
    for (const operation of this.#operations) records += operation.records;
    // A batch can be dropped by the queue while the exporter waits for the next attempt.
    return Math.min(records, this.account.pending);
  }

  get bytes(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.bytes(), 0);
  }

  /** What the latest queue may hold; undefined when none was named. */
  get limits(): QueueView | undefined {
    return this.#queues.at(-1);
  }

  processor(): ProcessorTotals {
    const counts = this.account.counts();
    let concluded = 0;
    for (const count of this.#exported().values()) concluded += count;
    this.#passed = Math.max(this.#passed, concluded + this.inflight);
    const processed = new Map([['', this.#passed]]);
    for (const [reason, count] of Object.entries(counts.dropped)) {
      if (this.#exportReasons.has(reason)) continue;
      // The one reason that the conventions prescribe and the ledger calls otherwise.
      processed.set(reason === 'after_shutdown' ? 'already_shutdown' : reason, count);
    }
    return { processed, keptOut: keptOut(counts), replayed: counts.replayed };
  }

  /** For each place that the name stood for, the present one last. */
  exporters(): readonly ExporterTotals[] {
    const now = this.#exported();
    return this.#stretches.map(({ attributes, from, until }) => ({
      attributes,
      exported: difference(from, until ?? now),
      // Unsaid, the last value would stand for ever.
      inflight: until === undefined ? this.inflight : 0,
    }));
  }

  #exported(): Totals {
    const { delivered, rejected, dropped } = this.account.counts();
    const exported = new Map([['', delivered]]);
    if (rejected > 0) exported.set('rejected', rejected);
    for (const [reason, count] of Object.entries(dropped)) {
      if (this.#exportReasons.has(reason)) exported.set(reason, count);
    }
    return exported;
  }
}

/** Records that went no further by a rule of the user's, and are not lost. */
function keptOut(counts: Counts): Totals {
  return new Map([
    ['sampled_out', counts.sampledOut],
    ['limited', counts.limited],
    ['deduplicated', counts.deduplicated],
    ['discarded', counts.discarded],
    ['filtered', counts.filtered],
  ]);
}

function difference(from: Totals, until: Totals): Totals {
  return new Map([...until].map(([key, count]) => [key, count - (from.get(key) ?? 0)]));
}

/** Types that the conventions know are called so; for all others they want names of the implementation. */
function exporterType(destination: DestinationSettings): string {
  switch (destination.kind) {
    case 'otlp':
      return destination.otlp.protocol === 'http/json' ? 'otlp_http_json_log_exporter' : 'otlp_http_log_exporter';
    case 'pretty':
      return 'spanlog_pretty_log_exporter';
    case 'json':
      return 'spanlog_json_log_exporter';
    case 'audit':
      return 'spanlog_audit_log_exporter';
    case 'sdk':
      return 'spanlog_sdk_log_exporter';
  }
}

/**
 * Attributes of a destination's queue, by the semantic conventions' "OpenTelemetry SDK metrics". Component names are
 * `<type>/<owner>/<name of the destination>`.
 *
 * @param owner tells the pipelines of one process apart, and is the same after a restart
 */
export function processorAttributes(name: string, owner: string): Attributes {
  return component('spanlog_log_processor', owner, name);
}

/** Of what a pipeline does before it knows of destinations. */
export function pipelineAttributes(owner: string): Attributes {
  return component('spanlog_log_processor', owner);
}

/** The same for the exporter behind it, with the server that it sends to. */
export function exporterAttributes(destination: DestinationSettings, owner: string): Attributes {
  const server = destination.kind === 'otlp' ? serverAttributes(destination.otlp.url) : {};
  return { ...component(exporterType(destination), owner, destination.name), ...server };
}

function component(type: string, ...names: readonly string[]): Attributes {
  return { 'otel.component.type': type, 'otel.component.name': [type, ...names].join('/') };
}

function serverAttributes(url: string): Attributes {
  const { protocol, hostname, port } = new URL(url);
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return { 'server.address': address, 'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}
