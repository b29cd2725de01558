import { openNodeRequest } from './node-request.ts';
import type { HttpRequest } from './node-request.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { RequestLoggingOptions } from './request-settings.ts';

/** A request of Fastify 5, by its shape. */
export interface FastifyHttpRequest extends HttpRequest {
  readonly raw: object;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface FastifyHttpReply {
  readonly raw: object;
}

type Done = (error?: Error) => void;

/** What of a Fastify application is used. */
export interface FastifyApplication {
  addHook(name: 'onRequest', hook: (request: FastifyHttpRequest, reply: FastifyHttpReply, done: Done) => void): unknown;
  addHook(
    name: 'onSend',
    hook: (request: FastifyHttpRequest, reply: FastifyHttpReply, payload: unknown, done: Done) => void,
  ): unknown;
  addHook(
    name: 'onError',
    hook: (request: FastifyHttpRequest, reply: FastifyHttpReply, error: Error, done: Done) => void,
  ): unknown;
}

/** A Fastify plugin whose hooks are those of the application that registers it. */
export type FastifyRequestLogging = (
  app: FastifyApplication,
  options: RequestLoggingOptions<FastifyHttpRequest>,
  done: Done,
) => void;

/** Request logging for Fastify 5. Errors are those of the hook `onError`. */
export function createFastifyRequestLogging(parts: () => RequestLogParts): FastifyRequestLogging {
  const plugin: FastifyRequestLogging = (app, options, done) => {
    let log: RequestLog<FastifyHttpRequest>;
    try {
      log = new RequestLog(parts(), ownOptions(options));
    } catch (error) {
      done(error as Error);
      return;
    }
    app.addHook('onRequest', (request, reply, next) => {
      const route = request.routeOptions.url;
      const opened = openNodeRequest(log, request.raw, reply.raw, { request, route });
      if (opened === undefined) return next();
      opened.served.routeBy(() => request.routeOptions.url);
      if (opened.first) opened.served.run(() => next());
      else next();
    });
    // A stream that breaks once the head has left is told to no `onError`: Fastify destroys the response without a reason.
    app.addHook('onSend', (request, _reply, payload, next) => {
      if (isStream(payload)) payload.once('error', (error) => log.find(request.raw)?.fail(error));
      next();
    });
    app.addHook('onError', (request, _reply, error, next) => {
      log.find(request.raw)?.fail(error);
      next();
    });
    done();
  };
  // What fastify-plugin does: hooks of a plugin that is not encapsulated are hooks of the whole application.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'spanlog',
    [Symbol.for('plugin-meta')]: { name: 'spanlog', fastify: '5.x' },
  });
}

/** What Fastify takes for a stream of Node; packages have classes of their own. */
function isStream(payload: unknown): payload is { once(event: 'error', listener: (error: unknown) => void): unknown } {
  if (typeof payload !== 'object' || payload === null) return false;
  const { pipe, once } = payload as { readonly pipe?: unknown; readonly once?: unknown };
  return typeof pipe === 'function' && typeof once === 'function';
}

/** Fastify itself takes these of what `register` is given. */
const FASTIFY_OPTIONS: ReadonlySet<string> = new Set(['prefix', 'logLevel', 'logSerializers']);

function ownOptions(options: RequestLoggingOptions<FastifyHttpRequest>): RequestLoggingOptions<FastifyHttpRequest> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !FASTIFY_OPTIONS.has(name)));
}
