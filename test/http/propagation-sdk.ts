import type * as http from 'node:http';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { request as undiciRequest } from 'undici';
import { registry } from '../../src/start.ts';
import { get, startService } from './propagation-services.ts';

/** A NodeSDK that traces outgoing requests and exports nothing. */
export function startSdk(): NodeSDK {
  const sdk = new NodeSDK({
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
    // Without one it makes no spans at all.
    spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
    logRecordProcessors: [],
    metricReaders: [],
    autoDetectResources: false,
  });
  sdk.start();
  return sdk;
}

export function startSpanlog(): void {
  registry().register({ propagate: { hosts: ['127.0.0.1', 'localhost'] }, destinations: [], strict: true }, false);
}

/** With both at work, each request brings one trace, the SDK's own, and our request id; a third host only the SDK's. */
export async function assertOneTrace(t: TestContext): Promise<void> {
  const allowed = await startService(t, '127.0.0.1');
  const third = await startService(t, '127.0.0.2');
  // The one that the instrumentation has patched.
  const { request } = createRequire(import.meta.url)('node:http') as typeof http;
  const senders: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
    fetch: async (url) => (await fetch(url)).text(),
    undici: async (url) => (await undiciRequest(url)).body.text(),
    'node:http': (url) => get(new URL(url), request),
  };
  for (const [name, send] of Object.entries(senders)) {
    const tracer = trace.getTracer('test');
    await tracer.startActiveSpan('served', async (span) => {
      await registry().withContext({}, () => send(allowed.url), { id: 'req-9' });
      await registry().withContext({}, () => send(third.url), { id: 'req-9' });
      const { traceId, spanId } = span.spanContext();
      const [traceparent = '', ...more] = allowed.all('traceparent');
      assert.deepEqual(more, [], name);
      assert.match(traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-0[0-9a-f]$`), name);
      assert.ok(!traceparent.includes(spanId), `${name}: the parent is the span of the request itself`);
      assert.deepEqual(allowed.all('tracestate'), [], name);
      assert.deepEqual(allowed.all('x-request-id'), ['req-9'], name);
      assert.deepEqual(third.all('x-request-id'), [], name);
      span.end();
    });
  }
}
