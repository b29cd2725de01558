import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

/**
 * The key under which OpenTelemetry's SDK and instrumentations look (`@opentelemetry/core`, suppressTracing). Context
 * keys are `Symbol.for`, so its text is all that is shared.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const SUPPRESSED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

let exporting = false;

/**
 * True for a request that brings telemetry to its destination: one of our exporters makes it, which the context tells
 * only where somebody manages contexts, or one of an SDK does.
 */
export function carriesTelemetry(): boolean {
  return exporting || context.active().getValue(SUPPRESS_TRACING) === true;
}

/**
 * Runs `fn` so that the requests it makes create no spans: a logger that traces its own exports feeds itself. From the
 * root context, since whoever happened to wake the exporter has nothing to do with what it sends.
 */
export function withoutTracing<T>(fn: () => T): T {
  const before = exporting;
  exporting = true;
  try {
    return context.with(SUPPRESSED, fn);
  } finally {
    exporting = before;
  }
}
