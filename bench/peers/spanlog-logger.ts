import type * as destinationsModule from '../../src/destinations.ts';
import type * as mainModule from '../../src/index.ts';
import type { Logging, Options } from '../../src/index.ts';
import type { OrderFields, PeerOptions, RunningPeer } from '../peer.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';

/** More than an encoded record of this load takes, for a queue that holds a known number of them. */
const ROOMY_BYTES_PER_RECORD = 2_048;

/** Starts spanlog with an OTLP destination, on its defaults but for `settings`; loggers take turns, call by call. */
export async function startSpanlog(options: PeerOptions, settings: Options, loggerCount = 1): Promise<RunningPeer> {
  const { getLogger, otlp, register } = await load(options.spanlog);
  const logging: Logging = register({
    ...settings,
    destinations: [otlp({ endpoint: options.endpoint })],
    ...(options.queue === 'roomy' ? { limits: { queueBytes: options.queueRecords * ROOMY_BYTES_PER_RECORD } } : {}),
  });
  const logger = getLogger(LOGGER_NAME);
  const loggers = Array.from({ length: loggerCount }, (_, index) => getLogger(`${LOGGER_NAME}.${index}`));
  let turn = 0;
  const logInTurn = (fields: OrderFields): void => {
    loggers[turn++ % loggerCount]?.info(EVENT_NAME, fields);
  };
  const flush = async (): Promise<void> => {
    await logging.flush();
  };
  return {
    log: loggerCount > 1 ? logInTurn : (fields) => logger.info(EVENT_NAME, fields),
    debug(fields: OrderFields): void {
      logger.debug(EVENT_NAME, fields);
    },
    pace: flush,
    drain: flush,
  };
}

type Spanlog = Pick<typeof mainModule, 'getLogger' | 'register'> & Pick<typeof destinationsModule, 'otlp'>;

async function load(from: PeerOptions['spanlog']): Promise<Spanlog> {
  // Not constants, or the compiler would look for a package that isn't built yet.
  const [main, destinations]: [string, string] =
    from === 'built' ? ['spanlog', 'spanlog/destinations'] : ['../../src/index.ts', '../../src/destinations.ts'];
  return {
    ...((await import(main)) as typeof mainModule),
    ...((await import(destinations)) as typeof destinationsModule),
  };
}
