import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A real service on a loopback address of its own, that keeps the headers of each request. */
export interface Service {
  readonly port: number;
  readonly url: string;
  /** Names and values as they came, repeated ones included. */
  readonly seen: { readonly headers: IncomingHttpHeaders; readonly rawHeaders: readonly string[] }[];
  /** What the last request brought under `name`, however often. */
  all(name: string): string[];
}

export async function startService(t: TestContext, host: string, redirectTo?: () => string): Promise<Service> {
  const seen: Service['seen'] = [];
  const server = createServer((incoming, response) => {
    seen.push({ headers: incoming.headers, rawHeaders: incoming.rawHeaders });
    incoming.resume();
    const location = incoming.url === '/redirect' ? redirectTo?.() : undefined;
    if (location !== undefined) response.writeHead(307, { location });
    response.end('ok');
  }).listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host}:${port}/`,
    seen,
    all: (name) => {
      const raw = seen.at(-1)?.rawHeaders ?? [];
      return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
    },
  };
}

/** One request by node:http, or by what stands in for it, to its end. */
export function get(options: RequestOptions | URL, send: typeof request = request): Promise<void> {
  return new Promise((resolve, reject) => {
    const made = send(options as RequestOptions, (response) => {
      response.resume();
      response.on('end', () => resolve());
    });
    made.on('error', reject);
    made.end();
  });
}
