import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { types } from 'node:util';
import { headOf, openNodeRequest } from './node-request.ts';
import type { HttpRequest, HttpResponse } from './node-request.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { RequestLoggingOptions } from './request-settings.ts';
import { watchUpgrade } from './upgrade-watch.ts';

/** Wraps the handler of `createServer`, or of the event `request`. */
interface Wrap {
  <Result>(
    handler: (request: IncomingMessage, response: ServerResponse) => Result,
  ): (request: IncomingMessage, response: ServerResponse) => Result;
  /** For messages of other classes: those of node:http2, or one's own. */
  <Request extends HttpRequest, Response extends HttpResponse, Result>(
    handler: (request: Request, response: Response) => Result,
  ): (request: Request, response: Response) => Result;
}

/** Wraps a listener for the event `upgrade`, for WebSockets: the request ends when its socket closes. */
type WrapUpgrade = <Result>(
  listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => Result,
) => (request: IncomingMessage, socket: Duplex, head: Buffer) => Result;

/** Wraps the handlers of one server. */
export interface NodeRequestLogging extends Wrap {
  readonly upgrade: WrapUpgrade;
}

/** Request logging for servers of node:http, node:https and node:http2 (its compatibility API). */
export function createNodeRequestLogging(
  parts: RequestLogParts,
  options: RequestLoggingOptions<HttpRequest> | undefined,
): NodeRequestLogging {
  const log = new RequestLog(parts, options);
  const wrap = <Request extends HttpRequest, Response extends HttpResponse, Result>(
    handler: (request: Request, response: Response) => Result,
  ): ((request: Request, response: Response) => Result) => {
    expectFunction('requestLogging(options)', handler);
    return function (this: unknown, request, response) {
      const serve = (): Result => Reflect.apply(handler, this, [request, response]);
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
  const upgrade: WrapUpgrade = (listener) => {
    expectFunction('requestLogging(options).upgrade', listener);
    return function (this: unknown, request, socket, head) {
      const listen = (): ReturnType<typeof listener> => Reflect.apply(listener, this, [request, socket, head]);
      if (log.find(request) !== undefined) return listen();
      const served = log.open({ ...headOf(request), request });
      if (served === undefined) return listen();
      const endingNow = watchUpgrade(served, socket);
      // A socket that nobody reads would never tell that its other end has gone.
      return reportFailure(
        () => served.run(listen),
        (error) => served.failUnanswered(error, endingNow()),
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
