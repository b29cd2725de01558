import fastify from 'fastify';
import { addRoutes } from '../routes.ts';
import type { ServerKind } from '../server.ts';

export const server: ServerKind = {
  title: 'no request logging',
  ours: false,
  packages: ['fastify'],
  linesPerRequest: 0,
  linesAtStart: 0,
  delivers: false,
  start() {
    const app = fastify();
    addRoutes(app);
    return Promise.resolve({ app, drain: () => Promise.resolve({}) });
  },
};
