import fastify from 'fastify';
import { addRoutes } from '../routes.ts';
import type { ServerKind } from '../server.ts';

/** Fastify's own request logging: pino on its default destination, which is stdout. */
export const server: ServerKind = {
  title: "fastify's own pino, /dev/null",
  ours: false,
  packages: ['fastify', 'pino'],
  linesPerRequest: 2,
  linesAtStart: 1,
  delivers: false,
  start() {
    const app = fastify({ logger: true });
    addRoutes(app);
    return Promise.resolve({ app, drain: () => Promise.resolve({}) });
  },
};
