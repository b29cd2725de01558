import type { PeerName } from '../../bench/peer-list.ts';
import { loadPeer } from '../../bench/peer-list.ts';
import type { OrderFields, PeerOptions } from '../../bench/peer.ts';

/** What the application logs with. */
export interface Running {
  log(fields: OrderFields): void;
}

export interface StartOptions {
  /** Base URL of the Collector's OTLP/HTTP receiver. */
  readonly endpoint: string;
  /** Where those write that send nothing. */
  readonly file: string;
  readonly spanlog: PeerOptions['spanlog'];
}

export interface SetUp {
  /** Heading of its row. */
  readonly title: string;
  readonly ours: boolean;
  /** The row of the bench that it is, for the versions. */
  readonly peer: PeerName;
  /** Where its records are counted. */
  readonly target: 'collector' | 'file';
  /** Set for spanlog's. */
  readonly durability?: 'memory' | 'disk' | 'sync';
  /** Works in a thread of its own, which gets the time to start that it has in an application. */
  readonly inThread?: true;
  readonly start: (options: StartOptions) => Promise<Running>;
}

const spanlog = (durability: 'memory' | 'disk' | 'sync'): SetUp => ({
  title: `spanlog, \`${durability}\``,
  ours: true,
  peer: 'spanlog',
  target: 'collector',
  durability,
  start: (options) => startPeer('spanlog', options),
});

/** One row each, in this order. A process loads the code of its own one only. The rows of spanlog differ by SPANLOG_DURABILITY alone. */
export const SET_UPS = {
  'spanlog-memory': spanlog('memory'),
  'spanlog-disk': spanlog('disk'),
  'spanlog-sync': spanlog('sync'),
  'sdk-logs': {
    title: 'sdk-logs, batch processor, OTLP',
    ours: false,
    peer: 'sdk-logs-proto',
    target: 'collector',
    start: (options) => startPeer('sdk-logs-proto', options),
  },
  'sdk-logs-shutdown': {
    title: 'sdk-logs, shut down on SIGTERM and `beforeExit`',
    ours: false,
    peer: 'sdk-logs-proto',
    target: 'collector',
    start: async (options) => (await import('./sdk-with-shutdown.ts')).startSdkWithShutdown(options),
  },
  winston: {
    title: 'winston, OTel transport',
    ours: false,
    peer: 'winston',
    target: 'collector',
    start: (options) => startPeer('winston', options),
  },
  'pino-otlp': {
    title: 'pino, pino-opentelemetry-transport',
    ours: false,
    peer: 'pino-opentelemetry-transport',
    target: 'collector',
    inThread: true,
    start: (options) => startPeer('pino-opentelemetry-transport', options),
  },
  'pino-file': {
    title: 'pino, `pino.transport` to a file, nothing sent',
    ours: false,
    peer: 'pino-opentelemetry-transport',
    target: 'file',
    inThread: true,
    start: async (options) => (await import('./pino-to-file.ts')).startPinoInThread(options.file),
  },
  'pino-file-sync': {
    title: 'pino, `sync: true` to a file, nothing sent',
    ours: false,
    peer: 'pino-opentelemetry-transport',
    target: 'file',
    start: async (options) => (await import('./pino-to-file.ts')).startPinoSync(options.file),
  },
} as const satisfies Record<string, SetUp>;

export type SetUpName = keyof typeof SET_UPS;
export const SET_UP_NAMES = Object.keys(SET_UPS) as SetUpName[];

/** The names are a union of literals; as a SetUp each has all of its optional parts. */
export function setUpOf(name: SetUpName): SetUp {
  return SET_UPS[name];
}

async function startPeer(name: PeerName, { endpoint, spanlog: from }: StartOptions): Promise<Running> {
  const { start } = await loadPeer(name);
  return start({ endpoint, spanlog: from, queue: 'default', queueRecords: 0 });
}
