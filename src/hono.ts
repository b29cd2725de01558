/**
 * `spanlog/hono`: request logging for Hono 4.
 */
import { createHonoRequestLogging } from './http/hono.ts';
import type { HonoContext, HonoRequestLogging } from './http/hono.ts';
import type { RequestLoggingOptions } from './http/request-settings.ts';
import { registry } from './start.ts';

export type { HonoContext, HonoRequestLogging };
export type { PathRule } from './http/path-rules.ts';
export type { RequestLevels, RequestOutcome } from './http/request-outcome.ts';
export type { RequestLoggingOptions };

/**
 * Logs each request of a Hono application, and gives what is logged inside it its `request_id` and trace. Use it before
 * everything else.
 *
 *     app.use(requestLogging());
 *
 * @throws TypeError for a bad option
 */
export function requestLogging<Context extends HonoContext = HonoContext>(
  options?: RequestLoggingOptions<Context>,
): HonoRequestLogging<Context> {
  return createHonoRequestLogging(registry(), options);
}
