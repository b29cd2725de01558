import { configure, getLogger } from '@logtape/logtape';
import { getOpenTelemetrySink } from '@logtape/otel';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { OrderFields, Peer } from '../peer.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';
import { createSdkProvider } from './sdk-provider.ts';

export const peer: Peer = {
  title: 'LogTape + otel sink',
  packages: ['@logtape/logtape', '@logtape/otel', '@opentelemetry/exporter-logs-otlp-proto'],
  async start(options) {
    const provider = createSdkProvider(new OTLPLogExporter({ url: `${options.endpoint}/v1/logs` }), options);
    await configure({
      sinks: { otel: getOpenTelemetrySink({ loggerProvider: provider }) },
      loggers: [
        { category: LOGGER_NAME, lowestLevel: 'info', sinks: ['otel'] },
        { category: ['logtape', 'meta'], lowestLevel: 'error', sinks: [] },
      ],
    });
    const logger = getLogger(LOGGER_NAME);
    return {
      log(fields: OrderFields): void {
        logger.info(EVENT_NAME, fields);
      },
      debug(fields: OrderFields): void {
        logger.debug(EVENT_NAME, fields);
      },
      pace: () => provider.forceFlush(),
      drain: () => provider.forceFlush(),
    };
  },
};
