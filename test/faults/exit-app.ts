import type { Ended } from '../support/child-process.ts';
import { runApp } from '../process/app.ts';
import type { AppOptions } from '../process/app.ts';

/** No time limit but the one that a test sets is shorter than what it waits for its process. */
export const WITHOUT_LIMITS = {
  OTEL_EXPORTER_OTLP_TIMEOUT: '120000',
  OTEL_BLRP_EXPORT_TIMEOUT: '120000',
  SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '20000',
};

/** Nothing is sent before a flush, or a full batch, asks for it. */
export const WITHOUT_DELAY_ENDING = { ...WITHOUT_LIMITS, OTEL_BLRP_SCHEDULE_DELAY: '120000' };

/** Runs one of the applications of these tests to its end. */
export function runFault(name: string, args: readonly string[], options: AppOptions = {}): Promise<Ended> {
  return runApp(`../../faults/apps/exit-${name}`, args, options);
}
