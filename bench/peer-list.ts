import type { Peer } from './peer.ts';

/** Everything is a ratio to this peer: the SDK's own way, with the exporter most people use. */
export const BASELINE = 'sdk-logs-proto';

/** A disabled level is compared with pino's. */
export const DISABLED_BASELINE = 'pino-opentelemetry-transport';

/** The files in `peers/`, in the order of the tables. A new row is a new file and its name here. */
export const PEER_NAMES = [
  'spanlog',
  'spanlog-redact-off',
  'sdk-logs-proto',
  'sdk-logs-json',
  'winston',
  'pino-opentelemetry-transport',
  'logtape',
  'instrumentation-pino',
] as const;

/**
 * In tables of their own, each held against the plain run of the same logger: whether the number of loggers costs
 * anything, what a durability costs, and what other ways of calling do.
 */
export const OWN_NAMES = [
  'spanlog-1000-loggers',
  'spanlog-disk',
  'spanlog-sync',
  'spanlog-child',
  'spanlog-template',
  'spanlog-timed',
  'sdk-logs-ten-attributes',
  'pino-child',
] as const;

/** Not loggers: what the loop itself costs, and what `JSON.stringify` of the same fields does. */
export const YARDSTICK_NAMES = ['nothing', 'json-stringify'] as const;

export type PeerName = (typeof PEER_NAMES)[number];
export type RowName = PeerName | (typeof OWN_NAMES)[number] | (typeof YARDSTICK_NAMES)[number];

export function isPeerName(name: string): name is PeerName {
  return (PEER_NAMES as readonly string[]).includes(name);
}

/** Loads one peer, so that a process pays for the code of that one only. */
export async function loadPeer(name: RowName): Promise<Peer> {
  const module = (await import(`./peers/${name}.ts`)) as { peer: Peer };
  return module.peer;
}
