import * as api from '@opentelemetry/api';
import type { Context, TimeInput } from '@opentelemetry/api';
import { logs as olderLogs } from '@opentelemetry/api-logs';
import type { Instant } from '../core/clock.ts';
import type { Diag } from '../core/diag.ts';
import { parseLevel } from '../core/level.ts';
import type { Scope } from '../core/record.ts';
import { ValueMap } from '../core/value.ts';
import { activeSpan } from '../logger/active-span.ts';
import type { Hub } from '../logger/hub.ts';
import type { LoggerState } from '../logger/logger.ts';

/** A record of the OTel Logs API, by the shape that `api-logs` and `api` 1.10 share. */
export interface OtelRecord {
  eventName?: string;
  timestamp?: TimeInput;
  observedTimestamp?: TimeInput;
  severityNumber?: number;
  severityText?: string;
  body?: unknown;
  attributes?: unknown;
  exception?: unknown;
  context?: Context;
}

export interface OtelLogger {
  emit(record: OtelRecord): void;
  enabled(options?: { context?: Context; severityNumber?: number; eventName?: string }): boolean;
}

interface OtelLoggerOptions {
  schemaUrl?: string;
  attributes?: object;
}

/** Loggers remembered by name and version; a bridge asks for few, a mistake could ask for many. */
const MAX_LOGGERS = 1_000;

/**
 * The LoggerProvider behind both Logs API globals: whatever speaks OTel (winston-transport, instrumentation-pino,
 * LogTape, …) passes the same redaction, sampling and delivery as our own loggers.
 */
export class SpanlogLoggerProvider {
  readonly #hub: Hub;
  readonly #loggers = new Map<string, OtelLogger>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  getLogger(name: string, version = '', options: OtelLoggerOptions = {}): OtelLogger {
    const key = JSON.stringify([name, version, options.schemaUrl]);
    const known = options.attributes === undefined ? this.#loggers.get(key) : undefined;
    if (known !== undefined) return known;
    const logger = new BridgedLogger(this.#hub, this.#scope(name, version, options));
    if (options.attributes === undefined && this.#loggers.size < MAX_LOGGERS) this.#loggers.set(key, logger);
    return logger;
  }

  #scope(name: unknown, version: unknown, options: OtelLoggerOptions): Scope {
    const { reader } = this.#hub.intake;
    reader.begin();
    const attributes = options.attributes === undefined ? new ValueMap() : reader.read(options.attributes);
    return this.#hub.createScope(
      typeof name === 'string' ? name : '',
      typeof version === 'string' ? version : '',
      options.schemaUrl ?? '',
      attributes instanceof ValueMap ? attributes : new ValueMap(),
    );
  }
}

class BridgedLogger implements OtelLogger {
  readonly #hub: Hub;
  readonly #state: LoggerState;

  constructor(hub: Hub, scope: Scope) {
    this.#hub = hub;
    this.#state = { scope, threshold: 0 };
    hub.levels.attachBridged(this.#state);
  }

  emit(record: OtelRecord): void {
    const severity = severityOf(record);
    if (severity !== 0 && severity < this.#state.threshold) return;
    this.#hub.emit(this.#state.scope, {
      eventName: typeof record.eventName === 'string' ? record.eventName : '',
      severity,
      severityText: typeof record.severityText === 'string' ? record.severityText : '',
      body: record.body,
      attributes: record.attributes,
      error: record.exception,
      time: instantOf(record.timestamp),
      span: activeSpan(record.context),
    });
  }

  enabled(options?: { severityNumber?: number }): boolean {
    return (options?.severityNumber ?? 0) === 0 || (options?.severityNumber as number) >= this.#state.threshold;
  }
}

/** The number given, or the one that the text names, so that custom levels don't slip past filters as unspecified. */
function severityOf(record: OtelRecord): number {
  const { severityNumber, severityText } = record;
  if (typeof severityNumber === 'number' && severityNumber >= 0 && severityNumber <= 24) {
    return Math.trunc(severityNumber);
  }
  const severity = parseLevel(severityText) ?? 0;
  return severity <= 24 ? severity : 0;
}

/** The forms of the API's TimeInput: [s, ns], a Date, epoch ms, or ms since the process's time origin. */
function instantOf(time: unknown): Instant | undefined {
  if (Array.isArray(time)) {
    const [seconds, nanos] = time as unknown[];
    return typeof seconds === 'number' && typeof nanos === 'number' && seconds >= 0 ? { seconds, nanos } : undefined;
  }
  if (time instanceof Date) return fromMs(time.getTime());
  if (typeof time !== 'number') return undefined;
  return fromMs(time < performance.timeOrigin ? time + performance.timeOrigin : time);
}

function fromMs(ms: number): Instant | undefined {
  if (!Number.isFinite(ms) || ms < 0) return undefined;
  const seconds = Math.floor(ms / 1_000);
  return { seconds, nanos: Math.floor((ms - seconds * 1_000) * 1e6) };
}

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
const OLDER_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs');

interface Globals {
  [API_GLOBAL]?: { logs?: unknown };
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
  if (current !== undefined && install(globals[API_GLOBAL]?.logs, provider, current, takeOver)) {
    foreign.push('@opentelemetry/api');
  }
  if (install(olderProvider(globals), provider, olderLogs, takeOver)) {
    foreign.push('@opentelemetry/api-logs');
  }
  if (foreign.length === 0) return;
  diag.warn(
    'foreign_provider',
    `another LoggerProvider is already global (${foreign.join(', ')}) and was left alone: records of OTel bridges go there, not here. ` +
      'Register spanlog first, or set OTEL_LOGS_EXPORTER=none so that NodeSDK installs none (and SPANLOG_DESTINATIONS=otlp for us), or give NodeSDK a spanlogProcessor, or set takeOverGlobals: true',
  );
}

/** True when a provider that is not ours keeps the place. */
function install(present: unknown, provider: SpanlogLoggerProvider, logs: LogsApi, takeOver: boolean): boolean {
  if (present === provider) return false;
  if (present !== undefined && !takeOver) return true;
  if (present !== undefined) logs.disable();
  logs.setGlobalLoggerProvider(provider);
  return false;
}

function olderProvider(globals: Globals): unknown {
  const get = globals[OLDER_GLOBAL];
  return typeof get === 'function' ? (get as (version: number) => unknown)(1) : undefined;
}
