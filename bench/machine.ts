import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import type { PeerName } from './peer-list.ts';
import { loadPeer } from './peer-list.ts';
import type { ServerName } from './requests/server-list.ts';
import { loadServer } from './requests/server-list.ts';

/** What the figures were taken on; without it they say nothing. */
export interface Machine {
  processor: string;
  memory: string;
  system: string;
  node: string;
  collector: string;
  /** Runnable processes over the last minute before the run; much more than 0 means that others had a share. */
  loadBefore: string;
}

/** To be called before anything is measured. Takes the path of the Collector, which is asked for its version. */
export function describeMachine(collectorPath: string): Machine {
  const model = cpus()[0]?.model.trim();
  return {
    processor: `${availableParallelism()} × ${model === undefined || model === '' ? process.arch : model}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    collector: execFileSync(collectorPath, ['--version'], { encoding: 'utf8' })
      .replace(/^.*version/, '')
      .trim(),
    loadBefore: (loadavg()[0] ?? 0).toFixed(1),
  };
}

/** Name and installed version of every package that the peers and the servers use, each once, in order. */
export async function packageVersions(
  peers: readonly PeerName[],
  servers: readonly ServerName[] = [],
): Promise<[string, string][]> {
  const names = new Set<string>(['@opentelemetry/api', '@opentelemetry/sdk-trace']);
  for (const server of servers) for (const name of (await loadServer(server)).packages) names.add(name);
  for (const peer of peers) for (const name of (await loadPeer(peer)).packages) names.add(name);
  return Promise.all(
    [...names].sort().map(async (name): Promise<[string, string]> => {
      // Read as a file, since many packages don't export their package.json.
      const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
      const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
      return [name, version];
    }),
  );
}
