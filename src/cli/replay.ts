import { parseArgs } from 'node:util';
import type { ReplayResult, SpoolState } from '../start-replay.ts';
import { inspectSpool, replaySpool } from '../start-replay.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';

/** How long the other side may take nothing. */
const DEFAULT_PATIENCE_S = 30;

const HELP = `usage: spanlog replay [options]

Sends what processes that ended left in the spool, as their next start would. Records of living processes are theirs.
The endpoint, headers, protocol and certificates come from OTEL_EXPORTER_OTLP_*, the speed from
SPANLOG_LIMITS_DRAIN_BYTES_PER_SECOND. Exit code: 0 when nothing is left and nothing was lost, 1 otherwise.

  --list                only says what is there
  --directory <path>    as spool.directory (SPANLOG_SPOOL_DIRECTORY)
  --endpoint <url>      sends everything there; without it, only what was meant for the endpoint of the environment
  --service <name>      only what this service left
  --patience <seconds>  gives up when the other side takes nothing for so long (${DEFAULT_PATIENCE_S})`;

export const REPLAY: Command = {
  name: 'replay',
  summary: 'sends what processes that died left in the spool',
  help: HELP,
  async run(args) {
    const options = read(args);
    if (options.list === true) {
      for (const state of await inspectSpool({ directory: options.directory, write: warn })) say(described(state));
      return 0;
    }
    let code = 0;
    let parts = 0;
    await replaySpool({
      directory: options.directory,
      endpoint: options.endpoint,
      service: options.service,
      patienceMs: patienceMsOf(options.patience),
      onResult(result) {
        parts++;
        if (!isClean(result)) code = 1;
        say(told(result));
      },
      write: warn,
    });
    if (parts === 0) say('there is nothing to send');
    return code;
  },
};

interface Arguments {
  readonly list?: boolean;
  readonly directory?: string;
  readonly endpoint?: string;
  readonly service?: string;
  readonly patience?: string;
}

function read(args: readonly string[]): Arguments {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: { list: { type: 'boolean' }, directory: text, endpoint: text, service: text, patience: text },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function patienceMsOf(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_PATIENCE_S : Number(text);
  if (!(seconds > 0)) throw new UsageError(`--patience needs a number of seconds above 0, got ${JSON.stringify(text)}`);
  return seconds * 1_000;
}

function isClean({ status, counts }: ReplayResult): boolean {
  return status === 'done' && counts.rejected === 0 && Object.keys(counts.dropped).length === 0;
}

function described({ service, destination, url, owners }: SpoolState): string {
  const parts = owners.map(({ state, bytes }) => `${STATES[state]} (${size(bytes)})`);
  return `${service} → ${destination} (${url}): ${parts.length === 0 ? 'empty' : parts.join(', ')}`;
}

const STATES = { running: 'a living process', left: 'a process that ended', ended: 'a process that died' } as const;

function told({ service, destination, url, status, counts }: ReplayResult): string {
  const who = `${service} → ${destination} (${url})`;
  if (status === 'skipped') return `${who}: skipped, it was meant for this other endpoint; --endpoint sends it`;
  const lost = Object.entries(counts.dropped).map(([reason, count]) => `${number(count)} dropped (${reason})`);
  const parts = [`${number(counts.delivered)} delivered`, ...lost];
  if (counts.rejected > 0) parts.push(`${number(counts.rejected)} rejected`);
  if (status === 'stopped') parts.push('gave up, the rest stays in the spool');
  return `${who}: ${parts.join(', ')}`;
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}
