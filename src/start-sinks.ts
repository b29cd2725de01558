import type { DestinationSettings, OtlpSettings, Settings } from './config/resolved-settings.ts';
import type { Diag } from './core/diag.ts';
import type { Account } from './core/ledger.ts';
import type { Encoder, Scope } from './core/record.ts';
import type { Sink } from './core/sink.ts';
import type { Transport } from './core/transport.ts';
import type { ValueMap } from './core/value.ts';
import { createConsolePretty } from './destinations/console-pretty.ts';
import { createJsonLines } from './destinations/json-lines.ts';
import { createJsonEncoder } from './encode/json.ts';
import { createJsonEnvelope, createProtobufEnvelope } from './encode/otlp-request.ts';
import { createProtobufEncoder } from './encode/protobuf.ts';
import { createHttpTransport } from './export/http.ts';
import { Queue } from './export/queue.ts';
import { createSdkSink } from './export/sdk-exporter.ts';
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
}

/** Starts each destination of the settings: its queue, its shipper, its transport. */
export function startSinks(parts: SinkParts): readonly Sink[] {
  const encoders = new Encoders();
  return parts.settings.destinations.map((destination) => startSink(destination, parts, encoders));
}

function startSink(destination: DestinationSettings, parts: SinkParts, encoders: Encoders): Sink {
  const { settings, resource, scopes, diag } = parts;
  const { name, level } = destination;
  const account = parts.account(name);
  const scopeOf = (id: number): Scope => scopes[id] as Scope;

  const ship = (encoder: Encoder, transport: Transport, delayMs: number): Sink => {
    const { queueBytes, queueRecords, batchRecords, batchBytes } = settings.limits;
    const queue = new Queue({ maxBytes: queueBytes, maxRecords: queueRecords, batchRecords, batchBytes }, account);
    const shipper = createShipper({ name, queue, transport, diag, batchDelayMs: delayMs });
    return createQueueSink({ name, account, encoder, queue, shipper, minSeverity: level });
  };

  switch (destination.kind) {
    case 'otlp':
      return ship(
        encoders.of(destination.otlp.protocol),
        createOtlpTransport(destination.otlp, resource, scopeOf),
        settings.limits.batchDelayMs,
      );
    case 'pretty': {
      const { encoder, transport } = createConsolePretty(destination.text, { slot: encoders.nextSlot(), resource });
      return ship(encoder, transport, 0);
    }
    case 'json': {
      const { encoder, transport } = createJsonLines(destination.text, { slot: encoders.nextSlot(), resource });
      return ship(encoder, transport, 0);
    }
    case 'sdk':
      return createSdkSink({
        name,
        account,
        exporter: destination.exporter,
        maxRecords: destination.maxRecords,
        minSeverity: level,
        resource,
        batchRecords: settings.limits.batchRecords,
        batchDelayMs: settings.limits.batchDelayMs,
        diag,
      });
  }
}

function createOtlpTransport(otlp: OtlpSettings, resource: ValueMap, scopes: (id: number) => Scope): Transport {
  const envelopeParts = { resource, resourceSchemaUrl: '', scopes };
  return createHttpTransport({
    ...otlp,
    version: VERSION,
    envelope: otlp.protocol === 'http/json' ? createJsonEnvelope(envelopeParts) : createProtobufEnvelope(envelopeParts),
  });
}

/** One encoder per wire format, so that a record is encoded once however many collectors it goes to. */
class Encoders {
  readonly #byProtocol = new Map<OtlpSettings['protocol'], Encoder>();
  #slots = 0;

  nextSlot(): number {
    return this.#slots++;
  }

  of(protocol: OtlpSettings['protocol']): Encoder {
    const known = this.#byProtocol.get(protocol);
    if (known !== undefined) return known;
    const slot = this.nextSlot();
    const encoder = protocol === 'http/json' ? createJsonEncoder(slot) : createProtobufEncoder(slot);
    this.#byProtocol.set(protocol, encoder);
    return encoder;
  }
}
