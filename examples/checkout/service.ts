/**
 * What the three services share: a JSON server whose every request carries an id through its logs, and an ending that
 * loses nothing. Started as
 *
 *     node --import spanlog/register --import ./tracing.ts checkout.ts
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { trace } from '@opentelemetry/api';
import { getLogger, register, withContext } from 'spanlog';
import { ASK_LEDGER } from './contracts.ts';
import type { ServiceMessage } from './contracts.ts';
import { stopTracing } from './tracing.ts';

export interface Call {
  readonly body: unknown;
  readonly requestId: string;
  /** Resolves when the caller has its answer, or has gone without one. */
  readonly closed: Promise<unknown>;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Undefined when there is nobody left to answer. */
export type Handler = (call: Call) => Promise<Answer | undefined>;

/** How long the end may take over requests, over spans, over logs, in ms each. */
const STOP_TIMEOUT_MS = 1_500;
const REQUEST_ID = /^[\w.-]{1,64}$/;

const log = getLogger('service');
// `--import spanlog/register` has started logging; this adds what variables don't say, and returns the handle.
const logging = register({ service: { version: '1.4.2' } });

/** Serves `routes` (`POST /orders`) on a free port, or on PORT, until SIGTERM. */
export async function startService(routes: Readonly<Record<string, Handler>>): Promise<void> {
  const server = createServer((request, response) => void answer(routes, request, response));
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
  log.info('service_started', { url });

  let stopping: Promise<void> | undefined;
  const stopOnce = (): void => void (stopping ??= stop(server));
  process.on('SIGTERM', stopOnce);
  // Ctrl-C reaches everything in the terminal at once: with a parent, it is the parent who says when. Without, Ctrl-C does.
  process.on('SIGINT', () => process.connected || stopOnce());
  process.on('disconnect', stopOnce);
  process.on('message', (message) => {
    if (message === ASK_LEDGER) void logging.flush({ timeoutMs: STOP_TIMEOUT_MS }).then(tellLedger);
  });
  await tell({ type: 'ready', url });
}

async function answer(
  routes: Readonly<Record<string, Handler>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  await withContext({ request_id: requestId }, async () => {
    const closed = new Promise((resolve) => response.once('close', resolve));
    let reply: Answer | undefined;
    try {
      const handler = routes[`${request.method} ${request.url}`];
      const body = handler && (await json(request));
      reply = handler ? await handler({ body, requestId, closed }) : { status: 404, body: { error: 'not_found' } };
    } catch (error) {
      log.exception(error, 'request_crashed', { method: request.method, path: request.url });
      reply = { status: 500, body: { error: 'internal' } };
    }
    if (reply === undefined) return;
    response.writeHead(reply.status, { 'content-type': 'application/json', 'x-request-id': requestId });
    response.end(JSON.stringify(reply.body));
  });
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Calls the next service; trace context goes along by instrumentation, the request id by this header. */
export async function post(url: string, call: Call, body: object, init: CallOptions = {}): Promise<Response> {
  return fetch(url, {
    ...init,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': call.requestId, ...init.headers },
    body: JSON.stringify(body),
  });
}

/** The trace this runs in, for the customer to quote. */
export function traceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** Whole ms since `startedMs` of `performance.now()`. */
export function msSince(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS).unref();
  await closed;
  log.info('service_stopped');
  await Promise.all([stopTracing(STOP_TIMEOUT_MS), logging.shutdown({ timeoutMs: STOP_TIMEOUT_MS })]);
  await tellLedger();
  // All is said. What could keep the process running is the tracing SDK, on its way to a backend that does not answer.
  process.exit(0);
}

function tellLedger(): Promise<void> {
  return tell({ type: 'ledger', ledger: logging.ledger() });
}

/** Resolves when the message is out, or can't be delivered any more. */
function tell(message: ServiceMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send !== undefined && process.connected) {
      process.send(message, undefined, undefined, () => resolve());
      return;
    }
    if (message.type === 'ledger') console.log(JSON.stringify(message.ledger));
    resolve();
  });
}
