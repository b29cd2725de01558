import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { openNodeRequest } from './node-request.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { RequestLoggingOptions } from './request-settings.ts';
import type { ServedRequest } from './served-request.ts';

/** A context of Koa 3, by its shape. */
export interface KoaContext {
  readonly req: object;
  readonly res: object;
  readonly body?: unknown;
  onerror: (error: Error) => void;
}

/** Middleware of Koa 3, by its shape. */
export type KoaRequestLogging<Context extends KoaContext> = (
  context: Context,
  next: () => Promise<unknown>,
) => Promise<unknown>;

/** Request logging for Koa 3. Errors are those that reach `ctx.onerror`, or leave the middleware below this one. */
export function createKoaRequestLogging<Context extends KoaContext>(
  parts: RequestLogParts,
  options: RequestLoggingOptions<Context> | undefined,
): KoaRequestLogging<Context> {
  const log = new RequestLog(parts, options);
  return async function requestLogging(context, next) {
    const response = context.res as ServerResponse;
    const opened = openNodeRequest(log, context.req, context.res, { request: context });
    if (opened === undefined) return next();
    const { served, first } = opened;
    served.routeBy(() => routeOf(context));
    if (!first) return next();
    watchErrors(served, context, () => response.setHeader(log.settings.requestIdHeader, served.id));
    try {
      const result = await served.run(next);
      bindReading(served, context.body);
      return result;
    } catch (error) {
      served.fail(error);
      throw error;
    }
  };
}

/**
 * Koa calls `onerror` outside of all middleware, for what it catches and for streams that break. It takes all headers
 * away before it answers; ours belongs to failures first of all, so that it is put back when the head is written.
 */
function watchErrors<Context extends KoaContext>(
  served: ServedRequest<Context>,
  context: Context,
  putHeader: () => void,
): void {
  const response = context.res as ServerResponse;
  const answer = context.onerror.bind(context);
  // Not written where it is assigned, see `routeBy`.
  const onError = (error: Error): void => {
    // Koa calls it at the end of every response, mostly without an error.
    if ((error as unknown) === null || (error as unknown) === undefined) return answer(error);
    served.fail(error);
    if (!response.headersSent) {
      const write = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
      response.writeHead = (...args: unknown[]) => {
        Reflect.deleteProperty(response, 'writeHead');
        if (!response.headersSent) putHeader();
        return write(...args);
      };
    }
    served.within(() => answer(error));
  };
  context.onerror = onError;
}

/** Koa reads a stream that is the body after all middleware, outside of the scope; what makes it runs inside. */
function bindReading<Context extends KoaContext>(served: ServedRequest<Context>, body: unknown): void {
  if (!(body instanceof Readable)) return;
  const read = body._read.bind(body);
  const reading = (size: number): void => served.within(() => read(size));
  body._read = reading;
}

/** Koa has no routes; its routers leave what they matched on the context. */
function routeOf(context: object): string | undefined {
  const matched: unknown = Reflect.get(context, '_matchedRoute') ?? Reflect.get(context, 'routerPath');
  return typeof matched === 'string' || matched instanceof RegExp ? String(matched) : undefined;
}
