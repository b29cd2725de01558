import type { DestinationSettings, OtlpSettings, Settings } from './config/resolved-settings.ts';
import type { Diag } from './core/diag.ts';
import type { Account } from './core/ledger.ts';
import type { Encoder, Scope } from './core/record.ts';
import type { Sink } from './core/sink.ts';
import type { Transport } from './core/transport.ts';
import type { Value, ValueMap } from './core/value.ts';
import { viewsOf } from './core/view.ts';
import type { View, Views } from './core/view.ts';
import { createConsolePretty } from './destinations/console-pretty.ts';
import { createJsonLines } from './destinations/json-lines.ts';
import { createJsonLineEncoder } from './encode/json-line.ts';
import { createJsonEncoder } from './encode/json.ts';
import { createJsonEnvelope, createProtobufEnvelope } from './encode/otlp-request.ts';
import { createProtobufEncoder } from './encode/protobuf.ts';
import { createAuditSink } from './export/audit/audit-sink.ts';
import { openDisk } from './export/spool/disk.ts';
import type { Disk, DiskParts } from './export/spool/disk.ts';
import { createHttpTransport } from './export/http.ts';
import { Queue } from './export/queue.ts';
import { createSdkSink } from './export/sdk-exporter.ts';
import type { SelfMetrics } from './export/self-metrics.ts';
import { createShipper } from './export/shipper.ts';
import { createQueueSink } from './export/sink.ts';
import { VERSION } from './version.ts';

/** What the sinks of one configuration share. */
export interface SinkParts {
  readonly settings: Settings;
  readonly resource: ValueMap;
  readonly scopes: readonly Scope[];
  readonly diag: Diag;
  /** The account of a destination, by its name; the same one when a name comes back after a reconfiguration. */
  account(name: string): Account;
  /** Observes what is started. */
  readonly metrics: SelfMetrics;
}

/** Starts each destination of the settings: its queue, its shipper, its transport. */
export function startSinks(parts: SinkParts): readonly Sink[] {
  const encoders = new Encoders();
  const views = destinationViews(parts.settings);
  return parts.settings.destinations.map((destination) => {
    return startSink(destination, parts, encoders, views.of(destination.classes));
  });
}

/** What the destinations may see of classified values: the same views, in the same order, for whoever asks. */
export function destinationViews({ destinations }: Pick<Settings, 'destinations'>): Views {
  return viewsOf(destinations.map(({ classes }) => classes));
}

function startSink(destination: DestinationSettings, parts: SinkParts, encoders: Encoders, view: View): Sink {
  const { settings, resource, scopes, diag } = parts;
  const { name, level } = destination;
  const account = parts.account(name);
  const metered = parts.metrics.destination(destination, account);
  const scopeOf = (id: number): Scope => scopes[id] as Scope;

  const { queueBytes, queueRecords, batchRecords, batchBytes, batchDelayMs, drainBytesPerSecond } = settings.limits;
  const dropOldest = settings.onFull === 'drop-oldest';
  const createQueue = (): Queue => {
    const limits = { maxBytes: queueBytes, maxRecords: queueRecords, batchRecords, batchBytes, dropOldest };
    const queue = new Queue(limits, account);
    metered.holds({ bytes: () => queue.bytes, ...limits });
    return queue;
  };
  const write = ({ encoder, transport: bare }: { encoder: Encoder; transport: Transport }): Sink => {
    const transport = metered.timed(bare);
    const parts = { name, queue: createQueue(), transport, diag, batchDelayMs: 0, drainBytesPerSecond: Infinity };
    return createQueueSink({ ...parts, account, encoder, shipper: createShipper(parts), minSeverity: level });
  };

  switch (destination.kind) {
    case 'otlp': {
      const { otlp } = destination;
      const envelopeParts = { resource, resourceSchemaUrl: '', scopes: scopeOf };
      const envelope =
        otlp.protocol === 'http/json' ? createJsonEnvelope(envelopeParts) : createProtobufEnvelope(envelopeParts);
      const transport = metered.timed(createHttpTransport({ ...otlp, version: VERSION, envelope }));
      const shared = { name, account, queue: createQueue(), diag };
      const disk = startDisk({
        ...shared,
        limits: { batchRecords, batchBytes },
        envelope,
        group: { service: textOf(resource.get('service.name')), destination: name, url: otlp.url },
        settings,
      });
      const { spool, backlog } = disk ?? {};
      const shipper = createShipper({ ...shared, transport, batchDelayMs, drainBytesPerSecond, spool, backlog });
      return createQueueSink({
        ...shared,
        disk,
        shipper,
        encoder: encoders.of(otlp.protocol, view),
        minSeverity: level,
      });
    }
    case 'pretty':
      return write(createConsolePretty(destination.text, { slot: encoders.nextSlot(), resource, view }));
    case 'json':
      return write(createJsonLines(destination.text, { slot: encoders.nextSlot(), resource, view }));
    case 'audit': {
      const encoder = createJsonLineEncoder({ slot: encoders.nextSlot(), resource, view });
      return createAuditSink({ ...destination.file, key: settings.audit.key, name, account, encoder, diag });
    }
    case 'sdk':
      metered.holds({ bytes: () => 0, maxBytes: Infinity, maxRecords: destination.maxRecords });
      return createSdkSink({
        name,
        account,
        exporter: destination.exporter,
        operation: metered.operation,
        maxRecords: destination.maxRecords,
        minSeverity: level,
        resource,
        view,
        batchRecords: settings.limits.batchRecords,
        batchDelayMs: settings.limits.batchDelayMs,
        diag,
      });
  }
}

/** The disk that the settings ask for, if they do and there is one. */
function startDisk({
  settings,
  ...parts
}: Omit<DiskParts, 'settings'> & { readonly settings: Settings }): Disk | undefined {
  const { durability, onFull, spool, limits } = settings;
  if (durability === 'memory' && onFull !== 'spill') return undefined;
  return openDisk({
    ...parts,
    settings: {
      ...spool,
      mode: durability === 'memory' ? 'spill' : durability,
      dropOldest: onFull === 'drop-oldest',
      drainBytesPerSecond: limits.drainBytesPerSecond,
    },
  });
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** One encoder per wire format and view, so that a record is encoded once however many collectors it goes to. */
class Encoders {
  readonly #known = new Map<string, Encoder>();
  #slots = 0;

  nextSlot(): number {
    return this.#slots++;
  }

  of(protocol: OtlpSettings['protocol'], view: View): Encoder {
    const name = `${protocol} ${view.index}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const slot = this.nextSlot();
    const encoder = protocol === 'http/json' ? createJsonEncoder(slot, view) : createProtobufEncoder(slot, view);
    this.#known.set(name, encoder);
    return encoder;
  }
}
