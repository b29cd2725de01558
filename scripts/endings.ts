/**
 * `npm run endings`: logs 20,000 records, ends the process in every way there is, with spanlog in each durability and with
 * its peers, and counts what arrives at a real Collector. Writes `docs/endings.md`.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { describeMachine, packageVersions } from '../bench/machine.ts';
import { startCollector } from '../test/support/collector.ts';
import { missingCollectorMessage, searchCollector } from '../test/support/otelcol-binary.ts';
import { END_NAMES } from './endings/ends.ts';
import { endingsPage } from './endings/page.ts';
import type { Cell, Outcome, RunOptions } from './endings/run-cell.ts';
import { runCell, runOutage } from './endings/run-cell.ts';
import type { SetUpName } from './endings/set-ups.ts';
import { SET_UP_NAMES, setUpOf } from './endings/set-ups.ts';
import { buildPackage, isBuildStale } from './package-build.ts';

const PAGE = new URL('../docs/endings.md', import.meta.url);

const USAGE = `npm run endings -- [options]
  --set-ups <a,b>   only these: ${SET_UP_NAMES.join(', ')}
  --records <n>     records of one process (20000)
  --source          spanlog's source under type stripping, not the built package
  --no-write        only print`;

/** With nobody listening the ends are much alike: these are the ones that differ. */
const OUTAGE_ENDS = ['return', 'process.exit', 'SIGTERM', 'kill -9 later'] as const;
const OUTAGE_SET_UPS: readonly SetUpName[] = [
  'spanlog-memory',
  'spanlog-disk',
  'spanlog-sync',
  'sdk-logs',
  'sdk-logs-shutdown',
  'pino-otlp',
];

function say(outcome: Outcome): void {
  const { setUp, end, arrived, arrivedLater, duplicates, tookMs } = outcome;
  const later = arrivedLater === undefined ? '' : ` + ${arrivedLater} at the next start`;
  console.error(`endings: ${setUp}, ${end}: ${arrived}${later}, ${duplicates} twice, ${tookMs ?? 'too many'} ms`);
}

async function run(setUps: readonly SetUpName[], records: number, spanlog: RunOptions['spanlog']): Promise<string> {
  const startedMs = Date.now();
  const search = await searchCollector({ build: true, onProgress: (line) => console.error(`endings: ${line}`) });
  if (search.path === undefined) throw new Error(missingCollectorMessage(search.tried));
  // What is published is what counts.
  if (spanlog === 'built' && isBuildStale()) buildPackage();
  const machine = describeMachine(search.path);
  const versions = await packageVersions([...new Set(setUps.map((name) => setUpOf(name).peer))]);

  await using collector = await startCollector({ binary: search.path });
  const options: RunOptions = { collector, records, spanlog };
  const outcomes: Outcome[] = [];
  for (const cell of cellsOf(setUps, END_NAMES)) {
    const outcome = await runCell(cell, options);
    say(outcome);
    outcomes.push(outcome);
  }
  const dead = cellsOf(
    setUps.filter((name) => OUTAGE_SET_UPS.includes(name)),
    OUTAGE_ENDS,
  );
  const outage = await runOutage(dead, options, say);
  const date = new Date().toISOString().slice(0, 10);
  return endingsPage({ records, outcomes, outage, machine, versions, spanlog, date, tookMs: Date.now() - startedMs });
}

function cellsOf(setUps: readonly SetUpName[], ends: readonly Cell['end'][]): Cell[] {
  return setUps.flatMap((setUp) => ends.map((end) => ({ setUp, end })));
}

function setUpsOf(list: string): SetUpName[] {
  return list.split(',').map((name) => {
    const known = SET_UP_NAMES.find((candidate) => candidate === name);
    if (known === undefined) throw new Error(`no set-up '${name}'; there are ${SET_UP_NAMES.join(', ')}`);
    return known;
  });
}

try {
  const { values } = parseArgs({
    options: {
      'set-ups': { type: 'string', default: SET_UP_NAMES.join(',') },
      records: { type: 'string', default: '20000' },
      source: { type: 'boolean', default: false },
      'no-write': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const records = Number(values.records);
  if (!Number.isInteger(records) || records < 1) throw new Error(`--records takes a positive integer`);
  if (values.help) {
    console.log(USAGE);
  } else {
    const text = await run(setUpsOf(values['set-ups']), records, values.source ? 'source' : 'built');
    const page = await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
    console.log(page);
    if (!values['no-write']) await writeFile(PAGE, page);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
