import { carriesTelemetry } from '../export/suppress-tracing.ts';
import { activeSpan } from '../logger/active-span.ts';
import type { LogContext } from '../logger/context.ts';

/** One header, its name in lower case. */
export type Header = readonly [name: string, value: string];

/** Ids that the request middleware made or let in look so; anything else could break the request that carries it. */
const SAFE_ID = /^[\x21-\x7e]{1,256}$/;
/** Longer ones are to be left out rather than cut (W3C Trace Context, 3.3.1.5). */
const MAX_TRACE_STATE = 512;

const NONE: readonly Header[] = [];

/**
 * What a request that is made now should carry: `x-request-id` of the request being served, `traceparent` and `tracestate`
 * of the active span. Nothing for requests that bring telemetry to its destination, ours or an SDK's.
 */
export function currentHeaders(requests: Pick<LogContext, 'request'>): readonly Header[] {
  if (carriesTelemetry()) return NONE;
  const id = requests.request()?.id;
  const span = activeSpan();
  if (id === undefined && span === undefined) return NONE;
  const headers: Header[] = [];
  if (typeof id === 'string' && SAFE_ID.test(id)) headers.push(['x-request-id', id]);
  if (span === undefined) return headers;
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0');
  headers.push(['traceparent', `00-${span.traceId}-${span.spanId}-${flags}`]);
  const state = span.traceState?.serialize();
  if (typeof state === 'string' && /^[\x20-\x7e]+$/.test(state) && state.length <= MAX_TRACE_STATE) {
    headers.push(['tracestate', state]);
  }
  return headers;
}

/**
 * What of `headers` may be added beside those that are there: what the caller, or the SDK, has set stays as it is. A
 * `tracestate` belongs to its `traceparent`, and is added with it or not at all.
 */
export function missingHeaders(headers: readonly Header[], has: (name: string) => boolean): readonly Header[] {
  const keepsTrace = has('traceparent') || has('tracestate');
  return headers.filter(([name]) => (name === 'x-request-id' ? !has(name) : !keepsTrace));
}
