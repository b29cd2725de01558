import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';

export interface StalledEndpoint {
  endpoint: string;
  stop(): Promise<void>;
}

/** A server that takes connections, reads what comes, and never answers: a Collector that hangs. */
export async function startStalledEndpoint(): Promise<StalledEndpoint> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A worker is killed with its request open, which resets the connection; that is expected here.
    socket.on('error', () => sockets.delete(socket));
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stalled endpoint has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
