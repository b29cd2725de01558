import type { ClientRequest } from 'node:http';
import { canonicalHost } from './propagation-hosts.ts';
import type { AllowedHosts } from './propagation-hosts.ts';
import type { Header } from './propagation-headers.ts';
import { missingHeaders } from './propagation-headers.ts';

/** What Node keeps once the head of a request is written: its text, until it leaves with the first piece of the body. */
interface WrittenHead {
  _header?: unknown;
  readonly _headerSent?: unknown;
}

/**
 * Adds to a request of node:http or node:https that was just made (`http.client.request.created`).
 *
 * Headers given as a flat array are written when the request is made; there they are added to the text that waits. A
 * request with `Expect` has left by then, and gets none.
 */
export function addToClientRequest(
  request: ClientRequest,
  allowed: AllowedHosts,
  current: () => readonly Header[],
): void {
  // A path of this machine is no host, and a proxy that is asked for a tunnel is not whom the request is for.
  const { socketPath } = request as { socketPath?: string | null };
  if ((typeof socketPath === 'string' && socketPath !== '') || request.method === 'CONNECT') return;
  const head = request as ClientRequest & WrittenHead;
  const written = typeof head._header === 'string' ? head._header : undefined;
  const port = portOf(request, written);
  if (!allowed.has(request.host, port)) return;
  if (!allowsTarget(request.path, allowed) || isThroughAgent(request, port)) return;
  if (written === undefined) {
    for (const [name, value] of missingHeaders(current(), (name) => request.hasHeader(name))) {
      request.setHeader(name, value);
    }
  } else if (head._headerSent === false && written.endsWith('\r\n\r\n')) {
    const lower = written.toLowerCase();
    const missing = missingHeaders(current(), (name) => lower.includes(`\r\n${name}:`));
    head._header = `${written.slice(0, -2)}${missing.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  }
}

/**
 * Agents for proxies, Node's own (`proxyEnv`, `NODE_USE_ENV_PROXY`) among them, make the path a URL of the very host that the
 * request is for. Which proxy will read it, nobody says.
 */
function isThroughAgent({ path, host }: ClientRequest, port: string | undefined): boolean {
  if (!isUrl(path)) return false;
  const url = new URL(path);
  return canonicalHost(url.hostname) === canonicalHost(host) && (port === undefined || port === portOfUrl(url));
}

/** A request through a proxy names its target in full: both have to be allowed, since both read it. */
export function allowsTarget(path: string, allowed: AllowedHosts): boolean {
  if (!isUrl(path)) return true;
  const url = new URL(path);
  return allowed.has(url.hostname, portOfUrl(url));
}

function isUrl(path: string): boolean {
  return !path.startsWith('/') && /^https?:\/\//i.test(path);
}

/** With the default of its scheme, where it says none. */
export function portOfUrl(url: URL): string {
  return url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80';
}

/** Node writes it into `Host` unless the caller did, for whom it is unknown. */
function portOf(request: ClientRequest, written: string | undefined): string | undefined {
  const given = written === undefined ? request.getHeader('host') : /\r\nhost: *([^\r\n]*)/i.exec(written)?.[1];
  if (typeof given !== 'string') return undefined;
  const name = request.host.includes(':') && !request.host.startsWith('[') ? `[${request.host}]` : request.host;
  if (given === name) return request.protocol === 'https:' ? '443' : '80';
  return given.startsWith(`${name}:`) ? given.slice(name.length + 1) : undefined;
}
