import * as api from '@opentelemetry/api';
import { logs as olderLogs } from '@opentelemetry/api-logs';
import type { Diag } from '../core/diag.ts';
import type { SpanlogLoggerProvider } from './otel-logger.ts';

export { SpanlogLoggerProvider } from './otel-logger.ts';

/** Where copies of `@opentelemetry/api` 1.x find each other's instances, and `api-logs` its provider. */
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
const OLDER_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs');

interface Globals {
  [API_GLOBAL]?: { readonly version?: string; logs?: unknown };
  [OLDER_GLOBAL]?: unknown;
}

/** The Logs API of `@opentelemetry/api` ≥ 1.10; absent in 1.9, so it is looked for, not imported. */
interface LogsApi {
  setGlobalLoggerProvider(provider: SpanlogLoggerProvider): unknown;
  disable(): void;
}

/**
 * Serves both Logs API globals. A provider that is there already stays, unless `takeOver`, and is reported once: its
 * owner may count on it, and silence would leave the user with two half-working ways.
 */
export function installGlobals(provider: SpanlogLoggerProvider, takeOver: boolean, diag: Diag): void {
  const globals = globalThis as Globals;
  const current = (api as { logs?: LogsApi }).logs;
  const foreign: string[] = [];
  if (current !== undefined) {
    if (!install(() => globals[API_GLOBAL]?.logs, provider, current, takeOver)) foreign.push('@opentelemetry/api');
    else if (globals[API_GLOBAL]?.logs !== provider) serveOtherCopy(globals, provider, diag);
  }
  if (!install(() => olderProvider(globals), provider, olderLogs, takeOver)) foreign.push('@opentelemetry/api-logs');
  if (foreign.length === 0) return;
  diag.warn(
    'foreign_provider',
    `another LoggerProvider is already global (${foreign.join(', ')}) and was left alone: records of OTel bridges go there, not here. ` +
      'Start spanlog first, or set OTEL_LOGS_EXPORTER=none so that NodeSDK installs none (with SPANLOG_DESTINATIONS=otlp, since spanlog ' +
      'reads that variable too), or give NodeSDK a spanlogProcessor, or set takeOverGlobals: true',
  );
}

/** False when a provider that is not ours keeps the place. */
function install(present: () => unknown, provider: SpanlogLoggerProvider, logs: LogsApi, takeOver: boolean): boolean {
  const found = present();
  if (found === provider) return true;
  if (found !== undefined && !takeOver) return false;
  if (found !== undefined) logs.disable();
  logs.setGlobalLoggerProvider(provider);
  return true;
}

/**
 * Another copy of `@opentelemetry/api` was first, and ours refuses to register beside a version that is not its own.
 * The place it would have written to is the same for all copies, so it is written to here; and the user is told, since
 * copies newer than the first don't read it.
 */
function serveOtherCopy(globals: Globals, provider: SpanlogLoggerProvider, diag: Diag): void {
  const shared = globals[API_GLOBAL];
  if (shared === undefined) return;
  shared.logs = provider;
  diag.warn(
    'api_copies',
    `two copies of @opentelemetry/api are loaded: one of version ${String(shared.version)} came first, spanlog was given another. ` +
      'Records carry their trace all the same, but an OTel bridge with a newer copy than the first may emit into nothing. ' +
      '`npm ls @opentelemetry/api` shows the copies, `npm dedupe` keeps one',
  );
}

function olderProvider(globals: Globals): unknown {
  const get = globals[OLDER_GLOBAL];
  return typeof get === 'function' ? (get as (version: number) => unknown)(1) : undefined;
}
