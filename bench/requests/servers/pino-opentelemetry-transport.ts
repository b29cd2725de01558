import fastify from 'fastify';
import { endTransport, startTransport } from '../../peers/pino-transport-logger.ts';
import { addRoutes } from '../routes.ts';
import type { ServerKind } from '../server.ts';

const LINES_PER_REQUEST = 2;

/** Fastify's own request logging as before, but to the Collector. */
export const server: ServerKind = {
  title: "fastify's own pino, pino-opentelemetry-transport to the Collector",
  ours: false,
  packages: ['fastify', 'pino', 'pino-opentelemetry-transport'],
  linesPerRequest: LINES_PER_REQUEST,
  linesAtStart: 1,
  delivers: true,
  start({ endpoint, requests }) {
    // The transport drops what its queue has no room for, and nothing may be lost here.
    const stream = startTransport({ endpoint, queue: 'paced', queueRecords: LINES_PER_REQUEST * requests });
    const app = fastify({ logger: { stream } });
    addRoutes(app);
    return Promise.resolve({
      app,
      async drain(): Promise<object> {
        await endTransport(stream);
        return {};
      },
    });
  },
};
