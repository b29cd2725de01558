import type { Peer } from '../peer.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';
import type { SpanlogCall } from './spanlog-logger.ts';
import { startSpanlog } from './spanlog-logger.ts';

const LOGGERS = 1_000;

/** Loggers take turns, call by call. */
const callInTurn: SpanlogCall = (_logger, getLogger) => {
  const loggers = Array.from({ length: LOGGERS }, (_, index) => getLogger(`${LOGGER_NAME}.${index}`));
  let turn = 0;
  return (fields) => loggers[turn++ % LOGGERS]?.info(EVENT_NAME, fields);
};

export const peer: Peer = {
  title: 'spanlog, 1,000 loggers',
  packages: [],
  start: (options) => startSpanlog(options, {}, callInTurn),
};
