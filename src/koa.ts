/**
 * `spanlog/koa`: request logging for Koa 3.
 */
import { createKoaRequestLogging } from './http/koa.ts';
import type { KoaContext, KoaRequestLogging } from './http/koa.ts';
import type { RequestLoggingOptions } from './http/request-settings.ts';
import { registry } from './start.ts';

export type { KoaContext, KoaRequestLogging };
export type { PathRule } from './http/path-rules.ts';
export type { RequestLevels, RequestOutcome } from './http/request-outcome.ts';
export type { RequestLoggingOptions };

/**
 * Logs each request of a Koa application, and gives what is logged inside it its `request_id` and trace. Use it before
 * everything else.
 *
 *     app.use(requestLogging());
 *
 * @throws TypeError for a bad option
 */
export function requestLogging<Context extends KoaContext = KoaContext>(
  options?: RequestLoggingOptions<Context>,
): KoaRequestLogging<Context> {
  return createKoaRequestLogging(registry(), options);
}
