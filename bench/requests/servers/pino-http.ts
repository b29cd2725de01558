import fastify from 'fastify';
import { pinoHttp } from 'pino-http';
import { addRoutes } from '../routes.ts';
import type { ServerKind } from '../server.ts';

/** pino-http on its defaults: a line when the response is done, to stdout. */
export const server: ServerKind = {
  title: 'pino-http, /dev/null',
  ours: false,
  packages: ['fastify', 'pino', 'pino-http'],
  linesPerRequest: 1,
  linesAtStart: 0,
  delivers: false,
  start() {
    const app = fastify();
    const logRequest = pinoHttp();
    app.addHook('onRequest', (request, reply, done) => logRequest(request.raw, reply.raw, done));
    addRoutes(app);
    return Promise.resolve({ app, drain: () => Promise.resolve({}) });
  },
};
