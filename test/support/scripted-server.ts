/**
 * An HTTP server that answers as told, for what a real Collector can't be made to do: hang, trickle, reset, lie.
 *
 * Each request takes the next answer of the script; when the script is over, `otherwise` (an empty 200). What arrived
 * is kept, so that a test can compare what was sent with what the ledger says.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { decodeLogsRequest } from './otlp-proto.ts';
import type { LogsRequestMessage } from './otlp-proto.ts';

export interface ScriptedAnswer {
  /** 200 when left out. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Before the answer begins. */
  delayMs?: number;
  /**
   * Instead of a whole answer: nothing at all (`hang`), a byte every 20 ms without end (`trickle`), the connection
   * reset before the status line (`reset`) or within the body (`reset-inside`), or a body that never ends (`flood`).
   */
  fault?: 'hang' | 'trickle' | 'reset' | 'reset-inside' | 'flood';
  /** The connection is closed after the answer; by default it is kept. */
  close?: boolean;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As sent. */
  readonly raw: Buffer;
  /** Decompressed. */
  readonly body: Buffer;
  /** Monotonic ms. */
  readonly atMs: number;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  /** Common name of the client's certificate, when it showed one. */
  readonly clientName: string | undefined;
}

export interface ScriptedServer {
  readonly port: number;
  /** Where logs go, with the path. */
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Appends to the script. */
  script(...answers: readonly ScriptedAnswer[]): void;
  /** What follows the script. */
  otherwise(answer: ScriptedAnswer): void;
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Resets all idle and active connections, as a restart of the other side does. */
  resetConnections(): void;
  close(): Promise<void>;
}

export async function startScriptedServer(
  options: { answers?: readonly ScriptedAnswer[]; tls?: ServerOptions; port?: number } = {},
): Promise<ScriptedServer> {
  const script = [...(options.answers ?? [])];
  let otherwise: ScriptedAnswer = {};
  const requests: ScriptedRequest[] = [];
  const connections = new Map<Socket, number>();
  let connectionCount = 0;
  let onArrival: () => void = () => undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = Buffer.concat(await request.toArray());
    requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      raw,
      body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw,
      atMs: performance.now(),
      connection: connections.get(request.socket) ?? 0,
      clientName: clientName(request.socket),
    });
    onArrival();
    await reply(response, script.shift() ?? otherwise);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A client that gives up in the middle of a request or an answer is what many tests are about.
    handle(request, response).catch(() => response.destroy());
  };
  const server: Server = options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections.set(socket, ++connectionCount);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/v1/logs`,
    requests,
    script: (...answers) => void script.push(...answers),
    otherwise: (answer) => void (otherwise = answer),
    arrived: (count) =>
      new Promise((resolve) => {
        onArrival = () => {
          if (requests.length >= count) resolve();
        };
        onArrival();
      }),
    resetConnections() {
      for (const socket of connections.keys()) reset(socket);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

/** Event names of all records in a protobuf request, in order. */
export function eventNames(request: ScriptedRequest): string[] {
  const { resourceLogs }: LogsRequestMessage = decodeLogsRequest(request.body);
  return resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ eventName }) => eventName ?? '')),
  );
}

async function reply(response: ServerResponse, answer: ScriptedAnswer): Promise<void> {
  const { fault } = answer;
  if (answer.delayMs !== undefined) await delay(answer.delayMs);
  if (fault === 'hang') return;
  if (fault === 'reset') {
    reset(response.socket);
    return;
  }
  if (answer.close === true) response.setHeader('connection', 'close');
  response.writeHead(answer.status ?? 200, answer.headers);
  if (fault === undefined) {
    response.end(answer.body);
    return;
  }
  if (fault === 'reset-inside') {
    response.write('begun');
    // The head must have left before the reset overtakes it.
    await delay(20);
    reset(response.socket);
    return;
  }
  if (fault === 'flood') {
    const chunk = Buffer.alloc(64 * 1024);
    Readable.from(endlessly(chunk))
      .on('error', () => undefined)
      .pipe(response);
    return;
  }
  while (!response.destroyed) {
    response.write('.');
    await delay(20);
  }
}

function* endlessly(chunk: Buffer): Generator<Buffer> {
  for (;;) yield chunk;
}

function reset(socket: Socket | null): void {
  if (socket === null) return;
  // A TLS socket has no reset of its own.
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function clientName(socket: Socket): string | undefined {
  if (!('getPeerCertificate' in socket) || typeof socket.getPeerCertificate !== 'function') return undefined;
  const certificate = (socket.getPeerCertificate as () => { subject?: { CN?: string } })();
  return certificate.subject?.CN;
}
