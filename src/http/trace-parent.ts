import { isSpanContextValid } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { HeaderTraceState } from './trace-state.ts';

/** `version "-" trace-id "-" parent-id "-" trace-flags`, all lower-case hex (W3C Trace Context, 3.2). */
const TRACE_PARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** A header of any later version is at most a little longer; nothing is read of one that is not. */
const MAX_LENGTH = 256;
/** What a vendor may count on is 512 characters (3.3.1.5); a longer list is left out. */
const MAX_STATE_LENGTH = 512;

/**
 * The span of the caller as the headers `traceparent` and `tracestate` tell it; `undefined` for headers that are absent or
 * wrong. Ids of zeros are wrong, so is version `ff`, so is version `00` with more than four parts (3.2.2).
 */
export function readTraceParent(traceParent: unknown, traceState?: unknown): SpanContext | undefined {
  if (typeof traceParent !== 'string' || traceParent.length > MAX_LENGTH) return undefined;
  const match = TRACE_PARENT.exec(traceParent.trim());
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = match;
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  const parent = {
    traceId,
    spanId,
    // Only the bits that are defined: sampled, and random (level 2).
    traceFlags: parseInt(flags, 16) & 0b11,
    isRemote: true,
    ...(typeof traceState === 'string' &&
      traceState !== '' &&
      traceState.length <= MAX_STATE_LENGTH && { traceState: HeaderTraceState.parse(traceState) }),
  };
  return isSpanContextValid(parent) ? parent : undefined;
}
