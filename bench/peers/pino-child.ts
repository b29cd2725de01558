import type { Peer } from '../peer.ts';
import { BOUND_FIELDS } from '../peer.ts';
import { startPinoTransport } from './pino-transport-logger.ts';

export const peer: Peer = {
  title: 'pino + pino-opentelemetry-transport, child logger',
  packages: ['pino', 'pino-opentelemetry-transport'],
  start: (options) => Promise.resolve(startPinoTransport(options, BOUND_FIELDS)),
};
