/** What request logging logs, through the real `register`, to an exporter in memory. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { InMemoryLogRecordExporter } from '@opentelemetry/sdk-logs';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { sdkExporter } from '../../src/destinations.ts';
import { register } from '../../src/index.ts';
import type { Logging } from '../../src/index.ts';

export interface Logged {
  /** The event, or the message. */
  readonly event: string;
  readonly level: string;
  readonly logger: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

const exporter = new InMemoryLogRecordExporter();
const logging: Logging = register({
  level: 'debug',
  // These tests flood on purpose.
  rateLimit: { noticePerMinute: 0 },
  destinations: [sdkExporter(exporter, { maxRecords: 50_000 })],
});

/** Ends of requests follow the last byte of a response: the client may have it before the record is made. */
const PATIENCE_MS = 3_000;

/** All that was logged since the last call, once `ends` requests have ended; then waits a little for one too many. */
export async function logged(ends: number): Promise<Logged[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    await logging.flush();
    const found = exporter.getFinishedLogRecords().map(toLogged);
    if (endsOf(found).length >= ends || Date.now() > deadline) break;
    await delay(2);
  }
  await delay(8);
  await logging.flush();
  const records = exporter.getFinishedLogRecords().map(toLogged);
  exporter.reset();
  const ledger = logging.ledger();
  assert.equal(ledger.balanced, true, JSON.stringify(ledger));
  assert.equal(ledger.pending, 0);
  assert.equal(endsOf(records).length, ends, `${ends} requests have ended: ${JSON.stringify(records)}`);
  return records;
}

export function startsOf(records: readonly Logged[]): Logged[] {
  return records.filter(({ event }) => event === 'request_started');
}

export function endsOf(records: readonly Logged[]): Logged[] {
  return records.filter(({ event }) => /^request_(completed|failed|cancelled)$/.test(event));
}

export function one(records: readonly Logged[], event: string): Logged {
  const found = records.filter((record) => record.event === event);
  assert.equal(found.length, 1, `one ${event} in ${JSON.stringify(records)}`);
  return found[0] as Logged;
}

function toLogged(record: ReadableLogRecord): Logged {
  return {
    event: record.eventName ?? String(record.body),
    level: record.severityText ?? '',
    logger: record.instrumentationScope.name,
    fields: record.attributes,
    traceId: record.spanContext?.traceId,
    spanId: record.spanContext?.spanId,
  };
}
