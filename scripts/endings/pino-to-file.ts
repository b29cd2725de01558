import pino from 'pino';
import { EVENT_NAME } from '../../bench/peer.ts';
import type { Running } from './set-ups.ts';

/** pino's transport for files, in its thread. */
export function startPinoInThread(destination: string): Running {
  return startPino(pino(pino.transport({ target: 'pino/file', options: { destination } })));
}

/** One write for each call, before it returns; without `sync` pino writes later. */
export function startPinoSync(dest: string): Running {
  return startPino(pino(pino.destination({ dest, sync: true })));
}

function startPino(logger: pino.Logger): Running {
  return { log: (fields) => logger.info(fields, EVENT_NAME) };
}
