import { context, trace } from '@opentelemetry/api';
import type { ContextManager, SpanContext } from '@opentelemetry/api';
import { activeSpan } from '../logger/active-span.ts';
import { ContextStorage } from './context-storage.ts';

/** Where each copy of `@opentelemetry/api` 1.x looks for the context manager that one of them has set. */
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');

const globals = globalThis as { readonly [API_GLOBAL]?: { context?: ContextManager } };

/**
 * Runs `fn` as part of the caller's trace. A span that is active already wins: a tracing SDK runs, and it has read the
 * same headers. Where there is no context manager one is set, at the first request that needs it and not before, so
 * that an SDK that starts with the process always comes first.
 */
export function withRemoteParent<T>(parent: SpanContext | undefined, fn: () => T): T {
  if (parent === undefined || activeSpan() !== undefined) return fn();
  const manager = globals[API_GLOBAL]?.context ?? installContextManager();
  if (manager === undefined) return fn();
  return manager.with(trace.setSpanContext(manager.active(), parent), fn);
}

function installContextManager(): ContextManager | undefined {
  const manager = new ContextStorage();
  context.setGlobalContextManager(manager);
  const shared = globals[API_GLOBAL];
  // Another copy of the API was first, and ours refuses to register beside a version that is not its own; the place is
  // the same for all.
  if (shared !== undefined && shared.context === undefined) shared.context = manager;
  return shared?.context;
}
