import { writeSync } from 'node:fs';
import { installGlobals, SpanlogLoggerProvider } from './bridges/otel-globals.ts';
import { explainSettings } from './config/explain.ts';
import type { Options } from './config/options.ts';
import { resolveSettings } from './config/resolve.ts';
import type { Settings } from './config/resolved-settings.ts';
import { detectResource, readProcessFacts } from './config/resource.ts';
import type { SettingOrigin } from './config/setting-reader.ts';
import { Clock } from './core/clock.ts';
import { OnceDiag } from './core/diag.ts';
import { problemText, SettingError } from './core/errors.ts';
import { SEVERITY } from './core/level.ts';
import { ValueReader } from './core/read-value.ts';
import type { Scope } from './core/record.ts';
import type { ValueMap } from './core/value.ts';
import { watchEndings } from './export/exit.ts';
import type { Fields } from './logger/fields.ts';
import { Hub } from './logger/hub.ts';
import { LevelTable } from './logger/level-table.ts';
import type { Logger } from './logger/logger.ts';
import type { Logging } from './logging.ts';
import { EarlyBuffer } from './pipeline/early-buffer.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { createPolicy, REDACTION_KINDS } from './pipeline/redact.ts';
import { createSampler } from './pipeline/sample.ts';
import { sharedRegistry } from './registry.ts';
import type { Registry } from './registry.ts';
import { RunningLogging } from './running-logging.ts';
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
  readonly #diag = new OnceDiag(writeLine);
  readonly #early: EarlyBuffer;
  readonly #hub: Hub;
  #running: RunningLogging | undefined;
  #provider: SpanlogLoggerProvider | undefined;
  #scope: Scope | undefined;
  /** What set up the running configuration: an explicit call is not overruled by a later one. */
  #explicit = false;

  constructor() {
    this.#early = new EarlyBuffer({
      reader: new ValueReader(createPolicy({})),
      attributeLimit: 128,
      clock: this.#clock,
      maxBytes: EARLY_BYTES,
      onFirst: () => process.once('exit', () => this.#reportStranded()),
    });
    this.#hub = new Hub(this.#early, new LevelTable());
  }

  getLogger(name: string): Logger {
    return this.#hub.getLogger(name);
  }

  withContext<T>(fields: Fields, fn: () => T): T {
    return this.#hub.context.run(this.#hub.intake, fields, fn);
  }

  bindContext(fields: Fields): void {
    if (this.#hub.context.bind(this.#hub.intake, fields)) return;
    this.#diag.warn(
      'bind_outside',
      'bindContext was called outside of any withContext: its fields were ignored. Call it inside withContext(fields, fn)',
    );
  }

  register(options: Options | undefined, automatic: boolean): Logging {
    const running = this.#running;
    if (running !== undefined && (automatic || this.#explicit)) {
      this.#reportIgnored(options);
      return running;
    }
    const resolved = resolveSettings(options, process.env, {
      isTty: process.stdout.isTTY,
      stderrIsTty: process.stderr.isTTY,
      redactionKinds: REDACTION_KINDS,
    });
    const { settings, problems } = resolved;
    if (problems.length > 0 && settings.strict) throw new SettingError(problems);
    for (const problem of problems) this.#diag.warn(`${problem.code} ${problem.setting}`, problemText(problem));
    this.#explicit = !automatic;
    const resource = detectResource(settings, readProcessFacts(), VERSION);
    return this.#start(settings, explainSettings(resolved.origins, resource), resource);
  }

  #start(settings: Settings, origins: readonly SettingOrigin[], resource: ValueMap): Logging {
    const running = (this.#running ??= new RunningLogging(this.#hub, this.#diag, settings));
    const sinks = running.replaceSinks({ settings, resource, origins, scopes: this.#hub.scopes, diag: this.#diag });
    const pipeline = new Pipeline({
      reader: new ValueReader(createPolicy(redactOptions(settings)), settings.limits),
      attributeLimit: settings.limits.attributeCount,
      epoch: running.generation,
      sampler: createSampler(sampleOptions(settings)),
      clock: this.#clock,
      sinks,
      diag: this.#diag,
    });
    this.#hub.levels.configure(settings);
    this.#hub.intake = pipeline;
    this.#flowEarly(pipeline);
    if (running.generation === 1) {
      watchEndings({
        pending: () => running.pending,
        flush: async (timeoutMs) => {
          await running.flush({ timeoutMs });
        },
        flushSync: (timeoutMs) => running.end(timeoutMs),
        crash: (error, origin) => {
          const event = origin === 'uncaughtException' ? 'uncaught_exception' : 'unhandled_rejection';
          this.#hub.log(this.#processScope(), undefined, SEVERITY.fatal, event, undefined, error ?? String(error));
        },
        report: () => running.reportLosses(),
        exitTimeoutMs: settings.limits.exitTimeoutMs,
      });
    }
    if (!settings.disabled) {
      this.#provider ??= new SpanlogLoggerProvider(this.#hub);
      installGlobals(this.#provider, settings.takeOverGlobals, this.#diag);
    }
    return running;
  }

  /** The logger of what happens to the process itself. */
  #processScope(): Scope {
    return (this.#scope ??= this.#hub.createScope('process'));
  }

  /** Records that waited pass the levels, rules and sampling that are now in force. */
  #flowEarly(pipeline: Pipeline): void {
    const { dropped, failed } = this.#early;
    for (const record of this.#early.drain()) {
      if (record.severity < this.#hub.levels.thresholdOf(record.scope.name)) continue;
      pipeline.resume(record);
    }
    if (dropped > 0) pipeline.lose('before_register', dropped);
    if (failed > 0) pipeline.lose('internal_error', failed);
    this.#early.dropped = this.#early.failed = 0;
  }

  #reportIgnored(options: Options | undefined): void {
    const ignored = Object.keys(options ?? {});
    if (ignored.length === 0) return;
    this.#diag.warn(
      'register_again',
      `register() was called again: it returned the running logging and ignored ${ignored.join(', ')}. Call it once, at process start`,
    );
  }

  #reportStranded(): void {
    const count = this.#early.size + this.#early.dropped;
    if (count > 0) {
      this.#diag.warn(
        'never_registered',
        `${count} records were lost: they waited for register(), which was never called. Call register() at process start, or run node --import spanlog/register`,
      );
    }
  }
}

function redactOptions({ redact }: Settings): Parameters<typeof createPolicy>[0] {
  if (redact === false) return false;
  return { ...redact, patterns: Object.fromEntries(redact.patterns), kinds: Object.fromEntries(redact.kinds) };
}

function sampleOptions({ sample }: Settings): Parameters<typeof createSampler>[0] {
  return {
    rate: sample.rate,
    events: Object.fromEntries(sample.events),
    loggers: Object.fromEntries(sample.loggers),
    levels: Object.fromEntries(sample.levels),
  };
}

/** To stderr at once: it may be the last thing this process says, and stdout belongs to the application. */
function writeLine(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Stderr is closed or full. There is nobody left to tell.
  }
}
