import { setTimeout as delay } from 'node:timers/promises';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { SpanlogLoggerProvider } from './bridges/otel-globals.ts';
import type { OtelLogger } from './bridges/otel-logger.ts';
import { explainSettings } from './config/explain.ts';
import type { Options } from './config/options.ts';
import { detectResource, readProcessFacts } from './config/resource.ts';
import { Clock } from './core/clock.ts';
import { OnceDiag } from './core/diag.ts';
import { RedactionCounts } from './core/redaction-counts.ts';
import { ValueMap } from './core/value.ts';
import { hiddenForm } from './core/view.ts';
import { Hub } from './logger/hub.ts';
import { LevelTable } from './logger/level-table.ts';
import type { Logging } from './logging.ts';
import { EarlyBuffer } from './pipeline/early-buffer.ts';
import { RunningLogging } from './running-logging.ts';
import {
  defaultRedactor,
  redactedResource,
  readSettings,
  startPipeline,
  watchProcess,
  writeLine,
} from './start-pipeline.ts';
import { VERSION } from './version.ts';

/** What sdk-logs hands to `onEmit`, of any version that has this shape. */
type SdkRecord = Parameters<LogRecordProcessor['onEmit']>[0];
type SdkScope = SdkRecord['instrumentationScope'];

/** A flush waits for a resource's attributes this long. */
const SETTLE_TIMEOUT_MS = 1_000;

/** A processor that owns a whole pipeline; `ledger`, `redactions` and `explain` are those of `register`'s handle. */
export type SpanlogProcessor = LogRecordProcessor & Pick<Logging, 'ledger' | 'redactions' | 'explain'>;

/**
 * Our pipeline and shipper as one `LogRecordProcessor`: give it to NodeSDK or a LoggerProvider in place of a batch
 * processor and an exporter. The resource is the provider's, with what we detect beneath it: where both say something,
 * `service.name` for one, the provider is right, or logs would go by another name than its spans.
 *
 * Its attributes that resolve later are sent by OTLP destinations from then on; other destinations show those that were
 * known at the first record.
 *
 * It is independent of `register`: own destinations, own ledger, flushed at the end of the process like ours.
 *
 * `forceFlush` and `shutdown` resolve at their deadline at the latest (`timeoutMillis`, `limits.flushTimeoutMs`) and never
 * reject; `ledger()` says what became of the records.
 *
 * @throws SettingError with `strict: true`, when a setting is bad
 */
export function spanlogProcessor(options?: Options): SpanlogProcessor {
  const redactions = new RedactionCounts();
  const diag = new OnceDiag(writeLine, defaultRedactor(redactions));
  const { settings, origins, reader } = readSettings(options, diag, redactions);
  const clock = new Clock();
  const idle = new EarlyBuffer({
    reader,
    attributeLimit: 0,
    clock,
    maxBytes: 0,
    onFirst: () => undefined,
  });
  const hub = new Hub(idle, new LevelTable());
  const provider = new SpanlogLoggerProvider(hub);
  const running = new RunningLogging(hub, diag, settings, { owner: 'processor', redactions });
  /** By the scope's object, of which the SDK makes one for each logger. */
  const loggers = new WeakMap<SdkScope, OtelLogger>();
  let unwatch: (() => void) | undefined;
  /** Pending while the provider's resource is. A flush waits for it, as the SDK's own processors do. */
  let settled: Promise<void> | undefined;

  /** Writes what the provider knows of itself over what we detected. */
  const learn = (resource: ValueMap, attributes: unknown): void => {
    reader.begin();
    const given = hiddenForm(reader.read(attributes));
    if (given instanceof ValueMap) given.keys.forEach((key, i) => resource.set(key, given.values[i] ?? null));
  };

  /** Once, when the provider's resource is known: at the first record. */
  const start = (record?: SdkRecord): void => {
    const given = record?.resource;
    const resource = redactedResource(detectResource(settings, readProcessFacts(), VERSION), reader);
    learn(resource, given?.attributes);
    // Detectors may still be at work: host.id, for one, is read from a file.
    if (given?.asyncAttributesPending === true) settled = settle(given, () => learn(resource, given.attributes));
    const configuration = { settings, origins: explainSettings(origins, resource), resource, reader };
    const pipeline = startPipeline(running, hub, configuration, clock, diag);
    pipeline.lose('internal_error', idle.failed);
    unwatch = watchProcess(running, hub, settings.limits.exitTimeoutMs);
  };

  const loggerOf = (scope: SdkScope): OtelLogger => {
    let logger = loggers.get(scope);
    if (logger === undefined) {
      const { name, version, schemaUrl, attributes } = scope as SdkScope & { attributes?: object };
      logger = provider.getLogger(name, version, {
        ...(schemaUrl !== undefined && { schemaUrl }),
        ...(attributes !== undefined && { attributes }),
      });
      loggers.set(scope, logger);
    }
    return logger;
  };

  return {
    onEmit(record) {
      try {
        if (unwatch === undefined) start(record);
        const { spanContext } = record;
        loggerOf(record.instrumentationScope).emit({
          ...(record.eventName !== undefined && { eventName: record.eventName }),
          ...(record.severityNumber !== undefined && { severityNumber: record.severityNumber }),
          ...(record.severityText !== undefined && { severityText: record.severityText }),
          timestamp: record.hrTime,
          body: record.body,
          attributes: record.attributes,
          // The SDK decided which trace the record is of: what is active here and now has no say.
          context: spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext),
        });
      } catch (error) {
        // A getter of the record threw, which is no SDK's own. The caller must not pay for it.
        hub.intake.fail(error);
      }
    },
    async forceFlush(options) {
      await settled;
      await running.flush(options?.timeoutMillis === undefined ? {} : { timeoutMs: options.timeoutMillis });
    },
    async shutdown() {
      // Without a pipeline, records that come later would be counted nowhere.
      if (unwatch === undefined) start();
      await settled;
      await running.shutdown();
      unwatch?.();
      running.reportLosses();
    },
    ledger: () => running.ledger(),
    redactions: () => running.redactions(),
    explain: () => (unwatch === undefined ? origins : running.explain()),
  };
}

/** Resolves when `learn` has been called with all attributes there, or after a second without them. Never rejects. */
function settle(resource: SdkRecord['resource'], learn: () => void): Promise<void> {
  const known = Promise.resolve(resource.waitForAsyncAttributes?.()).then(learn, learn);
  return Promise.race([known, delay(SETTLE_TIMEOUT_MS, undefined, { ref: false })]);
}
