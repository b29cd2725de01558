import type { LevelName } from '../core/level.ts';
import { LEVEL_NAMES, SEVERITY } from '../core/level.ts';

/** How something that takes time ended. Cancelled is not failed: nobody wanted the result any more. */
export type Outcome = 'success' | 'failure' | 'cancelled';

/** How the end of something that takes time is logged. */
export interface TimingOptions {
  /** The level of an end without failure, `info` unless given. */
  readonly level?: LevelName;
  /** From this duration in ms on the record is at least WARN, and says the threshold as `slow_threshold_ms`. */
  readonly slowMs?: number;
}

/** Options that have been looked at: they come from callers without types, too. */
export interface Timing {
  readonly level: LevelName;
  readonly slowMs: number;
}

export function readTiming(options: TimingOptions | null | undefined): Timing {
  const level = readOption(options, 'level');
  const slowMs = readOption(options, 'slowMs');
  return {
    level: LEVEL_NAMES.find((name) => name === level) ?? 'info',
    slowMs: typeof slowMs === 'number' && slowMs >= 0 ? slowMs : Infinity,
  };
}

/** One of the options, as it is. What can't be read is not given: it must not keep the application from its work. */
export function readOption<Options extends object>(options: Options | null | undefined, key: keyof Options): unknown {
  try {
    return options?.[key];
  } catch {
    return undefined;
  }
}

/** Which level the end has: ERROR for a failure, at least WARN when it was slow. */
export function levelOfEnd({ level, slowMs }: Timing, outcome: Outcome | undefined, durationMs: number): LevelName {
  const least = outcome === 'failure' ? 'error' : durationMs >= slowMs ? 'warn' : level;
  return SEVERITY[least] > SEVERITY[level] ? least : level;
}

/** What was measured, as fields; microseconds are as exact as clocks are. */
export function measuredFields(
  { slowMs }: Timing,
  outcome: Outcome | undefined,
  durationMs: number,
): Record<string, unknown> {
  const fields: Record<string, unknown> = { duration_ms: roundedMs(durationMs) };
  if (outcome !== undefined) fields.outcome = outcome;
  if (durationMs >= slowMs) fields.slow_threshold_ms = slowMs;
  return fields;
}

/** Milliseconds, exact to the microsecond. */
export function roundedMs(durationMs: number): number {
  return Math.round(durationMs * 1_000) / 1_000;
}

/** Failure or cancellation: an `AbortError`, as `AbortController` and Node's own APIs throw it, cancels. */
export function outcomeOf(error: unknown): 'failure' | 'cancelled' {
  try {
    return error instanceof Error && error.name === 'AbortError' ? 'cancelled' : 'failure';
  } catch {
    // An error that can't be asked for its name is no wish to stop.
    return 'failure';
  }
}
