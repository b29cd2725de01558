/**
 * A collector that answers in whatever way a function of the test does, down to single bytes on the socket. Where
 * `scripted-server` has the usual faults ready, this one is for the exact byte at which something breaks.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeLogsRequest } from '../support/otlp-proto.ts';

/** Answers one request. Bytes that are no HTTP go to `response.socket`. */
export type Answer = (response: ServerResponse) => void | Promise<void>;

export interface FaultyRequest {
  /** The numbers that the application gave its records, in order. */
  readonly numbers: readonly number[];
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Of its body. */
  readonly bytes: number;
  /** Monotonic ms at which it was there as a whole. */
  readonly atMs: number;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  /** Resolves with the monotonic ms at which that connection was gone. */
  readonly gone: Promise<number>;
  /** What was written to that connection so far, as far as the kernel took it. */
  writtenBytes(): number;
}

export interface FaultyServer {
  readonly port: number;
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** The same with the path for logs. */
  readonly url: string;
  readonly requests: readonly FaultyRequest[];
  /** The answers to the next requests; later ones get `otherwise`. */
  script(...answers: readonly Answer[]): void;
  /** By default an empty 200. */
  otherwise(answer: Answer): void;
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultyServer(
  t: TestContext,
  options: { readonly answers?: readonly Answer[]; readonly host?: string; readonly port?: number } = {},
): Promise<FaultyServer> {
  const script = [...(options.answers ?? [])];
  let otherwise: Answer = status(200);
  const requests: FaultyRequest[] = [];
  const connections = new Map<Socket, { readonly number: number; readonly gone: Promise<number> }>();
  let opened = 0;
  let onArrival: () => void = () => undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray());
    const { socket } = request;
    const connection = connections.get(socket);
    requests.push({
      numbers: numbersIn(body),
      path: request.url ?? '',
      headers: request.headers,
      bytes: body.length,
      atMs: performance.now(),
      connection: connection?.number ?? 0,
      gone: connection?.gone ?? Promise.resolve(performance.now()),
      writtenBytes: () => socket.bytesWritten,
    });
    onArrival();
    await (script.shift() ?? otherwise)(response);
  };
  const server = createServer((request, response) => {
    // A client that goes away in the middle is what most of these tests are about.
    handle(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    const gone = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
    connections.set(socket, { number: ++opened, gone });
    socket.on('error', () => undefined);
  });
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of connections.keys()) socket.destroy();
    await once(server, 'close');
  };
  t.after(close);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: `http://${host}:${port}`,
    url: `http://${host}:${port}/v1/logs`,
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
    close,
  };
}

/** A whole answer. */
export function status(
  code: number,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
): Answer {
  return (response) => void response.writeHead(code, headers).end(body);
}

/** These bytes, and then the connection is reset. */
export function resetAfter(text: string): Answer {
  return async ({ socket }) => {
    if (text !== '') {
      socket?.write(text);
      // They must have left before the reset overtakes them.
      await delay(30);
    }
    socket?.resetAndDestroy();
  };
}

/** These bytes one at a time, and the last of them for ever. */
export function trickle(text: string, everyMs: number): Answer {
  return async ({ socket }) => {
    for (let i = 0; socket?.destroyed === false; i++) {
      socket.write(text[Math.min(i, text.length - 1)] ?? '');
      await delay(everyMs);
    }
  };
}

/** Nothing at all. */
export const hang: Answer = () => undefined;

function numbersIn(body: Buffer): number[] {
  return decodeLogsRequest(body).resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map(({ attributes }) => Number(attributes.find(({ key }) => key === 'i')?.value?.intValue ?? NaN)),
    ),
  );
}
