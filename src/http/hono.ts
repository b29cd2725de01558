import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyLength } from './body-length.ts';
import { headOf, openNodeRequest } from './node-request.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { RequestLoggingOptions } from './request-settings.ts';
import type { ServedRequest } from './served-request.ts';
import { watchUpgrade } from './upgrade-watch.ts';

/** A context of Hono 4, by its shape. */
export interface HonoContext {
  readonly env: unknown;
  readonly req: {
    readonly method: string;
    readonly url: string;
    readonly raw: object;
    readonly routeIndex: number;
    header(name: string): string | undefined;
  };
  readonly res: { readonly status: number; readonly headers: { get(name: string): string | null } };
  readonly error?: Error | undefined;
  header(name: string, value: string): void;
}

/** Middleware of Hono 4, by its shape. */
export type HonoRequestLogging<Context extends HonoContext> = (
  context: Context,
  next: () => Promise<void>,
) => Promise<void>;

/**
 * Request logging for Hono 4. On @hono/node-server a request ends with the last byte of its response; elsewhere, and with
 * `app.request`, when the response is handed over, since nobody tells what becomes of it.
 */
export function createHonoRequestLogging<Context extends HonoContext>(
  parts: RequestLogParts,
  options: RequestLoggingOptions<Context> | undefined,
): HonoRequestLogging<Context> {
  const log = new RequestLog(parts, options);
  return async function requestLogging(context, next) {
    const { incoming, outgoing } = bindingsOf(context.env);
    const found = log.find(incoming ?? context.req.raw);
    // Without a server, one that has ended was another call with the same Request.
    const known = incoming === undefined && found?.ended === true ? undefined : found;
    const served = known ?? open(log, context, incoming, outgoing);
    if (served === undefined) return next();
    served.routeBy(() => routeOf(context));
    if (known !== undefined) return next();
    try {
      await served.run(next);
    } catch (error) {
      // No error handler gets what is no Error; the server answers in its place.
      served.fail(error);
      if (incoming === undefined) served.end({ whole: true, byClient: false, status: 500, bytes: undefined });
      throw error;
    }
    if (context.error !== undefined) served.fail(context.error);
    if (incoming === undefined) endWithResponse(served, context, log.settings.requestIdHeader);
  };
}

interface Bindings {
  readonly incoming?: IncomingMessage | undefined;
  readonly outgoing?: ServerResponse | undefined;
}

/** What @hono/node-server puts into `env`. */
function bindingsOf(env: unknown): Bindings {
  if (typeof env !== 'object' || env === null) return {};
  const { incoming, outgoing } = env as Bindings;
  return typeof incoming === 'object' ? { incoming, outgoing } : {};
}

function open<Context extends HonoContext>(
  log: RequestLog<Context>,
  context: Context,
  incoming: IncomingMessage | undefined,
  outgoing: ServerResponse | undefined,
): ServedRequest<Context> | undefined {
  if (incoming !== undefined && outgoing !== undefined) {
    return openNodeRequest(log, incoming, outgoing, { request: context })?.served;
  }
  if (incoming !== undefined) {
    // A WebSocket: there is a socket and no response.
    const upgraded = log.open({ ...headOf(incoming), request: context });
    if (upgraded !== undefined) watchUpgrade(upgraded, incoming.socket);
    return upgraded;
  }
  const { req } = context;
  return log.open({
    request: context,
    carrier: req.raw,
    method: req.method,
    target: req.url,
    header: (name) => req.header(name),
    address: () => undefined,
  });
}

function endWithResponse<Context extends HonoContext>(
  served: ServedRequest<Context>,
  context: Context,
  idHeader: string,
): void {
  const { res } = context;
  if (res.headers.get(idHeader) === null) context.header(idHeader, served.id);
  served.end({
    whole: true,
    byClient: false,
    status: res.status,
    bytes: bodyLength(res.headers),
  });
}

/** Of the handlers that match, the one that ran last has answered. Middleware for a whole path is no route. */
function routeOf({ req }: HonoContext): string | undefined {
  const routes: unknown = Reflect.get(req, 'matchedRoutes');
  const route: unknown = Array.isArray(routes) ? routes[req.routeIndex] : undefined;
  if (typeof route !== 'object' || route === null) return undefined;
  const { path, method } = route as { readonly path?: unknown; readonly method?: unknown };
  if (typeof path !== 'string' || (method === 'ALL' && path.endsWith('*'))) return undefined;
  return path;
}
