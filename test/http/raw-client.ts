/** HTTP as bytes on a socket, for what no client library sends. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  send(...lines: readonly string[]): void;
  /** All that came so far, once it matches. */
  until(pattern: RegExp): Promise<string>;
}

/** Connects; whoever asked closes `socket`. */
export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  return {
    socket,
    send: (...lines) => void socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')),
    until: async (pattern) => {
      const signal = AbortSignal.timeout(3_000);
      while (!pattern.test(text)) await once(socket, 'data', { signal });
      return text;
    },
  };
}

/** One request with these header lines; the whole answer. */
export async function rawRequest(port: number, path: string, ...headers: readonly string[]): Promise<string> {
  const client = await connectRaw(port);
  client.send(`GET ${path} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers);
  let text = '';
  for await (const chunk of client.socket) text += String(chunk);
  return text;
}
