/**
 * `spanlog/fetch`: request logging for handlers from a `Request` to a `Response`, such as route handlers of Next.js.
 */
import { createFetchRequestLogging } from './http/fetch.ts';
import type { FetchRequestLogging, FetchRequestLoggingOptions } from './http/fetch.ts';
import { registry } from './start.ts';

export type { FetchRequestLogging, FetchRequestLoggingOptions };
export type { PathRule } from './http/path-rules.ts';
export type { RequestLevels, RequestOutcome } from './http/request-outcome.ts';
export type { RequestLoggingOptions } from './http/request-settings.ts';

/**
 * Logs each request that a wrapped handler serves, and gives what is logged inside it its `request_id` and trace.
 *
 *     const logged = requestLogging({ route: '/orders/[id]' });
 *     export const GET = logged(async (request, { params }) => Response.json(await load((await params).id)));
 *
 * @throws TypeError for a bad option
 */
export function requestLogging(options?: FetchRequestLoggingOptions): FetchRequestLogging {
  return createFetchRequestLogging(registry(), options);
}
