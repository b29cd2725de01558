import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { InMemoryLogRecordExporter } from '@opentelemetry/sdk-logs';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { sdkExporter } from '../../src/destinations.ts';
import { ContextStorage } from '../../src/http/context-storage.ts';
import { getLogger, register, withContext } from '../../src/index.ts';
import { flightRecorderSpanProcessor } from '../../src/processors.ts';

const exporter = new InMemoryLogRecordExporter();
const logging = register({ flightRecorder: true, destinations: [sdkExporter(exporter)] });
context.setGlobalContextManager(new ContextStorage());
const processor: SpanProcessor = flightRecorderSpanProcessor();
const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
const log = getLogger('shop');

after(() => logging.shutdown());

async function events(): Promise<(string | undefined)[]> {
  await logging.flush();
  const found = exporter.getFinishedLogRecords().map(({ eventName }) => eventName);
  exporter.reset();
  assert.equal(logging.ledger().balanced, true);
  return found;
}

function inSpan(fn: (span: Span) => void, parent = ROOT_CONTEXT): Span {
  const span = tracer.startSpan('work', {}, parent);
  context.with(trace.setSpan(parent, span), () => fn(span));
  return span;
}

test('R5.5 a span of the SDK that fails lets out what its trace holds; one that ends well does so at the root alone', async () => {
  inSpan((root) => {
    log.debug('outside_of_scopes');
    const child = inSpan(() => log.debug('in_the_child'), trace.setSpan(ROOT_CONTEXT, root));
    child.end();
    assert.equal(logging.ledger().pending, 2);
    child.setStatus({ code: SpanStatusCode.ERROR });
    const failing = inSpan((span) => span.setStatus({ code: SpanStatusCode.ERROR }), trace.setSpan(ROOT_CONTEXT, root));
    failing.end();
  }).end();
  assert.deepEqual(await events(), ['outside_of_scopes', 'in_the_child']);

  inSpan(() => log.debug('unneeded')).end();
  assert.equal(logging.ledger().pending, 0);
  assert.deepEqual(await events(), []);
});

test('R5.5 a span that fails outside of the job that it is for lets out what the job holds', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let done: Promise<unknown> = Promise.resolve();
  const span = inSpan(() => {
    done = withContext({ job: 1 }, () => {
      log.debug('job_started');
      return promise;
    });
  });
  span.setStatus({ code: SpanStatusCode.ERROR }).end();
  resolve(undefined);
  await done;
  assert.deepEqual(await events(), ['job_started']);
});
