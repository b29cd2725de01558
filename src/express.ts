/**
 * `spanlog/express`: request logging for Express 5.
 */
import { createExpressRequestLogging } from './http/express.ts';
import type { ExpressRequestLogging } from './http/express.ts';
import type { HttpRequest } from './http/node-request.ts';
import type { RequestLoggingOptions } from './http/request-settings.ts';
import { registry } from './start.ts';

export type { ExpressRequestLogging };
export type { HttpRequest, HttpResponse } from './http/node-request.ts';
export type { PathRule } from './http/path-rules.ts';
export type { RequestLevels, RequestOutcome } from './http/request-outcome.ts';
export type { RequestLoggingOptions };

/**
 * Logs each request of an Express application, and gives what is logged inside it its `request_id` and trace. Use it
 * before everything else.
 *
 *     app.use(requestLogging());
 *
 * @throws TypeError for a bad option
 */
export function requestLogging<Request extends HttpRequest = HttpRequest>(
  options?: RequestLoggingOptions<Request>,
): ExpressRequestLogging<Request> {
  return createExpressRequestLogging(registry(), options);
}
