import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

/**
 * The key under which OpenTelemetry's SDK and instrumentations look (`@opentelemetry/core`, suppressTracing). Context
 * keys are `Symbol.for`, so its text is all that is shared.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const SUPPRESSED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/**
 * Runs `fn` so that the requests it makes create no spans: a logger that traces its own exports feeds itself. From the
 * root context, since whoever happened to wake the exporter has nothing to do with what it sends.
 */
export function withoutTracing<T>(fn: () => T): T {
  return context.with(SUPPRESSED, fn);
}
