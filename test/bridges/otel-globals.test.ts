import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { logs, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import { logs as olderLogs } from '@opentelemetry/api-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { installGlobals, SpanlogLoggerProvider } from '../../src/bridges/otel-globals.ts';
import { activeSpan } from '../../src/logger/active-span.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
const globals = globalThis as { [API_GLOBAL]?: { version?: string; logs?: unknown; context?: { active(): Context } } };

const { hub, records } = createRecordingHub();
const provider = new SpanlogLoggerProvider(hub);
const notices: string[] = [];
const notice = (_key: string, message: string): number => notices.push(message);
const diag = { warn: notice, error: notice, clear: () => undefined };

function clear(): void {
  logs.disable();
  olderLogs.disable();
  Reflect.deleteProperty(globals, API_GLOBAL);
  notices.length = records.length = 0;
}

/** Both globals, asked as a bridge asks. */
function emitThroughBoth(): void {
  logs.getLogger('current').emit({ body: 'current' });
  olderLogs.getLogger('older').emit({ body: 'older' });
}

function arrived(): unknown[] {
  return records.map(({ body }) => body);
}

describe('R3.7 both Logs API globals', { concurrency: 1 }, () => {
  beforeEach(clear);
  afterEach(clear);

  test('lead here, also for loggers that were taken before', () => {
    const early = [logs.getLogger('early'), olderLogs.getLogger('early')];
    installGlobals(provider, false, diag);
    emitThroughBoth();
    for (const logger of early) logger.emit({ body: 'early' });
    assert.deepEqual(arrived(), ['current', 'older', 'early', 'early']);
    assert.deepEqual(notices, []);
  });

  test('are served once when asked twice', () => {
    installGlobals(provider, false, diag);
    installGlobals(provider, true, diag);
    emitThroughBoth();
    assert.deepEqual(arrived(), ['current', 'older']);
    assert.deepEqual(notices, []);
  });

  test('stay with a provider that is there already, which is said once with the fix', () => {
    const foreign = new LoggerProvider();
    logs.setGlobalLoggerProvider(foreign);
    installGlobals(provider, false, diag);
    assert.equal(logs.getLoggerProvider(), foreign);
    emitThroughBoth();
    assert.deepEqual(arrived(), ['older']);
    assert.equal(notices.length, 1);
    assert.match(
      notices[0] ?? '',
      /\(@opentelemetry\/api\) .*OTEL_LOGS_EXPORTER=none.*spanlogProcessor.*takeOverGlobals/,
    );
  });

  test('are told apart: a foreign provider may own only the older one', () => {
    olderLogs.setGlobalLoggerProvider(new LoggerProvider());
    installGlobals(provider, false, diag);
    emitThroughBoth();
    assert.deepEqual(arrived(), ['current']);
    assert.match(notices[0] ?? '', /\(@opentelemetry\/api-logs\)/);
  });

  test('are taken over on demand, and kept against whoever comes later', () => {
    logs.setGlobalLoggerProvider(new LoggerProvider());
    olderLogs.setGlobalLoggerProvider(new LoggerProvider());
    installGlobals(provider, true, diag);
    logs.setGlobalLoggerProvider(new LoggerProvider());
    olderLogs.setGlobalLoggerProvider(new LoggerProvider());
    emitThroughBoth();
    assert.deepEqual(arrived(), ['current', 'older']);
    assert.deepEqual(notices, []);
  });

  test('leave every other global of OpenTelemetry alone', () => {
    installGlobals(provider, false, diag);
    assert.deepEqual(Object.keys(globals[API_GLOBAL] ?? {}), ['version', 'logs']);
  });
});

describe('R3.1 another copy of @opentelemetry/api was first', { concurrency: 1 }, () => {
  const span = { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', traceFlags: 1 };
  const inSpan = trace.setSpanContext(ROOT_CONTEXT, span);

  beforeEach(clear);
  afterEach(clear);

  for (const [version, readable] of [
    ['1.10.7', true],
    ['1.9.1', false],
  ] as const) {
    test(`R3.1 a copy of ${version} keeps its globals, and spans of its context manager are seen`, () => {
      globals[API_GLOBAL] = { version, context: { active: () => inSpan } };
      installGlobals(provider, false, diag);
      assert.deepEqual(activeSpan(), span);
      assert.equal(globals[API_GLOBAL].version, version);
      assert.equal(globals[API_GLOBAL].logs, provider);
      olderLogs.getLogger('older').emit({ body: 'older' });
      assert.deepEqual(records[0]?.spanContext, span);
      // What the other copy may read is for its own version check to say.
      assert.equal(logs.getLoggerProvider() === (provider as unknown), readable);
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? '', new RegExp(`two copies of @opentelemetry/api .*${version}.*npm dedupe`));
    });
  }

  test('R3.1 an invalid span, or none, is no correlation', () => {
    assert.equal(activeSpan(), undefined);
    const invalid = trace.setSpanContext(ROOT_CONTEXT, { ...span, traceId: '0'.repeat(32) });
    assert.equal(activeSpan(invalid), undefined);
    assert.equal(activeSpan(ROOT_CONTEXT), undefined);
    assert.deepEqual(activeSpan(inSpan), span);
  });
});
