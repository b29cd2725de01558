import type { FastifyInstance } from 'fastify';

export interface ServerOptions {
  /** Base URL of the Collector's OTLP/HTTP receiver, without a path. */
  endpoint: string;
  spanlog: 'built' | 'source';
  /** How many requests will come in all, for a queue that must hold what they log. */
  requests: number;
}

/** A server that is ready to listen. */
export interface RequestServer {
  app: FastifyInstance;
  /** Settles once all that was logged is delivered; with how many records the logger says it emitted, if it says. */
  drain: () => Promise<{ emitted?: number }>;
}

/** What a file in `servers/` exports as `server`. */
export interface ServerKind {
  /** The row's name in the table. */
  title: string;
  ours: boolean;
  /** The packages whose versions the results name. */
  packages: readonly string[];
  /** Lines or records that it logs a request. */
  linesPerRequest: number;
  /** Lines that say that the server listens. */
  linesAtStart: number;
  /** Whether they go to the Collector, where they are counted; otherwise to stdout, which is `/dev/null`. */
  delivers: boolean;
  start: (options: ServerOptions) => Promise<RequestServer>;
}
