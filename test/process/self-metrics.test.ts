import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ended } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { ledgerOf, runApp } from './app.ts';
import { startReceiving } from './receiving.ts';

interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly value: number | { readonly count: number };
}

/** Logs and metrics only: what NodeSDK would trace and send on its own is none of this test's business. */
const ENV = { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'none' };

function pointsOf(end: Ended): readonly Point[] {
  assert.equal(end.code, 0, end.stderr);
  return JSON.parse(end.stdout) as Point[];
}

/** Sums of a counter by `key`, over the components of one destination. */
function sums(points: readonly Point[], name: string, destination: string, key = 'error.type'): Record<string, number> {
  const found: Record<string, number> = {};
  for (const point of points) {
    if (point.name !== name || !String(point.attributes['otel.component.name']).endsWith(`/${destination}`)) continue;
    const of = String(point.attributes[key] ?? '');
    found[of] = (found[of] ?? 0) + Number(point.value);
  }
  return found;
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Asserts that metrics and ledger say the same of each destination. */
function assertSameAsLedger(end: Ended): void {
  const points = pointsOf(end);
  const { destinations } = ledgerOf(end);
  for (const [name, counts] of Object.entries(destinations)) {
    const exported = sums(points, 'otel.sdk.exporter.log.exported', name);
    const processed = sums(points, 'otel.sdk.processor.log.processed', name);
    const keptOut = sums(points, 'spanlog.log.kept_out', name, 'spanlog.reason');
    const { delivered, rejected, dropped, sampledOut, limited, deduplicated, discarded, filtered } = counts;
    const errors = { ...exported, ...processed };
    delete errors[''];
    assert.deepEqual(errors, { ...dropped, ...(rejected > 0 && { rejected }) });
    assert.equal(exported[''], delivered);
    assert.equal(processed[''], total(exported));
    const withheld = { sampled_out: sampledOut, limited, deduplicated, discarded, filtered };
    assert.deepEqual(keptOut, withheld);
    assert.deepEqual(sums(points, 'otel.sdk.exporter.log.inflight', name), { '': 0 });
    assert.deepEqual(sums(points, 'otel.sdk.processor.log.queue.size', name), { '': counts.pending });
    assert.equal(counts.emitted + counts.replayed, total(processed) + counts.pending + total(keptOut));
  }
}

function createdOf(points: readonly Point[]): unknown {
  return points.filter(({ name }) => name === 'otel.sdk.log.created').map(({ value }) => value);
}

/** How often each kind was hidden, of the pipeline that is its owner. */
function redactionsOf(points: readonly Point[], owner: string): Record<string, number> {
  return sums(points, 'spanlog.redactions', owner, 'spanlog.redaction.kind');
}

describe('self-metrics of a process', { concurrency: 2 }, () => {
  test('R8.1 with NodeSDK after --import spanlog/register all metrics equal the ledger, and make no records', async (t) => {
    const server = await startScriptedServer({
      answers: [
        { status: 503 },
        { status: 400 },
        { headers: { 'content-type': 'application/json' }, body: '{"partialSuccess":{"rejectedLogRecords":"3"}}' },
      ],
    });
    t.after(() => server.close());
    const env = {
      ...ENV,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: server.url,
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '16',
      OTEL_BLRP_MAX_QUEUE_SIZE: '1000',
      SPANLOG_SAMPLE_EVENTS: 'sampled=0',
    };
    const end = await runApp('metrics', ['preloaded'], { env });
    assertSameAsLedger(end);
    const { emitted, rejected, dropped, sampledOut } = ledgerOf(end);
    assert.deepEqual([emitted, rejected, dropped.http_400, sampledOut], [110, 3, 16, 25]);
    const points = pointsOf(end);
    assert.deepEqual(createdOf(points), [110]);
    const capacity = points.find(({ name }) => name === 'otel.sdk.processor.log.queue.capacity');
    assert.equal(capacity?.value, 1_000);
    const durations = points.filter(({ name }) => name === 'otel.sdk.exporter.operation.duration');
    const operations = Object.fromEntries(
      durations.map(({ attributes, value }) => {
        assert.equal(attributes['server.port'], server.port);
        return [attributes['error.type'] ?? '', typeof value === 'object' ? value.count : value];
      }),
    );
    // The 503 was no end of an operation.
    assert.deepEqual(operations, { http_400: 1, rejected: 1, '': server.requests.length - 3 });
  });

  test('R8.1 a register after --import counts no record twice, whatever its destinations are called', async (t) => {
    const [first, second] = [await startReceiving(t), await startReceiving(t)];
    const end = await runApp('metrics', ['reconfigured', second.url], { env: { ...ENV, ...first.env } });
    assertSameAsLedger(end);
    const points = pointsOf(end);
    assert.deepEqual(createdOf(points), [30]);
    assert.deepEqual(redactionsOf(points, 'register'), { password: 20, email: 20, pii: 10 });
    assert.deepEqual(ledgerOf(end).destinations.otlp?.delivered, 30);
    assert.deepEqual(ledgerOf(end).destinations.second?.delivered, 10);
    const ports = points
      .filter(({ name }) => name === 'otel.sdk.exporter.log.exported')
      .map(({ attributes }) => attributes['server.port']);
    const portOf = ({ url }: { url: string }): number => Number(new URL(url).port);
    assert.deepEqual(ports, [portOf(first), portOf(second), portOf(second)]);
  });

  test('R8.1 a spanlogProcessor has metrics of its own; the records are created by the SDK, and counted there', async (t) => {
    const receiver = await startReceiving(t);
    const end = await runApp('metrics', ['processor'], { preloaded: false, env: { ...ENV, ...receiver.env } });
    assertSameAsLedger(end);
    const points = pointsOf(end);
    assert.equal(ledgerOf(end).delivered, 50);
    assert.deepEqual(createdOf(points), []);
    assert.deepEqual(redactionsOf(points, 'processor-0'), { token: 50 });
    const names = points.map(({ attributes }) => attributes['otel.component.name']);
    assert.ok(names.includes('otlp_http_log_exporter/processor-0/otlp'), names.join());
  });
});
