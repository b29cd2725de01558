import type { Peer } from '../peer.ts';
import { EVENT_NAME } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';

/** What is timed takes no time, so that only the timing is measured. */
function work(): number {
  return 1;
}

export const peer: Peer = {
  title: 'spanlog, timed',
  packages: [],
  start: (options) =>
    startSpanlog(options, {}, (logger) => (fields) => {
      logger.timed(EVENT_NAME, fields, work);
    }),
};
