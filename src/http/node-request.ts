import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHead, RequestLog } from './request-log.ts';
import type { Ending } from './request-outcome.ts';
import { watchResponse } from './response-watch.ts';
import type { ServedRequest } from './served-request.ts';

/** A request of node:http, by the part of its shape that every framework on it keeps; so that no types are needed. */
export interface HttpRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: object;
}

/** The same of a response. */
export interface HttpResponse {
  statusCode: number;
  readonly headersSent: boolean;
}

export interface OpenedRequest<Request> {
  readonly served: ServedRequest<Request>;
  /** False when another adapter, or an earlier use of this one, logs the request already. */
  readonly first: boolean;
  /** What could be said of the response if it ended now; undefined when it is on its way to its end. */
  readonly endingNow: () => Ending | undefined;
}

/** What an adapter may know beyond node:http. */
export interface AdapterFacts<Request> {
  readonly request: Request;
  readonly route?: string | undefined;
}

/** Takes over a request of node:http: id and header, scope, end. Undefined when it has to be served without us. */
export function openNodeRequest<Request>(
  log: RequestLog<Request>,
  message: object,
  answer: object,
  facts: AdapterFacts<Request>,
): OpenedRequest<Request> | undefined {
  const known = log.find(message);
  if (known !== undefined) return { served: known, first: false, endingNow: () => undefined };
  const served = log.open({ ...headOf(message), ...facts });
  if (served === undefined) return undefined;
  const response = answer as ServerResponse;
  try {
    if (!response.headersSent) sendId(response, log.settings.requestIdHeader, served.id);
    const ending = watchResponse(served, message as IncomingMessage, response);
    return { served, first: true, endingNow: () => (response.writableEnded ? undefined : ending()) };
  } catch {
    // A response of a form that no server makes, such as a double in a test: serving it matters more.
    return undefined;
  }
}

/**
 * Sets the header of the id; where the application sets it too, its value replaces this one.
 *
 * Beside a header that was set, `writeHead` refuses headers as a list of pairs (`[['a', '1'], ['b', '2']]`), which it takes
 * otherwise: they are given to it in a row, a form that it takes always.
 */
function sendId(response: ServerResponse, header: string, id: string): void {
  response.setHeader(header, id);
  const write = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  const writeHead = (...args: unknown[]): ServerResponse => write(...args.map(inRow));
  Object.defineProperty(response, 'writeHead', {
    value: writeHead,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

function inRow(headers: unknown): unknown {
  return Array.isArray(headers) && Array.isArray(headers[0]) ? headers.flat(1) : headers;
}

/** What a message says of itself. Frameworks rewrite `url` on the way; `originalUrl` is what was asked for. */
export function headOf(carrier: object): Omit<RequestHead<never>, 'request'> {
  const message = carrier as IncomingMessage & { readonly originalUrl?: unknown };
  const { originalUrl } = message;
  return {
    carrier,
    method: message.method ?? 'GET',
    target: typeof originalUrl === 'string' ? originalUrl : (message.url ?? '/'),
    header: (name) => message.headers[name],
    address: () => message.socket.remoteAddress,
  };
}
