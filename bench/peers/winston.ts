import { logs as olderLogsApi } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport';
import winston from 'winston';
import type { OrderFields, Peer } from '../peer.ts';
import { EVENT_NAME } from '../peer.ts';
import { createSdkProvider } from './sdk-provider.ts';

export const peer: Peer = {
  title: 'winston + otel transport',
  packages: ['winston', '@opentelemetry/winston-transport', '@opentelemetry/exporter-logs-otlp-proto'],
  start(options) {
    const provider = createSdkProvider(new OTLPLogExporter({ url: `${options.endpoint}/v1/logs` }), options);
    // The transport emits into the global of `api-logs`, which an SDK 3.x no longer sets: without this line
    // nothing would arrive.
    olderLogsApi.setGlobalLoggerProvider(provider);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the transport's types name another class
    const logger = winston.createLogger({ level: 'info', transports: [new OpenTelemetryTransportV3()] });
    return Promise.resolve({
      log(fields: OrderFields): void {
        logger.info(EVENT_NAME, fields);
      },
      debug(fields: OrderFields): void {
        logger.debug(EVENT_NAME, fields);
      },
      pace: () => provider.forceFlush(),
      drain: () => provider.forceFlush(),
    });
  },
};
