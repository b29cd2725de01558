import { SeverityNumber } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { EVENT_NAME, LOGGER_NAME } from '../../bench/peer.ts';
import { createSdkProvider } from '../../bench/peers/sdk-provider.ts';
import type { Running, StartOptions } from './set-ups.ts';

/** As OpenTelemetry's guides for Node have it: the SDK is shut down on SIGTERM, which then exits, and on `beforeExit`. */
export function startSdkWithShutdown({ endpoint, spanlog }: StartOptions): Running {
  const provider = createSdkProvider(new OTLPLogExporter({ url: `${endpoint}/v1/logs` }), {
    endpoint,
    spanlog,
    queue: 'default',
    queueRecords: 0,
  });
  const shutDown = (): Promise<void> =>
    provider.shutdown().catch((error: unknown) => console.error('the SDK did not shut down', error));
  process.on('SIGTERM', () => void shutDown().finally(() => process.exit(0)));
  process.once('beforeExit', () => void shutDown());

  const logger = provider.getLogger(LOGGER_NAME);
  return {
    log: (attributes) =>
      logger.emit({
        severityNumber: SeverityNumber.INFO,
        severityText: 'INFO',
        eventName: EVENT_NAME,
        body: EVENT_NAME,
        attributes,
      }),
  };
}
