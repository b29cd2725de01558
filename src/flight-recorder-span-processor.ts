import { isSpanContextValid, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';
import { registry } from './start.ts';

const ERROR: number = SpanStatusCode.ERROR;

/** What tracing SDKs hand to `onEnd`, of any version that has this shape. */
export interface EndedSdkSpan {
  spanContext(): SpanContext;
  readonly status: { readonly code: number };
}

/** A SpanProcessor of a tracing SDK, by its shape. */
export interface FlightRecorderSpanProcessor {
  onStart(span: object, parentContext: Context): void;
  onEnd(span: EndedSdkSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Tells the flight recorder of `register` how spans end: one with the status ERROR lets out what is held of its request,
 * job or trace; the first span of a trace in this process, when it ends well, discards what is held of the trace outside of
 * requests and jobs. Add it to the span processors of the tracing SDK. It hears of spans that are sampled, since SDKs tell of
 * no others.
 */
export function flightRecorderSpanProcessor(): FlightRecorderSpanProcessor {
  /** Spans that run and whose parent is none of this process. */
  const localRoots = new WeakSet<object>();
  return {
    onStart(span, parentContext) {
      const parent = trace.getSpanContext(parentContext);
      if (parent === undefined || parent.isRemote === true || !isSpanContextValid(parent)) localRoots.add(span);
    },
    onEnd(span) {
      registry().spanEnded?.({
        traceId: span.spanContext().traceId,
        hasFailed: span.status.code === ERROR,
        isLocalRoot: localRoots.has(span),
      });
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
