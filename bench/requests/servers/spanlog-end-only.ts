import type { ServerKind } from '../server.ts';
import { startSpanlogServer } from './spanlog-server.ts';

export const server: ServerKind = {
  title: "spanlog/fastify (startLevel: 'off'), OTLP to the Collector",
  ours: true,
  packages: ['fastify'],
  linesPerRequest: 1,
  linesAtStart: 0,
  delivers: true,
  start: (options) => startSpanlogServer(options, { startLevel: 'off' }),
};
