import type { Peer } from '../peer.ts';
import { BOUND_FIELDS, EVENT_NAME } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';

export const peer: Peer = {
  title: 'spanlog, child logger',
  packages: [],
  start: (options) =>
    startSpanlog(options, {}, (logger) => {
      const child = logger.child(BOUND_FIELDS);
      return (fields) => child.info(EVENT_NAME, fields);
    }),
};
