import type { Attributes } from '@opentelemetry/api';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { SeverityNumber } from '@opentelemetry/api';
import { BatchLogRecordProcessor, createLoggerConfigurator, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { OrderFields, PeerOptions, RunningPeer } from '../peer.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';

/**
 * The SDK's LoggerProvider with its batch processor, on its defaults, at level INFO. Every peer that ends in the
 * SDK uses this one, so that they differ only in what comes before it.
 */
export function createSdkProvider(exporter: LogRecordExporter, options: PeerOptions): LoggerProvider {
  return new LoggerProvider({
    loggerConfigurator: createLoggerConfigurator([{ pattern: '*', config: { minimumSeverity: SeverityNumber.INFO } }]),
    processors: [
      new BatchLogRecordProcessor({
        exporter,
        ...(options.queue === 'roomy' ? { maxQueueSize: options.queueRecords } : {}),
      }),
    ],
  });
}

/** The Logs API used directly: the leanest way to send a record with the SDK. */
export function startSdkPeer(
  exporter: LogRecordExporter,
  options: PeerOptions,
  attributesOf: (fields: OrderFields) => Attributes = (fields) => fields,
): RunningPeer {
  const provider = createSdkProvider(exporter, options);
  const logger = provider.getLogger(LOGGER_NAME);
  return {
    log(fields: OrderFields): void {
      logger.emit({
        severityNumber: SeverityNumber.INFO,
        severityText: 'INFO',
        eventName: EVENT_NAME,
        body: EVENT_NAME,
        attributes: attributesOf(fields),
      });
    },
    debug(fields: OrderFields): void {
      logger.emit({
        severityNumber: SeverityNumber.DEBUG,
        severityText: 'DEBUG',
        eventName: EVENT_NAME,
        body: EVENT_NAME,
        attributes: attributesOf(fields),
      });
    },
    pace: () => provider.forceFlush(),
    drain: () => provider.forceFlush(),
  };
}
