import type { ServerName } from './server-list.ts';
import type { ServerOptions } from './server.ts';

/** What a server's process is started with. */
export interface ServerTask extends ServerOptions {
  server: ServerName;
}

/** What the process of the load is started with. */
export interface LoadTask {
  port: number;
  /** Requests whose answers are measured. */
  requests: number;
  /** Requests that go first. */
  warmUpRequests: number;
  /** Connections, each with one request at a time. */
  connections: number;
}

export type FromServer =
  | { kind: 'listening'; port: number }
  | { kind: 'begun' }
  /** CPU of the whole process since it was told to begin, and what the logger says it emitted, if it says. */
  | { kind: 'drained'; cpuNs: number; emitted?: number };

export type ToServer = { kind: 'begin' } | { kind: 'drain' };

export type FromLoad = { kind: 'warm' } | { kind: 'measured'; requestsPerSecond: number; p99Ms: number };

export interface ToLoad {
  kind: 'go';
}
