import type { Peer } from '../peer.ts';
import { startPinoTransport } from './pino-transport-logger.ts';

export const peer: Peer = {
  title: 'pino + pino-opentelemetry-transport',
  packages: ['pino', 'pino-opentelemetry-transport'],
  start: (options) => Promise.resolve(startPinoTransport(options)),
};
