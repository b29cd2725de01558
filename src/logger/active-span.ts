import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';

/** The span context checked last, and whether it was valid: one span usually logs more than once. */
let checked: SpanContext | undefined;
let valid = false;

/**
 * The span context of `from`, or of the active context, read at the call and through the application's own copy of
 * `@opentelemetry/api`; `undefined` outside of a trace. Works with any SDK that has set a context manager.
 */
export function activeSpan(from: Context = context.active()): SpanContext | undefined {
  const span = trace.getSpanContext(from);
  if (span === undefined) return undefined;
  if (span !== checked) {
    valid = isSpanContextValid(span);
    checked = span;
  }
  return valid ? span : undefined;
}
