import { bodyLength } from './body-length.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { Ending } from './request-outcome.ts';
import type { RequestLoggingOptions } from './request-settings.ts';
import type { ServedRequest } from './served-request.ts';

/** What `requestLogging` of `spanlog/fetch` takes besides. */
export interface FetchRequestLoggingOptions extends RequestLoggingOptions<Request> {
  /** The pattern that the wrapped handlers serve, such as `/orders/[id]`: a handler by itself does not know it. */
  readonly route?: string;
}

/** Wraps one handler; what follows the request (Next.js gives `{ params }`) is passed on. */
export type FetchRequestLogging = <Incoming extends Request, Rest extends unknown[]>(
  handler: (request: Incoming, ...rest: Rest) => Response | Promise<Response>,
) => (request: Incoming, ...rest: Rest) => Promise<Response>;

/**
 * Request logging for handlers of the web's form, from a `Request` to a `Response`: route handlers of Next.js, Remix,
 * SvelteKit, serverless platforms. A request ends when its response is handed over, since nobody tells what becomes of it.
 */
export function createFetchRequestLogging(
  parts: RequestLogParts,
  { route, ...options }: FetchRequestLoggingOptions = {},
): FetchRequestLogging {
  if (route !== undefined && (typeof route !== 'string' || route === '')) {
    throw new TypeError("requestLogging: route is no text. To mend it, give a pattern such as '/orders/[id]'");
  }
  const log = new RequestLog(parts, options);
  return (handler) => {
    if (typeof handler !== 'function') {
      throw new TypeError(`requestLogging(options) wraps a function (request) => response, got ${typeof handler}`);
    }
    return async (request, ...rest) => {
      // One that has ended was another call with the same object.
      const served = log.find(request)?.ended === false ? undefined : open(log, request, route);
      if (served === undefined) return handler(request, ...rest);
      try {
        const response = await served.run(() => handler(request, ...rest));
        if (!isResponse(response)) {
          // The platform says its own of it.
          served.fail(new TypeError(`the handler returned no Response, but ${typeof response}`));
          served.end(broken(request));
          return response;
        }
        served.end({ ...WHOLE, status: response.status, bytes: bodyLength(response.headers) });
        return withId(response, log.settings.requestIdHeader, served.id);
      } catch (error) {
        const status = statusThrown(error);
        // What waited for the client and ended with it is no failure of its own.
        const isClients = isAborted(request) && error === request.signal.reason;
        if (status === undefined && !isClients) served.fail(error);
        served.end(status === undefined ? broken(request) : { ...WHOLE, status, bytes: undefined });
        throw error;
      }
    };
  };
}

const WHOLE = { whole: true, byClient: false } as const;

function broken(request: Request): Ending {
  return { whole: false, byClient: isAborted(request), status: undefined, bytes: undefined };
}

/** Doubles of requests have no signal. */
function isAborted(request: Partial<Pick<Request, 'signal'>>): boolean {
  return request.signal?.aborted === true;
}

/** Of any realm; the types promise one, plain JavaScript does not. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers } = value as Partial<Response>;
  return typeof status === 'number' && typeof headers?.get === 'function';
}

function open(
  log: RequestLog<Request>,
  request: Request,
  route: string | undefined,
): ServedRequest<Request> | undefined {
  return log.open({
    request,
    carrier: request,
    method: request.method,
    target: request.url,
    header: (name) => request.headers.get(name) ?? undefined,
    address: () => undefined,
    route,
  });
}

/** Echoes the request id, unless the handler has set that header itself. */
function withId(response: Response, header: string, id: string): Response {
  if (response.headers.get(header) !== null) return response;
  try {
    response.headers.set(header, id);
    return response;
  } catch {
    // The headers of a redirect, and of what `fetch` gave, are fixed.
    return copyWithId(response, header, id);
  }
}

function copyWithId(response: Response, header: string, id: string): Response {
  try {
    const copy = new Response(response.body, response);
    copy.headers.set(header, id);
    return copy;
  } catch {
    // An error response can't be copied, nor one that switches the protocol: it goes without the id.
    return response;
  }
}

/**
 * Handlers of Next.js answer by throwing, too: `redirect()` and `notFound()` throw errors whose digest holds the status
 * (`NEXT_REDIRECT;replace;/login;307;`, `NEXT_HTTP_ERROR_FALLBACK;404`). These are answers, no failures; whoever throws a
 * Response means it for an answer as well.
 */
function statusThrown(error: unknown): number | undefined {
  try {
    if (error instanceof Response) return error.status;
    const digest: unknown = (error as { readonly digest?: unknown } | undefined)?.digest;
    if (typeof digest !== 'string' || !/^NEXT_(REDIRECT|HTTP_ERROR_FALLBACK|NOT_FOUND)\b/.test(digest)) {
      return undefined;
    }
    const status = Number(/;(\d{3})\b;?$/.exec(digest)?.[1]);
    if (status >= 300 && status < 600) return status;
    return digest.startsWith('NEXT_REDIRECT') ? 307 : 404;
  } catch {
    // What was thrown can't be read: it is an error all the same.
    return undefined;
  }
}
