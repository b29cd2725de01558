/**
 * An OTLP/HTTP receiver for development: takes logs in both formats, plain or gzipped, into a LogStore.
 *
 * It answers as the specification asks a server to, so that what works against it works against a collector:
 * bad data is a 400 that no client may retry, a store that can't write is a 503 that every client retries.
 * Traces and metrics are accepted and let go, so that an application whose SDK sends all three stays quiet.
 */
import { createServer, type Server } from 'node:http';
import { OtlpHandler, type ReceiverCounts } from './otlp-handler.ts';
import type { LogStore } from './store.ts';

/** What OTLP lets a request be at most, unzipped. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
const OTLP_HTTP_PORT = 4318;
/** How long a client may take over one request, in ms. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How long `close` waits for requests in progress before it cuts them off, in ms. */
const CLOSE_TIMEOUT_MS = 1_000;

export interface ReceiverOptions {
  store: LogStore;
  /** 4318 when not given; 0 takes a free one. */
  port?: number;
  /** 127.0.0.1 when not given: logs are nobody else's business. */
  host?: string;
  /** The largest request, unzipped; 64 MiB when not given. */
  maxRequestBytes?: number;
}

export interface Receiver {
  /** For example `http://127.0.0.1:4318`: what `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  readonly url: string;
  readonly port: number;
  counts(): ReceiverCounts;
  /** Stops listening and lets requests in progress end, for a second at most. The store stays open. */
  close(): Promise<void>;
}

/**
 * Starts a receiver.
 *
 *     const receiver = await startReceiver({ store: openStore(), port: 0 });
 *
 * Rejects with Node's own error when it can't listen, such as `EADDRINUSE`.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const handler = new OtlpHandler(options.store, options.maxRequestBytes ?? MAX_REQUEST_BYTES);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 60_000 }, (request, response) => {
    void handler.handle(request, response);
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? OTLP_HTTP_PORT, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    counts: () => ({ ...handler.counts }),
    close: () => (closing ??= closeServer(server)),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
}
