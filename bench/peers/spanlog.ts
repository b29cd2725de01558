import type { Peer } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';

export const peer: Peer = {
  title: 'spanlog',
  packages: [],
  start: (options) => startSpanlog(options, {}),
};
