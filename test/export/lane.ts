/** One destination with everything behind it, as tests of delivery need it. */
import assert from 'node:assert/strict';
import type { Batch } from '../../src/core/batch.ts';
import { ByteWriter } from '../../src/core/byte-writer.ts';
import { OnceDiag } from '../../src/core/diag.ts';
import { Account, isBalanced } from '../../src/core/ledger.ts';
import type { Counts } from '../../src/core/ledger.ts';
import type { Scope } from '../../src/core/record.ts';
import type { Outcome, Transport } from '../../src/core/transport.ts';
import { ValueMap } from '../../src/core/value.ts';
import { createJsonEnvelope, createProtobufEnvelope } from '../../src/encode/otlp-request.ts';
import { closeMessage, openMessage, writeText } from '../../src/encode/protobuf-value.ts';
import { createHttpTransport } from '../../src/export/http.ts';
import type { HttpTransportOptions } from '../../src/export/http.ts';
import { Queue } from '../../src/export/queue.ts';
import type { QueueLimits } from '../../src/export/queue.ts';
import { createShipper } from '../../src/export/shipper.ts';
import type { Shipper, ShipperParts } from '../../src/export/shipper.ts';
import { pushRecord } from './push-record.ts';

export const SCOPE: Scope = { id: 0, name: 'test', version: '', schemaUrl: '', attributes: new ValueMap() };
const NO_TLS = { ca: undefined, cert: undefined, key: undefined };

const ENVELOPE_PARTS = {
  resource: ValueMap.from([['service.name', 'test']]),
  resourceSchemaUrl: '',
  scopes: () => SCOPE,
};
export const PROTOBUF_ENVELOPE = createProtobufEnvelope(ENVELOPE_PARTS);
export const JSON_ENVELOPE = createJsonEnvelope(ENVELOPE_PARTS);

/** Fast enough for a test over a real socket; the real policy has a test with a fake clock. */
const QUICK_RETRY = { initialMs: 10, maxMs: 40, factor: 1.5 };

export interface Lane {
  readonly account: Account;
  readonly queue: Queue;
  readonly shipper: Shipper;
  /** What was said to the user. */
  readonly said: string[];
  /** Emits records with these event names. */
  emit(...eventNames: readonly string[]): void;
  /** Emits `count` records named `prefix0`, `prefix1`, … */
  emitMany(count: number, prefix?: string): void;
  /** The counts, after asserting that they balance. */
  balance(): Counts;
}

export interface LaneOptions extends Partial<QueueLimits>, Partial<Omit<ShipperParts, 'queue' | 'transport' | 'diag'>> {
  readonly json?: boolean;
}

export function createLane(transport: Transport, options: LaneOptions = {}): Lane {
  const { maxBytes = 1e6, maxRecords = Infinity, batchRecords = 10, batchBytes = 1e5 } = options;
  const account = new Account();
  const queue = new Queue({ maxBytes, maxRecords, batchRecords, batchBytes }, account);
  const said: string[] = [];
  const diag = new OnceDiag((line) => said.push(line));
  const shipper = createShipper({
    name: 'otlp',
    batchDelayMs: 10,
    retry: QUICK_RETRY,
    ...options,
    queue,
    transport,
    diag,
  });
  const out = new ByteWriter();
  const lane: Lane = {
    account,
    queue,
    shipper,
    said,
    emit(...eventNames) {
      for (const eventName of eventNames) {
        out.length = 0;
        if (options.json === true) {
          const json = JSON.stringify({ eventName });
          out.reserve(json.length);
          out.length = out.bytes.write(json);
        } else {
          const record = openMessage(out, 0x12);
          writeText(out, 0x62, eventName);
          closeMessage(out, record);
        }
        account.emitted++;
        pushRecord(queue, out.bytes.subarray(0, out.length), SCOPE, 9);
      }
    },
    emitMany(count, prefix = 'e') {
      for (let i = 0; i < count; i++) lane.emit(`${prefix}${i}`);
    },
    balance() {
      const counts = account.counts();
      assert.ok(isBalanced(counts), `the ledger does not balance: ${JSON.stringify(counts)}`);
      return counts;
    },
  };
  return lane;
}

export function httpTransport(url: string, options: Partial<HttpTransportOptions> = {}): Transport {
  return createHttpTransport({
    url,
    headers: {},
    compression: 'none',
    timeoutMs: 2_000,
    tls: NO_TLS,
    version: '0.0.0-test',
    envelope: PROTOBUF_ENVELOPE,
    ...options,
  });
}

export const delivered: Outcome = { kind: 'delivered', rejected: 0, message: '' };
export const retry = (reason = 'connection', retryAfterMs?: number): Outcome => ({
  kind: 'retry',
  reason,
  retryAfterMs,
  message: 'http://collector: nobody there.',
});
export const tooLarge: Outcome = { kind: 'too_large', message: 'HTTP 413.' };
export const refused = (reason: string): Outcome => ({ kind: 'refused', reason, message: 'no.' });

/**
 * A transport whose answers a test gives, for what is about time: the shipper's decisions under a fake clock. Without a
 * script every batch is delivered at once; `hold` leaves the answer to the test.
 */
export class ScriptedTransport implements Transport {
  readonly attempts: { readonly atMs: number; readonly names: string[]; readonly signal: AbortSignal }[] = [];
  readonly syncAttempts: string[][] = [];
  closed = 0;
  readonly #now: () => number;
  readonly #script: (Outcome | 'hold')[] = [];
  readonly #held: ((outcome: Outcome) => void)[] = [];
  #otherwise: Outcome = delivered;
  #sync: (batch: Batch) => Outcome = () => delivered;

  constructor(now: () => number) {
    this.#now = now;
  }

  script(...outcomes: readonly (Outcome | 'hold')[]): void {
    this.#script.push(...outcomes);
  }

  otherwise(outcome: Outcome): void {
    this.#otherwise = outcome;
  }

  sync(decide: (batch: Batch) => Outcome): void {
    this.#sync = decide;
  }

  /** Answers the oldest request that is held. */
  answer(outcome: Outcome): void {
    this.#held.shift()?.(outcome);
  }

  send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    this.attempts.push({ atMs: this.#now(), names: namesOf(batch), signal });
    const outcome = this.#script.shift() ?? this.#otherwise;
    if (outcome !== 'hold') return Promise.resolve(outcome);
    return new Promise((resolve) => this.#held.push(resolve));
  }

  sendSync(batches: readonly Batch[]): readonly Outcome[] {
    this.syncAttempts.push(...batches.map(namesOf));
    return batches.map((batch) => this.#sync(batch));
  }

  close(): void {
    this.closed++;
  }
}

/** Event names in a batch, straight from the bytes that `emit` wrote: `12 <len> 62 <len> <name>`. */
function namesOf(batch: Batch): string[] {
  return Array.from({ length: batch.count }, (_, i) => batch.bytes.toString('utf8', batch.start(i) + 4, batch.end(i)));
}
