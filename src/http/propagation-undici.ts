import type { AllowedHosts } from './propagation-hosts.ts';
import type { Header } from './propagation-headers.ts';
import { missingHeaders } from './propagation-headers.ts';
import { allowsTarget, portOfUrl } from './propagation-node.ts';

/** What undici publishes, fetch's requests included, as far as it is read here. Undici 5 has its headers as one text. */
export interface UndiciRequest {
  readonly origin?: unknown;
  readonly path?: unknown;
  readonly method?: unknown;
  headers?: unknown;
  addHeader?: (name: string, value: string) => unknown;
}

/** Adds to a request of undici, or of the runtime's fetch, that was just made (`undici:request:create`). */
export function addToUndiciRequest(
  request: UndiciRequest,
  allowed: AllowedHosts,
  current: () => readonly Header[],
): void {
  const { origin, path, method, addHeader } = request;
  // A proxy that is asked for a tunnel is not whom the request is for.
  if (typeof addHeader !== 'function' || method === 'CONNECT') return;
  const url = origin instanceof URL ? origin : typeof origin === 'string' ? new URL(origin) : undefined;
  if (url === undefined || !allowed.has(url.hostname, portOfUrl(url))) return;
  if (typeof path === 'string' && !allowsTarget(path, allowed)) return;
  const added = missingHeaders(current(), (name) => indexOfHeader(request.headers, name) !== -1);
  if (added.length === 0) return;
  for (const [name, value] of added) addHeader.call(request, name, value);
  yieldToOthers(request, added, addHeader);
}

/**
 * An instrumentation that subscribed after us adds its own headers in a moment, and its trace is the better one: it knows
 * the span of this very request. So what comes after us through `addHeader` takes the place of ours.
 */
function yieldToOthers(
  request: UndiciRequest,
  added: readonly Header[],
  addHeader: NonNullable<UndiciRequest['addHeader']>,
): void {
  const ours = new Map(added);
  // Not written where it is assigned, see `ServedRequest.routeBy`.
  const replacing: typeof addHeader = (name, value) => {
    const lower = name.toLowerCase();
    // One that brings a trace brings the whole of it.
    const replaced = lower === 'traceparent' ? ['traceparent', 'tracestate'] : [lower];
    for (const name of replaced) {
      if (ours.delete(name)) removeHeader(request, name);
    }
    return addHeader.call(request, name, value);
  };
  request.addHeader = replacing;
}

/** Where a header stands: the index of its name in the list, or of its line in the text; -1 when it is not there. */
function indexOfHeader(headers: unknown, name: string): number {
  if (typeof headers === 'string') return `\r\n${headers}`.toLowerCase().indexOf(`\r\n${name}:`);
  if (!Array.isArray(headers)) return -1;
  const list: readonly unknown[] = headers;
  for (let i = 0; i < list.length; i += 2) {
    const key = list[i];
    if (String(key).toLowerCase() === name) return i;
  }
  return -1;
}

function removeHeader(request: UndiciRequest, name: string): void {
  const { headers } = request;
  const at = indexOfHeader(headers, name);
  if (at === -1) return;
  if (Array.isArray(headers)) headers.splice(at, 2);
  else if (typeof headers === 'string') {
    request.headers = headers.slice(0, at) + headers.slice(headers.indexOf('\r\n', at) + 2);
  }
}
