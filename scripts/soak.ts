/**
 * `npm run soak`: an application logs 2,000 records a second while its Collector is killed, started again, stopped and
 * continued at random. Nothing may be lost, the ledger has to be exact, memory flat. Exits with 1 when any of it is not so.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { missingCollectorMessage, searchCollector } from '../test/support/otelcol-binary.ts';
import { buildPackage, isBuildStale } from './package-build.ts';
import type { Check } from './soak/judge.ts';
import { judge } from './soak/judge.ts';
import type { Durability, SoakOptions, SoakResult } from './soak/run.ts';
import { DURABILITIES, runSoak } from './soak/run.ts';
import { summarise } from './soak/summary.ts';

const USAGE = `npm run soak -- [options]
  --minutes <n>     how long (10); --seconds <n> instead, or besides
  --durability <d>  ${DURABILITIES.join(', ')}, or all: each for its share of the time (memory)
  --seed <n>        of the outages (random; printed)
  --source          spanlog's source under type stripping, not the built package
  --json            everything that was seen, as JSON on standard output`;

const SEED_LIMIT = 2 ** 32;

interface Run {
  readonly result: SoakResult;
  readonly checks: readonly Check[];
}

async function soak(
  durabilities: readonly Durability[],
  options: Omit<SoakOptions, 'binary' | 'durability'>,
): Promise<Run[]> {
  const progress = (line: string): void => console.error(`soak: ${line}`);
  const search = await searchCollector({ build: true, onProgress: progress });
  if (search.path === undefined) throw new Error(missingCollectorMessage(search.tried));
  // What is published is what counts.
  if (options.spanlog === 'built' && isBuildStale()) buildPackage();

  const runs: Run[] = [];
  for (const durability of durabilities) {
    progress(`durability ${durability}, ${options.seconds} s, seed ${options.seed}`);
    const result = await runSoak({ ...options, binary: search.path, durability, onProgress: progress });
    runs.push({ result, checks: judge(result) });
  }
  return runs;
}

function durabilitiesOf(name: string): readonly Durability[] {
  if (name === 'all') return DURABILITIES;
  const known = DURABILITIES.find((candidate) => candidate === name);
  if (known === undefined) throw new Error(`no durability '${name}'; there are ${DURABILITIES.join(', ')}, and all`);
  return [known];
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new Error(`${option} takes a number, not '${text}'`);
  }
  return value;
}

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seconds: { type: 'string' },
      durability: { type: 'string', default: 'memory' },
      seed: { type: 'string', default: String(randomInt(SEED_LIMIT)) },
      source: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
  } else {
    const minutes = numberOf('--minutes', values.minutes ?? (values.seconds === undefined ? '10' : '0'));
    const seconds = 60 * minutes + numberOf('--seconds', values.seconds ?? '0');
    if (seconds < 1) throw new Error('--minutes and --seconds give less than a second');
    const durabilities = durabilitiesOf(values.durability);
    const runs = await soak(durabilities, {
      seconds: seconds / durabilities.length,
      seed: numberOf('--seed', values.seed),
      spanlog: values.source ? 'source' : 'built',
    });
    if (values.json) console.log(JSON.stringify(runs));
    else for (const { result, checks } of runs) console.log(summarise(result, checks));
    if (runs.some(({ checks }) => checks.some(({ holds }) => !holds))) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
