import type { Peer } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';
import { temporarySpool } from './temporary-spool.ts';

export const peer: Peer = {
  title: "spanlog (durability: 'sync')",
  packages: [],
  start: (options) => startSpanlog(options, { durability: 'sync', spool: { directory: temporarySpool() } }),
};
