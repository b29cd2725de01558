import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import { logs } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import type { pino as createPino } from 'pino';
import type { OrderFields, Peer } from '../peer.ts';
import { EVENT_NAME } from '../peer.ts';
import { createSdkProvider } from './sdk-provider.ts';

export const peer: Peer = {
  title: 'pino + instrumentation-pino',
  packages: ['pino', '@opentelemetry/instrumentation-pino', '@opentelemetry/exporter-logs-otlp-proto'],
  start(options) {
    const provider = createSdkProvider(new OTLPLogExporter({ url: `${options.endpoint}/v1/logs` }), options);
    logs.setGlobalLoggerProvider(provider);
    const instrumentation = new PinoInstrumentation();
    instrumentation.enable();
    // Patched as it is loaded, so it has to be required after the instrumentation, not imported before it.
    const { pino } = createRequire(import.meta.url)('pino') as { pino: typeof createPino };
    // pino's own line goes nowhere: what a terminal or a file costs is not the question here.
    const nowhere = new Writable({ write: (_line, _encoding, callback) => callback() });
    const logger = pino({ level: 'info' }, nowhere);
    return Promise.resolve({
      log(fields: OrderFields): void {
        logger.info(fields, EVENT_NAME);
      },
      debug(fields: OrderFields): void {
        logger.debug(fields, EVENT_NAME);
      },
      pace: () => provider.forceFlush(),
      drain: () => provider.forceFlush(),
    });
  },
};
