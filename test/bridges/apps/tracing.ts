/** The least tracing an application can have: one provider, nothing exported. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';

context.setGlobalContextManager(new AsyncLocalStorageContextManager());
trace.setGlobalTracerProvider(new TracerProvider());

/** Runs `log` inside a span and prints the span's ids for the test. */
export function inSpan(log: () => void): void {
  trace.getTracer('app').startActiveSpan('work', (span) => {
    console.log(JSON.stringify(span.spanContext()));
    log();
    span.end();
  });
}
