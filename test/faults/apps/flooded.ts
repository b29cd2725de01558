/**
 * Logs ten numbered records, flushes, and that twice, while the other side answers with more than anyone wants to read.
 * Prints, as JSON, the most bytes that were read from one connection, and the longest time that the event loop stood still.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from '../../process/apps/report-ledger.ts';

const sockets: Socket[] = [];
subscribe('net.client.socket', (message) => sockets.push((message as { socket: Socket }).socket));
const stalls = monitorEventLoopDelay({ resolution: 5 });
const log = getLogger('app');
const logging = running();
reportAtExit(logging);

stalls.enable();
for (let i = 0; i < 20; i++) {
  log.info('tick', { i });
  if (i % 10 === 9) await logging.flush();
}
stalls.disable();
console.log(
  JSON.stringify({
    readBytes: Math.max(...sockets.map(({ bytesRead }) => bytesRead)),
    longestStallMs: Math.round(stalls.max / 1e6),
  }),
);
