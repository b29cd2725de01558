import type { Logger, Logging, Options } from '../../src/index.ts';
import { importSpanlog } from '../import-spanlog.ts';
import type { PeerOptions, RunningPeer } from '../peer.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';

/** More than an encoded record of this load takes, for a queue that holds a known number of them. */
const ROOMY_BYTES_PER_RECORD = 2_048;

/** Makes the call that is measured. */
export type SpanlogCall = (logger: Logger, getLogger: (name: string) => Logger) => RunningPeer['log'];

const plainCall: SpanlogCall = (logger) => (fields) => logger.info(EVENT_NAME, fields);

/** Starts spanlog with an OTLP destination, on its defaults but for `settings`. */
export async function startSpanlog(
  options: PeerOptions,
  settings: Options,
  call: SpanlogCall = plainCall,
): Promise<RunningPeer> {
  const { getLogger, register } = await importSpanlog(options.spanlog, 'index');
  const { otlp } = await importSpanlog(options.spanlog, 'destinations');
  const logging: Logging = register({
    ...settings,
    destinations: [otlp({ endpoint: options.endpoint })],
    ...(options.queue === 'roomy' ? { limits: { queueBytes: options.queueRecords * ROOMY_BYTES_PER_RECORD } } : {}),
  });
  const logger = getLogger(LOGGER_NAME);
  const flush = async (): Promise<void> => {
    await logging.flush();
  };
  return {
    log: call(logger, getLogger),
    debug(fields): void {
      logger.debug(EVENT_NAME, fields);
    },
    pace: flush,
    drain: flush,
  };
}
