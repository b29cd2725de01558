/**
 * Real processes, real SDKs, the real Collector: whatever traces an application, its records arrive once, with its own
 * trace.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, describe, test } from 'node:test';
import { noticesOf } from '../support/child-process.ts';
import { requireCollector, startCollector } from '../support/collector.ts';
import type { Collector, FlatLogRecord } from '../support/collector.ts';
import {
  assertDelivered,
  BARE_TRACING,
  NODE_SDK,
  recordsOf,
  REGISTER,
  runCorrelated,
  said,
  spanOf,
  traceOf,
  withBody,
} from './correlation-apps.ts';
import type { Case } from './correlation-apps.ts';

/** Records that `apps/correlated.ts` makes, two of them through the Logs APIs. */
const ALL = 6;
const NO_TRACE = { traceId: '', spanId: '', traceFlags: 0 };

let collector: Collector | undefined;
const expected = new Map<string, number>();

/** Runs a case and gives what arrived of it, asserting the count; undefined where there is no Collector. */
async function run(
  t: Parameters<typeof requireCollector>[0],
  chosen: Case,
): Promise<{ end: Awaited<ReturnType<typeof runCorrelated>>; records: FlatLogRecord[] } | undefined> {
  if (collector === undefined) {
    const binary = await requireCollector(t);
    if (binary === undefined) return undefined;
    collector = await startCollector({ binary });
  }
  const end = await runCorrelated(collector, chosen);
  const records = await recordsOf(collector, chosen.name, ALL);
  assert.equal(records.length, ALL);
  expected.set(chosen.name, ALL);
  return { end, records };
}

describe('R3.1 records carry the trace of the application', { concurrency: 1 }, () => {
  after(() => collector?.stop());

  const SDKS: readonly Case[] = [
    { name: 'NodeSDK 3.x after spanlog', preloads: [REGISTER, NODE_SDK] },
    { name: 'a bare TracerProvider', preloads: [REGISTER, BARE_TRACING] },
    { name: 'a bare TracerProvider before spanlog', preloads: [BARE_TRACING, REGISTER] },
    {
      name: 'NodeSDK 3.x before spanlog, told to leave the logs',
      preloads: [NODE_SDK, REGISTER],
      env: { OTEL_LOGS_EXPORTER: 'none', SPANLOG_DESTINATIONS: 'otlp' },
    },
    {
      name: 'NodeSDK 3.x before spanlog, taken over',
      preloads: [NODE_SDK, REGISTER],
      env: { SPANLOG_TAKE_OVER_GLOBALS: 'true' },
    },
  ];
  for (const chosen of SDKS) {
    test(`R3.1 with ${chosen.name}`, async (t) => {
      const result = await run(t, chosen);
      if (result === undefined) return;
      const { end, records } = result;
      assertDelivered(end, ALL);
      assert.equal(end.stderr, '');
      assert.equal(said(end).recording, true);
      for (const record of records) assert.equal(record.resource['telemetry.sdk.name'], 'spanlog');
      assertTraces(records, spanOf(end));
    });
  }

  test('R3.1 with no tracing SDK at all records have no ids, and everything else', async (t) => {
    const result = await run(t, { name: 'no SDK', preloads: [REGISTER] });
    if (result === undefined) return;
    const { end, records } = result;
    assertDelivered(end, ALL);
    assert.equal(end.stderr, '');
    for (const record of records) assert.deepEqual(traceOf(record), NO_TRACE);
  });

  test('R3.7 a LoggerProvider that NodeSDK 3.x has installed stays, which is said once with the fix', async (t) => {
    const result = await run(t, { name: 'NodeSDK 3.x before spanlog', preloads: [NODE_SDK, REGISTER] });
    if (result === undefined) return;
    const { end, records } = result;
    // What was emitted through its global went its way, everything else ours; all of it once.
    assertDelivered(end, ALL - 1);
    assertTraces(records, spanOf(end));
    const theirs = records.filter(({ resource }) => resource['telemetry.sdk.name'] === 'opentelemetry');
    assert.deepEqual(
      theirs.map(({ body }) => body),
      ['through api'],
    );
    const notices = noticesOf(end);
    assert.equal(notices.length, 1, end.stderr);
    assert.match(notices[0] ?? '', /LoggerProvider is already global \(@opentelemetry\/api\).*OTEL_LOGS_EXPORTER=none/);
  });

  test('R2.1 types, severity, event, body, scope and resource arrive as they were given', async (t) => {
    const result = await run(t, { name: 'the whole record', preloads: [REGISTER, BARE_TRACING] });
    if (result === undefined) return;
    const { end, records } = result;
    const failed = withBody(records, 'payment_failed');
    assert.equal(failed.eventName, 'payment_failed');
    assert.equal(failed.bodyKind, 'string');
    assert.deepEqual([failed.severityNumber, failed.severityText], [17, 'ERROR']);
    assert.deepEqual(failed.scope, { name: 'checkout.payments', version: '', attributes: {} });
    const stack = failed.attributes['exception.stacktrace'];
    assert.match(typeof stack === 'string' ? stack : '', /^TypeError: the gateway timed out\n +at /);
    assert.deepEqual(failed.attributes, {
      order_id: 'o-1',
      attempts: 3,
      amount: 129.95,
      retried: true,
      big: 9_007_199_254_740_993n,
      raw: Uint8Array.of(0, 255),
      card: '[REDACTED:card]',
      tags: ['a', 1],
      nothing: null,
      'exception.type': 'TypeError',
      'exception.message': 'the gateway timed out',
      'exception.stacktrace': stack,
    });
    assert.deepEqual(failed.attributeKinds, {
      order_id: 'string',
      attempts: 'int',
      amount: 'double',
      retried: 'bool',
      big: 'int',
      raw: 'bytes',
      card: 'string',
      tags: 'array',
      nothing: 'empty',
      'exception.type': 'string',
      'exception.message': 'string',
      'exception.stacktrace': 'string',
    });

    const words = withBody(records, 'after an await, in words');
    assert.deepEqual([words.eventName, words.severityText], ['', 'WARN']);
    assert.deepEqual(words.attributes, { request_id: 'req-42', cart: 7 });

    const older = withBody(records, 'through api-logs');
    assert.deepEqual([older.severityNumber, older.severityText], [10, 'notice']);
    assert.deepEqual(older.scope, { name: 'bridge.older', version: '2.0', attributes: {} });
    assertResource(failed, 'the whole record', said(end).pid);
    for (const record of records) assert.deepEqual(record.resource, failed.resource);
    for (const { timeUnixNano, observedTimeUnixNano } of records) assert.equal(timeUnixNano, observedTimeUnixNano);
  });

  test('R3.1 no record of any case has arrived twice', async () => {
    const records = (await collector?.records()) ?? [];
    for (const [name, count] of expected) {
      const mine = records.filter(({ resource }) => resource['service.name'] === name);
      assert.equal(mine.length, count, name);
    }
  });
});

function assertTraces(records: readonly FlatLogRecord[], span: ReturnType<typeof spanOf>): void {
  assert.deepEqual(traceOf(withBody(records, 'started')), NO_TRACE);
  for (const body of ['payment_failed', 'after an await, in words', 'through api', 'through api-logs']) {
    assert.deepEqual(traceOf(withBody(records, body)), span, body);
  }
  assert.deepEqual(traceOf(withBody(records, 'unsampled')), {
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: '0123456789abcdef',
    traceFlags: 0,
  });
}

function assertResource({ resource }: FlatLogRecord, service: string, pid: unknown): void {
  const { 'service.instance.id': instance, ...rest } = resource;
  assert.match(typeof instance === 'string' ? instance : '', /^[\da-f-]{36}$/);
  const version = rest['telemetry.sdk.version'];
  assert.deepEqual(rest, {
    'service.name': service,
    'service.version': '1.2.3',
    'deployment.environment.name': 'test',
    'cloud.region': 'eu-1',
    'host.name': hostname(),
    'process.pid': pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'telemetry.sdk.name': 'spanlog',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
    'telemetry.distro.name': 'spanlog',
    'telemetry.distro.version': version,
  });
}
