/** How long to wait between attempts, in ms. */
export interface RetryPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly factor: number;
}

/**
 * The first wait and factor of the OpenTelemetry SDKs' OTLP exporters (1 s, 1.5); their cap of 5 s suits exporters that
 * give up after a minute. We don't give up, and a fleet that asks a struggling collector every 5 s for hours is part of
 * its problem: hence 30 s.
 */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({ initialMs: 1_000, maxMs: 30_000, factor: 1.5 });

/**
 * Wait before the next attempt. Exponential, and spread over its upper half, so that processes which failed together
 * do not come back together, and none comes back at once.
 *
 * @param failures attempts that failed in a row, 1 or more
 * @param random 0 ≤ r < 1
 */
export function backoffMs(failures: number, random: number, policy: RetryPolicy = DEFAULT_RETRY): number {
  const full = Math.min(policy.maxMs, policy.initialMs * policy.factor ** (failures - 1));
  return full / 2 + (full / 2) * random;
}

/** Wait that a server asked for: never less, and up to a tenth more, so that a fleet does not return in one instant. */
export function requestedWaitMs(retryAfterMs: number, random: number): number {
  return retryAfterMs * (1 + 0.1 * random);
}
