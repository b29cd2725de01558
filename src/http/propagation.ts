import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Diag } from '../core/diag.ts';
import type { LogContext } from '../logger/context.ts';
import { currentHeaders } from './propagation-headers.ts';
import { AllowedHosts } from './propagation-hosts.ts';
import { addToClientRequest } from './propagation-node.ts';
import { addToUndiciRequest } from './propagation-undici.ts';
import type { UndiciRequest } from './propagation-undici.ts';

/** Published by the runtime when a request exists and nothing of it has left. Works for every way modules are loaded. */
const UNDICI = 'undici:request:create';
const NODE_HTTP = 'http.client.request.created';

/**
 * Lets outgoing requests to `hosts` carry the request id and the trace context, for as long as it is not stopped by what
 * is returned. Each hop of a redirect is a request of its own, and judged by its own host.
 *
 * What throws in here costs the headers of that request, never the request: Node would end the process for it.
 */
export function propagateTo(hosts: readonly string[], requests: Pick<LogContext, 'request'>, diag: Diag): () => void {
  const allowed = new AllowedHosts(hosts);
  const current = (): ReturnType<typeof currentHeaders> => currentHeaders(requests);
  const guarded = (add: () => void): void => {
    try {
      add();
    } catch (error) {
      diag.warn('propagate', `a request was sent without its request id or trace context: ${String(error)}`);
    }
  };
  const onUndici = (message: unknown): void => {
    guarded(() => addToUndiciRequest((message as { readonly request: UndiciRequest }).request, allowed, current));
  };
  const onNode = (message: unknown): void => {
    guarded(() => addToClientRequest((message as { readonly request: ClientRequest }).request, allowed, current));
  };
  subscribe(UNDICI, onUndici);
  subscribe(NODE_HTTP, onNode);
  return () => {
    unsubscribe(UNDICI, onUndici);
    unsubscribe(NODE_HTTP, onNode);
  };
}
