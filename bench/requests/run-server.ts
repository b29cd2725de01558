import { fileURLToPath } from 'node:url';
import type { Collector } from '../../test/support/collector.ts';
import { waitForAccepted } from '../wait-for-accepted.ts';
import { ForkedProcess } from './forked-process.ts';
import type { FromLoad, FromServer, LoadTask, ServerTask, ToLoad, ToServer } from './messages.ts';
import type { ServerName } from './server-list.ts';
import { loadServer } from './server-list.ts';

const SERVER_PROCESS = fileURLToPath(new URL('server-process.ts', import.meta.url));
const LOAD_PROCESS = fileURLToPath(new URL('load-process.ts', import.meta.url));

/** One server under one load. */
export interface RequestRun extends Omit<LoadTask, 'port'> {
  server: ServerName;
  /** Base URL of the OTLP/HTTP receiver. */
  endpoint: string;
  spanlog: 'built' | 'source';
}

export interface RequestFigures {
  requestsPerSecond: number;
  p99Ms: number;
  /** Processor time of the server's process, its other threads included, until all is delivered. */
  cpuNsPerRequest: number;
}

/**
 * Runs a server in one process and its load in another. Rejects when either fails, when an answer is no 200, and when
 * the Collector did not accept exactly what the requests had to log, those of the warm-up included.
 */
export async function runServer(run: RequestRun, collector: Collector): Promise<RequestFigures> {
  const { server: name, endpoint, spanlog, requests, warmUpRequests, connections } = run;
  const { linesPerRequest, linesAtStart, delivers } = await loadServer(name);
  const dueAfter = (count: number): number => (delivers ? linesAtStart + count * linesPerRequest : 0);
  const total = requests + warmUpRequests;
  const before = await collector.acceptedRecords();

  const serverTask: ServerTask = { server: name, endpoint, spanlog, requests: total };
  await using server = new ForkedProcess<ToServer, FromServer>(`the server ${name}`, SERVER_PROCESS, serverTask);
  const { port } = await server.ready('listening');
  const loadTask: LoadTask = { port, requests, warmUpRequests, connections };
  await using load = new ForkedProcess<ToLoad, FromLoad>(`the load on ${name}`, LOAD_PROCESS, loadTask);
  await load.ready('warm');
  // Otherwise what the warm-up logged would be encoded and sent while the rest is measured.
  await waitForAccepted(collector, before + dueAfter(warmUpRequests));

  await server.ask({ kind: 'begin' }, 'begun');
  const { requestsPerSecond, p99Ms } = await load.ask({ kind: 'go' }, 'measured');
  const { cpuNs, emitted } = await server.ask({ kind: 'drain' }, 'drained');
  const due = dueAfter(total);
  const accepted = (await collector.acceptedRecords()) - before;
  if (accepted !== due || (emitted ?? due) !== due) {
    throw new Error(
      `the server ${name} had ${due} records to log, emitted ${emitted ?? 'an unknown number'}, ` +
        `and the Collector accepted ${accepted}`,
    );
  }
  return { requestsPerSecond, p99Ms, cpuNsPerRequest: cpuNs / requests };
}
