import { once } from 'node:events';
import { trace } from '@opentelemetry/api';
import pino from 'pino';
import type { OrderFields, PeerOptions, RunningPeer } from '../peer.ts';
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

type Transport = ReturnType<typeof pino.transport>;

/** The transport's worker on its defaults, but for a queue that is raised where nothing may be lost. */
export function startTransport(options: Pick<PeerOptions, 'endpoint' | 'queue' | 'queueRecords'>): Transport {
  return pino.transport({
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
}

/** The batch lives in the transport's worker, which has no way to ask for a flush: ending it is the only one. */
export async function endTransport(transport: Transport): Promise<void> {
  const closed = once(transport, 'close');
  transport.end();
  await closed;
}

/** pino with the transport; a child logger when there are bindings. */
export function startPinoTransport(options: PeerOptions, bindings?: pino.Bindings): RunningPeer {
  const transport = startTransport(options);
  const root = pino({ level: 'info', mixin: activeTrace }, transport);
  const logger = bindings === undefined ? root : root.child(bindings);
  return {
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
    drain: () => endTransport(transport),
  };
}
