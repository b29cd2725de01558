import type { Collector } from '../../test/support/collector.ts';
import type { BenchOptions } from '../options.ts';
import type { Results } from '../results.ts';
import { SHORT_ROUNDS_MAX } from '../rounds.ts';
import { runServer } from './run-server.ts';
import type { ServerName } from './server-list.ts';

/** Requests at once, each on a connection of its own. */
const CONNECTIONS = 32;

/** The name of a server's figures in the results. */
export function serverRow(server: ServerName): string {
  return `server ${server}`;
}

/** Runs every server once a round, one at a time. Rejects when one answers or delivers less than it has to. */
export async function runRequestRounds(
  options: BenchOptions,
  collector: Collector,
  results: Results,
  onProgress: (line: string) => void,
): Promise<void> {
  const { requests, warmUpRequests, spanlog } = options;
  const rounds = Math.min(options.rounds, SHORT_ROUNDS_MAX);
  const shared = { endpoint: collector.otlpHttp, spanlog, requests, warmUpRequests, connections: CONNECTIONS };
  for (let round = 0; round < rounds; round++) {
    for (const server of options.servers) {
      onProgress(`round ${round + 1} of ${rounds}: requests to ${server}`);
      const figures = await runServer({ server, ...shared }, collector);
      results.add(serverRow(server), 'requestsPerSecond', figures.requestsPerSecond);
      results.add(serverRow(server), 'requestP99', figures.p99Ms);
      results.add(serverRow(server), 'requestCpu', figures.cpuNsPerRequest);
    }
  }
}
