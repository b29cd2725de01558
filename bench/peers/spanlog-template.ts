import type { Peer } from '../peer.ts';
import { startSpanlog } from './spanlog-logger.ts';

export const peer: Peer = {
  title: 'spanlog, template',
  packages: [],
  start: (options) =>
    startSpanlog(
      options,
      {},
      (logger) =>
        ({ order_id, amount }) =>
          logger.info`order ${{ order_id }} placed for ${{ amount }}`,
    ),
};
