/**
 * What the three services share: a JSON server that logs its requests, and an ending that loses nothing. Started as
 *
 *     node --import spanlog/register --import ./tracing.ts checkout.ts
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { getLogger, register } from 'spanlog';
import { requestLogging } from 'spanlog/node';
import { ASK_LEDGER } from './contracts.ts';
import type { ServiceMessage } from './contracts.ts';
import { stopTracing } from './tracing.ts';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** `gone` is aborted when the caller has its answer, or has left without one. */
export type Handler = (body: unknown, gone: AbortSignal) => Promise<Answer>;

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

type Routes = Readonly<Record<string, Handler>>;

/** How long the end may take over requests, over spans, over logs, in ms each. */
const STOP_TIMEOUT_MS = 1_500;

const log = getLogger('service');
// `--import spanlog/register` has started logging; this adds what variables don't say, and returns the handle.
const logging = register({
  service: { version: '1.4.2' },
  // The other services, and nobody else: each fetch to them takes the request's id along.
  propagate: { hosts: ['127.0.0.1'] },
  // DEBUG of the requests that fail, and of no others.
  flightRecorder: true,
});
/** Start and end of each request, and its id on all that is logged in between. */
const logRequests = requestLogging({ userAgent: false });

/** Serves `routes` (`POST /orders`) on a free port, or on PORT, until SIGTERM. */
export async function startService(routes: Routes): Promise<void> {
  const server = createServer(logRequests((request, response) => void answer(routes, request, response)));
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

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let reply: Answer;
  try {
    const handler = routes[`${request.method} ${request.url}`];
    reply = handler ? await handler(await json(request), gone.signal) : { status: 404, body: { error: 'not_found' } };
  } catch (error) {
    // What stopped because the caller left is no crash; the request is logged as cancelled.
    if (gone.signal.aborted) return;
    log.exception(error, 'request_crashed');
    reply = { status: 500, body: { error: 'internal' } };
  }
  response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
}

/** Calls another service; the request id and the trace go along by themselves. */
export function post(url: string, body: object, { headers, ...init }: CallOptions = {}): Promise<Response> {
  return fetch(url, {
    ...init,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
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
