import { randomUUID } from 'node:crypto';
import { HubBridge } from './bridges/bridge-target.ts';
import { installGlobals, SpanlogLoggerProvider } from './bridges/otel-globals.ts';
import { openWarnings } from './bridges/warnings.ts';
import { explainSettings } from './config/explain.ts';
import type { Options } from './config/options.ts';
import { detectResource, readProcessFacts } from './config/resource.ts';
import { Clock } from './core/clock.ts';
import { OnceDiag } from './core/diag.ts';
import { SEVERITY_OFF, severityText } from './core/level.ts';
import { RedactionCounts } from './core/redaction-counts.ts';
import { ValueReader } from './core/read-value.ts';
import type { EndedSpan } from './core/recorder.ts';
import type { ActiveRequest } from './logger/context.ts';
import type { Fields } from './logger/fields.ts';
import { Hub } from './logger/hub.ts';
import { LevelTable } from './logger/level-table.ts';
import type { Logger } from './logger/logger.ts';
import type { FlushResult, Logging } from './logging.ts';
import { EarlyBuffer } from './pipeline/early-buffer.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { createPolicy } from './pipeline/redact/policy.ts';
import { sharedRegistry } from './registry.ts';
import type { Registry } from './registry.ts';
import { RunningLogging } from './running-logging.ts';
import { startLevels } from './start-levels.ts';
import {
  defaultRedactor,
  readSettings,
  redactedResource,
  startPipeline,
  watchProcess,
  writeLine,
} from './start-pipeline.ts';
import type { Configuration } from './start-pipeline.ts';
import { startPropagation } from './start-propagation.ts';
import { VERSION } from './version.ts';

/** The registry of this process; made by the first copy of the package that asks for it. */
export function registry(): Registry {
  return sharedRegistry(() => new Root());
}

/** Bytes that may wait for `register`, before any setting is known. */
const EARLY_BYTES = 1024 * 1024;

/**
 * The composition root: the only place that knows every part. Before `register` it holds a hub whose records wait in a
 * buffer; `register` resolves the settings, wires pipeline and destinations, and lets the records flow.
 */
class Root implements Registry {
  readonly version = VERSION;
  readonly #clock = new Clock();
  /** Of all configurations, and of what came before the first. */
  readonly #redactions = new RedactionCounts();
  readonly #diag = new OnceDiag(writeLine, defaultRedactor(this.#redactions));
  readonly #early: EarlyBuffer;
  readonly #hub: Hub;
  readonly bridge: HubBridge;
  #running: RunningLogging | undefined;
  #provider: SpanlogLoggerProvider | undefined;
  /** Stops watching for the end of the process. */
  #unwatch: (() => void) | undefined;
  #stopPropagation: (() => void) | undefined;
  #stopWarnings: (() => void) | undefined;
  /** Stops what changes levels at run time. */
  #stopLevels: (() => void) | undefined;
  /** One per process, however often it is configured. */
  readonly #instanceId = randomUUID();
  /** What set up the running configuration: an explicit call is not overruled by a later one. */
  #explicit = false;
  /** Options that later calls of `register` gave in vain; each is said once. */
  readonly #ignored = new Set<string>();

  constructor() {
    this.#early = new EarlyBuffer({
      reader: new ValueReader(createPolicy({}, { counts: this.#redactions })),
      attributeLimit: 128,
      clock: this.#clock,
      maxBytes: EARLY_BYTES,
      onFirst: () => process.once('exit', () => this.#reportStranded()),
    });
    this.#hub = new Hub(this.#early, new LevelTable());
    this.bridge = new HubBridge(this.#hub, (timeoutMs) => this.flush({ timeoutMs }));
    this.#hub.onTooManyLoggers = () => {
      this.#diag.warn(
        'too_many_loggers',
        'getLogger was called with more than 10,000 names: further ones log as spanlog.too_many_loggers. Give the changing part as a field',
      );
    };
  }

  getLogger(name: string): Logger {
    return this.#hub.getLogger(name);
  }

  withContext<T>(fields: Fields, fn: () => T, request?: ActiveRequest): T {
    return this.#hub.context.run(this.#hub.intake, fields, fn, request);
  }

  bindContext(fields: Fields): void {
    if (this.#hub.context.bind(this.#hub.intake, fields)) return;
    this.#diag.warn(
      'bind_outside',
      'bindContext was called outside of any withContext: its fields were ignored. Call it inside withContext(fields, fn)',
    );
  }

  async flush(options: { readonly timeoutMs: number }): Promise<FlushResult | undefined> {
    return this.#running?.flush(options);
  }

  spanEnded(span: EndedSpan): void {
    this.#hub.recorder?.spanEnded(span, this.#hub.context.recording());
  }

  register(options: Options | undefined, automatic: boolean): Logging {
    const running = this.#running;
    if (running !== undefined && (automatic || this.#explicit)) {
      this.#reportIgnored(options);
      return running;
    }
    const { settings, origins, reader } = readSettings(options, this.#diag, this.#redactions);
    this.#explicit = !automatic;
    const detected = detectResource(settings, { ...readProcessFacts(), randomId: () => this.#instanceId }, VERSION);
    const resource = redactedResource(detected, reader);
    return this.#start({ settings, origins: explainSettings(origins, resource), resource, reader }, options);
  }

  #start(configuration: Configuration, options: Options | undefined): Logging {
    const { settings } = configuration;
    const running = (this.#running ??= new RunningLogging(this.#hub, this.#diag, settings, {
      owner: 'register',
      redactions: this.#redactions,
    }));
    const pipeline = startPipeline(running, this.#hub, configuration, this.#clock, this.#diag);
    this.#flowEarly(pipeline);
    this.#unwatch?.();
    this.#unwatch = watchProcess(running, this.#hub, settings.limits.exitTimeoutMs);
    for (const source of settings.policy.catalogue?.sources ?? []) source.isInForce = true;
    this.#stopLevels?.();
    this.#stopLevels = startLevels({
      settings,
      options,
      control: running.levels,
      onOrigins: (origins) => running.updateOrigins(origins),
      diag: this.#diag,
    });
    this.#stopPropagation?.();
    this.#stopPropagation = startPropagation(this.#hub, settings, this.#diag);
    this.#stopWarnings?.();
    this.#stopWarnings = settings.warnings ? openWarnings(this.bridge) : undefined;
    if (!settings.disabled) {
      this.#provider ??= new SpanlogLoggerProvider(this.#hub, this.bridge.repeats);
      installGlobals(this.#provider, settings.takeOverGlobals, this.#diag);
    }
    return running;
  }

  /** Records that waited pass the levels, rules and sampling that are now in force. */
  #flowEarly(pipeline: Pipeline): void {
    const { dropped, failed } = this.#early;
    for (const record of this.#early.drain()) {
      const { scope, eventName } = record;
      const { levels } = this.#hub;
      const severity = levels.severityOf(eventName, record.severity);
      const isQuiet = severity < levels.thresholdOf(scope.name) || severity >= SEVERITY_OFF;
      if (isQuiet && !this.#hub.isAudit(scope, eventName)) continue;
      if (severity !== record.severity && severity < SEVERITY_OFF) {
        record.severity = severity;
        record.severityText = severityText(severity);
      }
      pipeline.resume(record);
    }
    if (dropped > 0) pipeline.lose('before_register', dropped);
    if (failed > 0) pipeline.lose('internal_error', failed);
    this.#early.dropped = this.#early.failed = 0;
  }

  #reportIgnored(options: Options | undefined): void {
    const names = Object.keys(options ?? {}).filter((name) => !this.#ignored.has(name));
    if (names.length === 0) return;
    for (const name of names) this.#ignored.add(name);
    const ignored = names.join(', ');
    this.#diag.warn(
      `register_again ${ignored}`,
      `register() was called again: it returned the running logging and ignored ${ignored}. Call it once, at process start`,
    );
  }

  #reportStranded(): void {
    const count = this.#early.size + this.#early.dropped;
    if (count > 0) {
      this.#diag.error(
        'never_registered',
        `${count} records were lost: they waited for register(), which was never called. Call register() at process start, or run node --import spanlog/register`,
      );
    }
  }
}
