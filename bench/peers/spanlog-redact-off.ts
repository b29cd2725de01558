import type { Peer } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';

export const peer: Peer = {
  title: 'spanlog (redact: false)',
  packages: [],
  start: (options) => startSpanlog(options, { redact: false }),
};
