import { writeSync } from 'node:fs';
import type { Options } from './config/options.ts';
import { resolveSettings } from './config/resolve.ts';
import type { Settings } from './config/resolved-settings.ts';
import type { SettingOrigin } from './config/setting-reader.ts';
import { AuditRules } from './core/audit-rules.ts';
import type { Clock } from './core/clock.ts';
import type { Diag, OnceDiag, Redact } from './core/diag.ts';
import { ErrorRules } from './core/error-rules.ts';
import { problemText, SettingError } from './core/errors.ts';
import { SEVERITY } from './core/level.ts';
import { RetentionRules } from './core/retention-rules.ts';
import { ValueReader } from './core/read-value.ts';
import type { Scope } from './core/record.ts';
import { RedactionCounts } from './core/redaction-counts.ts';
import { RecordUids } from './core/record-uid.ts';
import type { RecordSink, Sink } from './core/sink.ts';
import { toPlain, ValueMap } from './core/value.ts';
import { watchEndings } from './export/exit.ts';
import { createUnrefdAfter } from './export/timers.ts';
import { thrownValue } from './logger/exception.ts';
import type { Hub } from './logger/hub.ts';
import { levelsText } from './pipeline/own-record.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { KeyedHash } from './pipeline/redact/keyed-hash.ts';
import { checkRedactOptions, createPolicy, KIND_FACTS } from './pipeline/redact/policy.ts';
import { createSampler } from './pipeline/sample.ts';
import type { SampleRates } from './pipeline/sample.ts';
import type { RunningLogging } from './running-logging.ts';
import { startRecorder } from './start-recorder.ts';
import { destinationViews } from './start-sinks.ts';

/** The record by which the end of an audit chain is known elsewhere. */
const AUDIT_ANCHOR = 'spanlog.audit_anchor';

/** One resolved configuration: what is in force, where it came from, and who is logging. */
export interface Configuration {
  readonly settings: Settings;
  readonly origins: readonly SettingOrigin[];
  readonly resource: ValueMap;
  /** Reads values by the rules of the settings; compiled once for the resource and the records. */
  readonly reader: ValueReader;
}

/**
 * Settings from code, environment and defaults; each problem is said once, by the redaction rules of those very settings.
 *
 * @throws SettingError when `strict` and something is wrong
 */
export function readSettings(
  options: Options | undefined,
  diag: OnceDiag,
  redactions: RedactionCounts = new RedactionCounts(),
): Omit<Configuration, 'resource'> {
  const { settings, problems, origins } = resolveSettings(options, process.env, {
    isTty: process.stdout.isTTY,
    stderrIsTty: process.stderr.isTTY,
    ...KIND_FACTS,
  });
  // What is wrong with a pattern or a path only redaction knows, and configuration can't ask it.
  const all = [...problems, ...checkRedactOptions(redactOptions(settings))];
  if (all.length > 0 && settings.strict) throw new SettingError(all);
  const reader = createReader(settings, redactions);
  diag.rules = (text) => reader.policy.text(text);
  diag.threshold = settings.diagnosticLevel;
  for (const problem of all) diag.warn(`${problem.code} ${problem.setting}`, problemText(problem));
  return { settings, origins, reader };
}

/** For texts that diagnostics quote, whatever the settings say. */
export function defaultRedactor(counts: RedactionCounts): Redact {
  const policy = createPolicy({}, { counts });
  return (text) => policy.text(text);
}

/** What reads values by the rules of the settings. */
function createReader(settings: Settings, counts: RedactionCounts): ValueReader {
  const { key, keyId } = settings.redactionHash;
  const hash = key === undefined ? undefined : new KeyedHash(key, keyId);
  const views = destinationViews(settings).policies;
  return new ValueReader(createPolicy(redactOptions(settings), { views, hash, counts }), settings.limits);
}

/**
 * The resource as it may be shown: its attributes come from the environment and go out with every record. The limit on
 * attribute values does not apply to them (OTel: resource attributes are exempt).
 */
export function redactedResource(resource: ValueMap, reader: ValueReader): ValueMap {
  const { policy } = reader;
  const redacted = new ValueMap();
  reader.begin();
  for (let i = 0; i < resource.keys.length; i++) {
    const key = resource.keys[i] as string;
    const value = toPlain(resource.values[i] ?? null);
    const { shown, hides } = policy.key(key);
    const kind = hides ?? policy.path?.([key]);
    // Two keys that look alike once they are redacted must not replace one another.
    const name = redacted.keys.includes(shown) ? `${shown} (entry ${i + 1})` : shown;
    redacted.set(name, kind === undefined ? reader.readBody(value) : policy.hide(kind, value));
  }
  return redacted;
}

/** Starts sinks and a pipeline for the configuration and makes them what the hub's loggers write to. */
export function startPipeline(
  running: RunningLogging,
  hub: Hub,
  configuration: Configuration,
  clock: Clock,
  diag: Diag,
): Pipeline {
  const { settings } = configuration;
  // While its destinations still stand: what it holds is counted there.
  hub.useRecorder(undefined);
  const sinks = running.replaceSinks({ ...configuration, scopes: hub.scopes, diag });
  const audit = auditRules(settings);
  const events = running.replaceEvents(settings);
  const retention = retentionRules(settings);
  const uids = settings.recordUid ? new RecordUids() : undefined;
  const scope = running.ownScope;
  const pipeline = new Pipeline({
    reader: configuration.reader,
    attributeLimit: settings.limits.attributeCount,
    epoch: running.generation,
    sampler: createSampler(sampleRates(settings)),
    clock,
    sinks,
    diag,
    errors: new ErrorRules(settings.expectedErrors),
    uids,
    audit,
    events,
    retention,
    volume: { settings, scope, after: createUnrefdAfter() },
  });
  running.tellHeld = (last) => pipeline.tellHeld(last);
  tellDrops(sinks, hub, scope);
  tellAnchors(sinks, hub, scope);
  hub.levels.configure(settings);
  hub.levels.setEventLevels(settings.policy.levels);
  hub.levels.exempt(audit);
  hub.intake = pipeline;
  const recorderParts = { sinks, scopes: hub.scopes, clock, time: hub.time, uids, retention };
  hub.useRecorder(startRecorder(settings.flightRecorder, recorderParts));
  return pipeline;
}

/** What a destination had to drop for want of room becomes a record of its own, for all destinations. */
function tellDrops(sinks: readonly Sink[], hub: Hub, scope: Scope): void {
  for (const sink of sinks) {
    sink.onDrops = ({ reason, count, levels, firstMs, lastMs }) => {
      hub.emit(scope, {
        eventName: 'spanlog.records_dropped',
        severity: SEVERITY.warn,
        severityText: '',
        body: `dropped ${levelsText(levels)}, ${reason}`,
        attributes: {
          destination: sink.name,
          reason,
          count,
          levels,
          first_at: new Date(firstMs).toISOString(),
          last_at: new Date(lastMs).toISOString(),
        },
        error: undefined,
        time: undefined,
        span: undefined,
      });
    };
  }
}

/** Where an audit trail ends becomes a record of the other destinations: a file that was cut or made anew does not match it. */
function tellAnchors(sinks: readonly Sink[], hub: Hub, scope: Scope): void {
  for (const { name, audit } of sinks as readonly Partial<RecordSink>[]) {
    if (audit === undefined) continue;
    audit.onAnchor = ({ file, seq, head }) => {
      hub.emit(scope, {
        eventName: AUDIT_ANCHOR,
        severity: SEVERITY.info,
        severityText: '',
        body: AUDIT_ANCHOR,
        attributes: { destination: name, file, seq, head },
        error: undefined,
        time: undefined,
        span: undefined,
      });
    };
  }
}

/** Brings pending records out however the process ends, and logs the error that ends it. */
export function watchProcess(running: RunningLogging, hub: Hub, exitTimeoutMs: number): () => void {
  let scope: Scope | undefined;
  const { threads } = running;
  const lose = (name: string, count: number): void => running.loseThread(name, count);
  const unwatchThreads = threads.watch(lose);
  const unwatchEndings = watchEndings({
    pending: () => running.pending,
    flush: async (timeoutMs) => {
      threads.ask();
      await running.flush({ timeoutMs });
    },
    flushSync: (timeoutMs, last) => {
      const deadline = performance.now() + timeoutMs;
      // They deliver while this thread does.
      threads.ask();
      running.end(timeoutMs, last);
      threads.settle(Math.max(0, deadline - performance.now()), lose);
    },
    crash: (error, origin) => {
      const event = origin === 'uncaughtException' ? 'uncaught_exception' : 'unhandled_rejection';
      scope ??= hub.createScope('process');
      hub.recorder?.releaseAll();
      hub.log(scope, undefined, SEVERITY.fatal, event, undefined, thrownValue(error));
    },
    report: () => running.reportLosses(),
    exitTimeoutMs,
  });
  return () => {
    unwatchThreads();
    unwatchEndings();
  };
}

function retentionRules({ policy }: Settings): RetentionRules | undefined {
  const rules = new RetentionRules(policy.retention, policy.catalogue?.declared);
  return rules.isActive ? rules : undefined;
}

/** Which records are audit records: here further sources of names join those of the settings. */
function auditRules({ audit, policy }: Settings): AuditRules | undefined {
  const declared = [...(policy.catalogue?.declared.values() ?? [])].filter((event) => event.audit);
  const rules = new AuditRules([...audit.events, ...declared.map(({ name }) => name)], audit.loggers);
  return rules.isActive ? rules : undefined;
}

function redactOptions({ redact }: Settings): Parameters<typeof createPolicy>[0] {
  if (redact === false) return false;
  return {
    ...redact,
    patterns: Object.fromEntries(redact.patterns),
    kinds: Object.fromEntries(redact.kinds),
    mask: Object.fromEntries(redact.mask),
  };
}

/** Shares as the sampler takes them. */
export function sampleRates({ sample }: Settings): SampleRates {
  return {
    rate: sample.rate,
    events: Object.fromEntries(sample.events),
    loggers: Object.fromEntries(sample.loggers),
    levels: Object.fromEntries(sample.levels),
  };
}

/** To stderr at once: it may be the last thing this process says, and stdout belongs to the application. */
export function writeLine(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Stderr is closed or full. There is nobody left to tell.
  }
}
