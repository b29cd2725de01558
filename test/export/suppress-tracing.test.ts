import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { eventNames, startScriptedServer } from '../support/scripted-server.ts';
import { createLane, httpTransport } from './lane.ts';

test('R8.5 our own requests make no spans, inside a traced request as outside, while others do', async (t) => {
  const spans: string[] = [];
  const spanProcessor = {
    onStart: () => undefined,
    onEnd: ({ name }: { name: string }) => void spans.push(name),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const instrumentation = new HttpInstrumentation({ disableIncomingRequestInstrumentation: true });
  const sdk = new NodeSDK({
    instrumentations: [instrumentation],
    spanProcessors: [spanProcessor],
    logRecordProcessors: [],
    metricReaders: [],
  });
  sdk.start();
  createRequire(import.meta.url)('node:http');
  // What a loader hook does for ES modules: the patched functions reach those that imported them before.
  syncBuiltinESMExports();
  const server = await startScriptedServer();
  t.after(async () => {
    await server.close();
    await sdk.shutdown();
  });

  const lane = createLane(httpTransport(server.url));
  const span = trace.getTracer('test').startSpan('application');
  await context.with(trace.setSpan(context.active(), span), async () => {
    lane.emitMany(20);
    await lane.shipper.flush(5_000);
  });
  span.end();
  lane.emitMany(5, 'late');
  await lane.shipper.flush(5_000);
  assert.deepEqual(spans, ['application']);
  assert.equal(server.requests.flatMap(eventNames).length, 25);
  assert.equal(server.requests[0]?.headers.traceparent, undefined);

  await new Promise((resolve) => http.request(server.url, (response) => response.resume().on('end', resolve)).end());
  assert.deepEqual(spans, ['application', 'GET'], 'the instrumentation is at work');
  await lane.shipper.shutdown(1_000);
  assert.equal(lane.balance().delivered, 25);
});
