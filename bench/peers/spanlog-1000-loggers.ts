import type { Peer } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';

export const peer: Peer = {
  title: 'spanlog, 1,000 loggers',
  packages: [],
  start: (options) => startSpanlog(options, {}, 1_000),
};
