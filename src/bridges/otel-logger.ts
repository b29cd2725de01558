import type { Context } from '@opentelemetry/api';
import { SEVERITY, SEVERITY_OFF } from '../core/level.ts';
import type { ValueReader } from '../core/read-value.ts';
import type { Scope } from '../core/record.ts';
import { toPlain, ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { hiddenForm } from '../core/view.ts';
import type { Hub } from '../logger/hub.ts';
import type { LoggerState } from '../logger/logger.ts';
import { readOtelRecord } from './otel-record.ts';
import { repeatKey } from './repeats.ts';
import type { Repeats } from './repeats.ts';
import type { OtelRecord } from './otel-record.ts';

/** A logger of the OTel Logs API, as both packages declare it. */
export interface OtelLogger {
  emit(record: OtelRecord): void;
  enabled(options?: { context?: Context; severityNumber?: number; eventName?: string }): boolean;
}

interface OtelLoggerOptions {
  schemaUrl?: string;
  attributes?: object;
}

/** Libraries that have a bridge of ours as well: their calls may come on both ways. */
const LIBRARIES: ReadonlyMap<string, string> = new Map([
  ['@opentelemetry/instrumentation-pino', 'pino'],
  ['@opentelemetry/winston-transport', 'winston'],
  ['@opentelemetry/instrumentation-winston', 'winston'],
  ['@opentelemetry/instrumentation-console', 'console'],
]);

/** Scopes that may be made; a bridge asks for a few, one that asks per request would fill the memory. */
const MAX_LOGGERS = 1_000;
const OTEL_ROUTE = 'otel';
/** The scope that all further ones share. */
const OVERFLOW_NAME = 'spanlog.too_many_loggers';

/**
 * The LoggerProvider behind both Logs API globals: whatever speaks OTel (winston-transport, instrumentation-pino,
 * LogTape, …) passes the same redaction, sampling and delivery as our own loggers.
 *
 * It has no `shutdown`: sinks that own their provider call it when they are disposed of, and one library must not end
 * the logging of all others.
 */
export class SpanlogLoggerProvider {
  readonly #hub: Hub;
  readonly #repeats: Repeats | undefined;
  readonly #loggers = new Map<string, OtelLogger>();
  #overflow: OtelLogger | undefined;

  /** @param repeats knows what came on other ways; without it every record is taken */
  constructor(hub: Hub, repeats?: Repeats) {
    this.#hub = hub;
    this.#repeats = repeats;
  }

  /** The logger of that scope; the same one each time. Never throws. */
  getLogger(name: string, version?: string, options?: OtelLoggerOptions): OtelLogger {
    const scope = readScope(this.#hub.intake.reader, name, version, options);
    const key = keyOf(scope);
    const known = this.#loggers.get(key);
    if (known !== undefined) return known;
    if (this.#loggers.size >= MAX_LOGGERS) {
      return (this.#overflow ??= new BridgedLogger(this.#hub, this.#hub.createScope(OVERFLOW_NAME)));
    }
    const created = this.#hub.createScope(scope.name, scope.version, scope.schemaUrl, scope.attributes);
    const logger = new BridgedLogger(this.#hub, created, this.#repeats);
    this.#loggers.set(key, logger);
    return logger;
  }
}

class BridgedLogger implements OtelLogger {
  readonly #hub: Hub;
  /** Its scope changes with the rules. */
  readonly #state: LoggerState & { scope: Scope };
  /** Of the rules that the scope was read by. */
  #epoch: number;
  /** Set for a library that may come here on another way too. */
  readonly #library: string | undefined;
  readonly #repeats: Repeats | undefined;

  constructor(hub: Hub, scope: Scope, repeats?: Repeats) {
    this.#hub = hub;
    this.#library = LIBRARIES.get(scope.name);
    this.#repeats = repeats;
    if (this.#library !== undefined) repeats?.open(this.#library, OTEL_ROUTE, true);
    this.#epoch = hub.intake.epoch;
    this.#state = { scope, threshold: 0, level: 0 };
    hub.levels.attachBridged(this.#state);
  }

  emit(record: OtelRecord): void {
    if (this.#hub.intake.epoch !== this.#epoch) this.#readScopeAnew();
    const read = readOtelRecord(record, this.#hub.intake.reader.policy);
    const { scope, threshold, level } = this.#state;
    const severity = filterSeverity(read.severity);
    if (severity < threshold) return;
    const isBelow = severity < level && !this.#hub.isAudit(scope, read.eventName);
    if ((isBelow && !this.#hub.isRecording(severity, level, read.span)) || this.#cameBefore(read.body)) return;
    this.#hub.emit(scope, read, isBelow);
  }

  #cameBefore(body: unknown): boolean {
    const library = this.#library;
    return (
      library !== undefined && this.#repeats?.isRepeat({ library, route: OTEL_ROUTE, key: repeatKey(body) }) === true
    );
  }

  /** Judges the scope by the rules now in force. What earlier rules hid of it stays hidden: only that was kept. */
  #readScopeAnew(): void {
    const { scope } = this.#state;
    this.#epoch = this.#hub.intake.epoch;
    const attributes = toPlain(scope.attributes);
    const read = readScope(this.#hub.intake.reader, scope.name, scope.version, {
      schemaUrl: scope.schemaUrl,
      attributes,
    });
    if (keyOf(read) === keyOf(scope)) return;
    this.#state.scope = this.#hub.createScope(read.name, read.version, read.schemaUrl, read.attributes);
    // Levels go by the name.
    this.#hub.levels.attachBridged(this.#state);
  }

  enabled(options?: { severityNumber?: number }): boolean {
    const { level } = this.#state;
    const severity = severityIn(options);
    if (this.#hub.levels.hasAuditEvents) return true;
    if (severity === undefined) return level < SEVERITY_OFF;
    const effective = filterSeverity(severity);
    return effective >= level || this.#hub.isRecording(effective, level);
  }
}

/** Of the options of `enabled`, whatever they are. */
function severityIn(options: { readonly severityNumber?: unknown } | undefined): number | undefined {
  try {
    const severity = options?.severityNumber;
    return typeof severity === 'number' ? severity : undefined;
  } catch {
    // A getter threw: the record, if there is one, is judged by itself.
    return undefined;
  }
}

/** Read like any other foreign value: bounded, redacted, whatever was passed. */
function readScope(reader: ValueReader, name: unknown, version: unknown, options: unknown): Omit<Scope, 'id'> {
  reader.begin();
  const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
  const read = hiddenForm(reader.read(options));
  const attributes = read instanceof ValueMap ? read.get('attributes') : undefined;
  return {
    name: text(reader.read(name)),
    version: text(reader.read(version)),
    schemaUrl: read instanceof ValueMap ? text(read.get('schemaUrl')) : '',
    attributes: attributes instanceof ValueMap ? attributes : new ValueMap(),
  };
}

/** The same for equal scopes. */
function keyOf({ name, version, schemaUrl, attributes }: Omit<Scope, 'id'>): string {
  return JSON.stringify([name, version, schemaUrl, toPlain(attributes)], integersAsText);
}

/** Unspecified severity counts as INFO, as backends show it. */
function filterSeverity(severity: number): number {
  return severity === 0 ? SEVERITY.info : severity;
}

/** JSON has no integers beyond doubles. */
function integersAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
