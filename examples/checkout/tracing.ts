/**
 * Tracing as in any application: the OpenTelemetry SDK for incoming HTTP and outgoing fetch, set up by OTEL_* variables.
 *
 * spanlog wants nothing of it but the active span, so either may be started first.
 */
import { createRequire } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true }),
    new UndiciInstrumentation(),
  ],
});
sdk.start();

// The instrumentation patches `http.Server` when it sees the module being required; these services only import it.
createRequire(import.meta.url)('node:http');

/** Sends the spans that are held, for `timeoutMs` at most: without a backend the SDK tries on for 8 seconds. */
export async function stopTracing(timeoutMs: number): Promise<void> {
  const { promise: deadline, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  // Spans that reach no one are no reason to end badly; logs have a ledger, spans have not.
  await Promise.race([sdk.shutdown().catch(() => undefined), deadline]);
  clearTimeout(timer);
}
