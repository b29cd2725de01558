import type { Peer } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';
import { temporarySpool } from './temporary-spool.ts';

export const peer: Peer = {
  title: "spanlog (durability: 'disk')",
  packages: [],
  start: (options) => startSpanlog(options, { durability: 'disk', spool: { directory: temporarySpool() } }),
};
