import { parseArgs } from 'node:util';
import type { PeerName } from './peer-list.ts';
import { isPeerName, PEER_NAMES } from './peer-list.ts';
import type { ServerName } from './requests/server-list.ts';
import { isServerName, SERVER_NAMES } from './requests/server-list.ts';

/** How much is run, and where the output goes. */
export interface BenchOptions {
  peers: readonly PeerName[];
  records: number;
  warmUpRecords: number;
  burstRecords: number;
  rounds: number;
  servers: readonly ServerName[];
  requests: number;
  warmUpRequests: number;
  /** Records of the one long run that shows whether the cost stays flat; undefined for none. */
  scaleRecords: number | undefined;
  spanlog: 'built' | 'source';
  /** Where `RESULTS.md` and `results.svg` are written; nothing is when it is undefined. */
  outputFolder: string | undefined;
}

export const USAGE = `npm run bench -- [options]
  --records <n>     records of one run (200000)
  --rounds <n>      rounds; each takes every peer once, in turn (5)
  --peers <a,b>     only these: ${PEER_NAMES.join(', ')}
  --requests <n>    requests to one server (20000)
  --servers <a,b>   only these, or none: ${SERVER_NAMES.join(', ')}
  --quick           a smoke run: one round of a few thousand records; its figures mean nothing
  --source          measure spanlog's source under type stripping, not the built package
  --output <path>   folder for RESULTS.md and results.svg (bench)
  --no-write        only print`;

/** Reads the command line; throws with a message for people on anything it doesn't know. */
export function readOptions(argv: readonly string[], defaultFolder: string): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      records: { type: 'string' },
      rounds: { type: 'string' },
      peers: { type: 'string' },
      requests: { type: 'string' },
      servers: { type: 'string' },
      quick: { type: 'boolean', default: false },
      source: { type: 'boolean', default: false },
      output: { type: 'string', default: defaultFolder },
      'no-write': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const records = count('--records', values.records, values.quick ? 4_096 : 200_000);
  return {
    peers: values.peers === undefined ? PEER_NAMES : peerNames(values.peers),
    records,
    // A multiple of every default batch size, so that no warm-up waits for a batch timer.
    warmUpRecords: values.quick ? 0 : 20_480,
    burstRecords: values.quick ? Math.min(records, 4_096) : 20_000,
    rounds: count('--rounds', values.rounds, values.quick ? 1 : 5),
    servers: values.servers === undefined ? SERVER_NAMES : serverNames(values.servers),
    requests: count('--requests', values.requests, values.quick ? 512 : 20_000),
    warmUpRequests: values.quick ? 64 : 5_000,
    scaleRecords: values.quick ? undefined : 50 * records,
    spanlog: values.source ? 'source' : 'built',
    outputFolder: values['no-write'] ? undefined : values.output,
  };
}

function count(option: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option} takes a positive integer, not '${given}'`);
  return value;
}

function peerNames(list: string): PeerName[] {
  return list.split(',').map((name) => {
    if (!isPeerName(name)) throw new Error(`no peer '${name}'; there are ${PEER_NAMES.join(', ')}`);
    return name;
  });
}

function serverNames(list: string): ServerName[] {
  if (list === 'none') return [];
  return list.split(',').map((name) => {
    if (!isServerName(name)) throw new Error(`no server '${name}'; there are none, ${SERVER_NAMES.join(', ')}`);
    return name;
  });
}
