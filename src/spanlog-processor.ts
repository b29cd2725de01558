import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { SpanlogLoggerProvider } from './bridges/otel-globals.ts';
import type { Options } from './config/options.ts';
import { detectResource, readProcessFacts } from './config/resource.ts';
import { Clock } from './core/clock.ts';
import { OnceDiag } from './core/diag.ts';
import { ValueReader } from './core/read-value.ts';
import { ValueMap } from './core/value.ts';
import { Hub } from './logger/hub.ts';
import { LevelTable } from './logger/level-table.ts';
import type { Logging } from './logging.ts';
import { EarlyBuffer } from './pipeline/early-buffer.ts';
import { createPolicy } from './pipeline/redact.ts';
import { RunningLogging } from './running-logging.ts';
import { readSettings, startPipeline, watchProcess, writeLine } from './start-pipeline.ts';
import { VERSION } from './version.ts';

/** What sdk-logs hands to `onEmit`, of any version that has this shape. */
type SdkRecord = Parameters<LogRecordProcessor['onEmit']>[0];

/** A processor that owns a whole pipeline; its `ledger` and `explain` are those of `register`'s handle. */
export type SpanlogProcessor = LogRecordProcessor & Pick<Logging, 'ledger' | 'explain'>;

/**
 * Our pipeline and shipper as one `LogRecordProcessor`: give it to NodeSDK or a LoggerProvider in place of a batch
 * processor and an exporter. The resource is the provider's, with what we detect beneath it.
 *
 * It is independent of `register`: own destinations, own ledger, flushed at the end of the process like ours.
 *
 * @throws SettingError with `strict: true`, when a setting is bad
 */
export function spanlogProcessor(options?: Options): SpanlogProcessor {
  const diag = new OnceDiag(writeLine);
  const { settings, origins } = readSettings(options, diag);
  const clock = new Clock();
  const idle = new EarlyBuffer({
    reader: new ValueReader(createPolicy({})),
    attributeLimit: 0,
    clock,
    maxBytes: 0,
    onFirst: () => undefined,
  });
  const hub = new Hub(idle, new LevelTable());
  const provider = new SpanlogLoggerProvider(hub);
  const running = new RunningLogging(hub, diag, settings);
  let started = false;

  /** At the first record, which is the first to know the provider's resource. */
  const start = (record: SdkRecord): void => {
    started = true;
    const { reader } = hub.intake;
    reader.begin();
    const given = reader.read(record.resource.attributes);
    const resource = detectResource(settings, readProcessFacts(), VERSION);
    if (given instanceof ValueMap) given.keys.forEach((key, i) => resource.set(key, given.values[i] ?? null));
    startPipeline(running, hub, { settings, origins, resource }, clock, diag);
    watchProcess(running, hub, settings.limits.exitTimeoutMs);
  };

  return {
    onEmit(record) {
      if (!started) start(record);
      const { name, version, schemaUrl } = record.instrumentationScope;
      provider.getLogger(name, version, schemaUrl === undefined ? undefined : { schemaUrl }).emit({
        ...(record.eventName !== undefined && { eventName: record.eventName }),
        ...(record.severityNumber !== undefined && { severityNumber: record.severityNumber }),
        ...(record.severityText !== undefined && { severityText: record.severityText }),
        timestamp: record.hrTime,
        body: record.body,
        attributes: record.attributes,
        context:
          record.spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, record.spanContext),
      });
    },
    async forceFlush() {
      await running.flush();
    },
    async shutdown() {
      await running.shutdown();
    },
    ledger: () => running.ledger(),
    explain: () => origins,
  };
}
