import { once } from 'node:events';
import { trace } from '@opentelemetry/api';
import pino from 'pino';
import type { OrderFields, Peer } from '../peer.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';

/** The transport reads the trace from these names; its readme sends people to a mixin like this one. */
function activeTrace(): object {
  const spanContext = trace.getActiveSpan()?.spanContext();
  if (spanContext === undefined) return {};
  return {
    trace_id: spanContext.traceId,
    span_id: spanContext.spanId,
    trace_flags: spanContext.traceFlags,
  };
}

export const peer: Peer = {
  title: 'pino + pino-opentelemetry-transport',
  packages: ['pino', 'pino-opentelemetry-transport'],
  start(options) {
    const transport = pino.transport({
      target: 'pino-opentelemetry-transport',
      options: {
        loggerName: LOGGER_NAME,
        serviceVersion: '1.0.0',
        logRecordProcessorOptions: {
          exporterOptions: {
            protocol: 'http/protobuf',
            protobufExporterOptions: { url: `${options.endpoint}/v1/logs` },
          },
          ...(options.queue !== 'default' ? { processorConfig: { maxQueueSize: options.queueRecords } } : {}),
        },
      },
    });
    const logger = pino({ level: 'info', mixin: activeTrace }, transport);
    return Promise.resolve({
      log(fields: OrderFields): void {
        logger.info(fields, EVENT_NAME);
      },
      debug(fields: OrderFields): void {
        logger.debug(fields, EVENT_NAME);
      },
      pace: () =>
        new Promise<void>((resolve, reject) => {
          logger.flush((error) => {
            if (error) reject(error);
            else resolve();
          });
        }),
      // The batch lives in the transport's worker, which has no way to ask for a flush: ending it is the only one.
      async drain(): Promise<void> {
        const closed = once(transport, 'close');
        transport.end();
        await closed;
      },
    });
  },
};
