/**
 * `spanlog/node`: request logging for servers of node:http.
 */
import { createNodeRequestLogging } from './http/node-http.ts';
import type { NodeRequestLogging } from './http/node-http.ts';
import type { HttpRequest } from './http/node-request.ts';
import type { RequestLoggingOptions } from './http/request-settings.ts';
import { registry } from './start.ts';

export type { NodeRequestLogging };
export type { HttpRequest, HttpResponse } from './http/node-request.ts';
export type { PathRule } from './http/path-rules.ts';
export type { RequestLevels, RequestOutcome } from './http/request-outcome.ts';
export type { RequestLoggingOptions };

/**
 * Logs each request of a node:http server, and gives what is logged inside it its `request_id` and trace.
 *
 *     const logging = requestLogging();
 *     const server = createServer(logging((request, response) => response.end('hello')));
 *     server.on('upgrade', logging.upgrade((request, socket, head) => …)); // WebSockets
 *
 * @throws TypeError for a bad option
 */
export function requestLogging(options?: RequestLoggingOptions<HttpRequest>): NodeRequestLogging {
  return createNodeRequestLogging(registry(), options);
}
