import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { runChild } from '../support/child-process.ts';
import { FRAMEWORKS } from './frameworks.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

interface Said {
  readonly body: string;
  readonly records: readonly { event: string; traceId?: string; spanId?: string; requestId?: string }[];
  readonly balanced: boolean;
}

/** What the applications of `apps/instrumented.ts` said, by framework. */
async function runInstrumented(): Promise<Record<string, Said>> {
  const app = (name: string): string => join(import.meta.dirname, 'apps', name);
  const end = await runChild({
    args: ['--import', app('instrument-http.ts'), app('instrumented.ts'), `00-${TRACE_ID}-${SPAN_ID}-01`],
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    timeoutMs: 30_000,
  });
  assert.equal(end.code, 0, end.stderr);
  return JSON.parse(end.stdout) as Record<string, Said>;
}

describe('request logging beside a tracing SDK', () => {
  let said: Record<string, Said> = {};
  before(async () => {
    said = await runInstrumented();
  });

  for (const { name } of FRAMEWORKS) {
    test(`R3.1 ${name}: the span of the SDK wins, on every record`, () => {
      const { body, records, balanced } = said[name] as Said;
      assert.deepEqual([body, balanced], ['{"id":"1"}', true]);
      assert.deepEqual(
        records.map(({ event }) => event),
        ['request_started', 'order_asked', 'order_read', 'request_completed'],
      );
      const spans = new Set(records.map(({ spanId }) => spanId));
      assert.equal(spans.size, 1);
      assert.ok(!spans.has(SPAN_ID), 'the span is one of the SDK, not the caller’s');
      assert.ok(!spans.has(undefined));
      for (const { traceId } of records) assert.equal(traceId, TRACE_ID);
      assert.equal(new Set(records.map(({ requestId }) => requestId)).size, 1);
    });
  }
});
