import { types } from 'node:util';
import { headOf, openNodeRequest } from './node-request.ts';
import type { HttpRequest, HttpResponse } from './node-request.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { RequestLoggingOptions } from './request-settings.ts';
import { watchUpgrade } from './upgrade-watch.ts';

/** Wraps the handler of `createServer`, or of the event `request`. */
type Wrap = <Request extends HttpRequest, Response extends HttpResponse, Result>(
  handler: (request: Request, response: Response) => Result,
) => (request: Request, response: Response) => Result;

/** Wraps the handlers of one server. */
export type NodeRequestLogging = Wrap & {
  /** Wraps a listener for the event `upgrade`, for WebSockets: the request ends when its socket closes. */
  upgrade<Request extends HttpRequest, Socket extends object, Head, Result>(
    listener: (request: Request, socket: Socket, head: Head) => Result,
  ): (request: Request, socket: Socket, head: Head) => Result;
};

/** Request logging for servers of node:http, node:https and node:http2 (its compatibility API). */
export function createNodeRequestLogging(
  parts: RequestLogParts,
  options: RequestLoggingOptions<HttpRequest> | undefined,
): NodeRequestLogging {
  const log = new RequestLog(parts, options);
  const wrap: Wrap = (handler) => {
    expectFunction('requestLogging(options)', handler);
    return function (this: unknown, request, response) {
      const serve = (): ReturnType<typeof handler> => Reflect.apply(handler, this, [request, response]);
      const opened = openNodeRequest(log, request, response, { request });
      if (!opened?.first) return serve();
      const { served, endingNow } = opened;
      // There is no framework below that would answer in the handler's place.
      return reportFailure(
        () => served.run(serve),
        (error) => served.failUnanswered(error, endingNow()),
      );
    };
  };
  const upgrade: NodeRequestLogging['upgrade'] = (listener) => {
    expectFunction('requestLogging(options).upgrade', listener);
    return function (this: unknown, request, socket, head) {
      const listen = (): ReturnType<typeof listener> => Reflect.apply(listener, this, [request, socket, head]);
      if (log.find(request) !== undefined) return listen();
      const served = log.open({ ...headOf(request), request });
      if (served === undefined) return listen();
      watchUpgrade(served, socket);
      return reportFailure(
        () => served.run(listen),
        (error) => served.fail(error),
      );
    };
  };
  return Object.assign(wrap, { upgrade });
}

/** What `fn` throws, or its promise rejects with, is reported and goes its way; an unhandled rejection stays one. */
function reportFailure<Result>(fn: () => Result, report: (error: unknown) => void): Result {
  let result: Result;
  try {
    result = fn();
  } catch (error) {
    report(error);
    throw error;
  }
  if (!types.isPromise(result)) return result;
  const reported = result.then(undefined, (error: unknown) => {
    report(error);
    throw error;
  });
  return reported as Result;
}

function expectFunction(what: string, handler: unknown): void {
  if (typeof handler === 'function') return;
  throw new TypeError(`${what} wraps a function (request, response) => …, got ${typeof handler}`);
}
