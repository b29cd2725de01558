import type { ServerKind } from '../server.ts';
import { startSpanlogServer } from './spanlog-server.ts';

export const server: ServerKind = {
  title: 'spanlog/fastify, OTLP to the Collector',
  ours: true,
  packages: ['fastify'],
  linesPerRequest: 2,
  linesAtStart: 0,
  delivers: true,
  start: (options) => startSpanlogServer(options),
};
