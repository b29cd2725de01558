/**
 * `npm run bench`: spanlog and its peers side by side, the same work in the same run, to a real Collector.
 * Prints the tables and writes `RESULTS.md` and `results.svg`; `--help` lists the options.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCollector } from '../test/support/collector.ts';
import { missingCollectorMessage, searchCollector } from '../test/support/otelcol-binary.ts';
import type { ChartRow } from './chart.ts';
import { drawChart } from './chart.ts';
import { describeMachine, packageVersions } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { readOptions, USAGE } from './options.ts';
import { loadPeer } from './peer-list.ts';
import { writeReport } from './report.ts';
import { runRequestRounds } from './requests/rounds.ts';
import { runRounds, SHORT_ROUNDS_MAX } from './rounds.ts';
import { runStages } from './stages/run-stages.ts';
import { startStalledEndpoint } from './stalled-endpoint.ts';
import { buildPackage, isBuildStale } from '../scripts/package-build.ts';

async function bench(options: BenchOptions): Promise<void> {
  const startedMs = Date.now();
  const progress = (line: string): void => console.error(`bench: ${line}`);
  const search = await searchCollector({ build: true, onProgress: progress });
  if (search.path === undefined) throw new Error(missingCollectorMessage(search.tried));
  if (
    options.spanlog === 'built' &&
    [...options.peers, ...options.servers].some((name) => name.startsWith('spanlog'))
  ) {
    // What is published is what counts.
    if (isBuildStale()) buildPackage();
  }

  const rows: ChartRow[] = [];
  for (const name of options.peers) {
    rows.push({ name, title: (await loadPeer(name)).title, ours: name.startsWith('spanlog') });
  }
  const machine = describeMachine(search.path);
  const collector = await startCollector({ binary: search.path, nop: true });
  const stalled = await startStalledEndpoint();
  try {
    const results = await runRounds(options, collector, stalled, progress);
    if (options.peers.includes('spanlog')) {
      const slices = Math.max(1, Math.round(options.records / SLICES_PER_RECORDS));
      for (let round = 0; round < Math.min(options.rounds, SHORT_ROUNDS_MAX); round++) {
        progress(`round ${round + 1}: stages`);
        await runStages({ endpoint: collector.otlpHttp, slices }, results);
      }
    }
    await runRequestRounds(options, collector, results, progress);
    const report = await writeReport({
      options,
      rows,
      results,
      machine,
      versions: await packageVersions(options.peers, options.servers),
      date: new Date().toISOString().slice(0, 10),
      tookMs: Date.now() - startedMs,
    });
    console.log(report);
    if (options.outputFolder === undefined) return;
    const chart = drawChart(rows, results, HEADING, footing(options));
    await mkdir(options.outputFolder, { recursive: true });
    await writeFile(join(options.outputFolder, 'RESULTS.md'), report);
    await writeFile(join(options.outputFolder, 'results.svg'), chart);
  } finally {
    await Promise.all([collector.stop(), stalled.stop()]);
  }
}

/** Forty slices of each stage for 200,000 records. */
const SLICES_PER_RECORDS = 5_000;

const HEADING = 'A correlated OTLP log record: what it costs, and what arrives';

function footing(options: BenchOptions): string {
  return (
    `${options.records.toLocaleString('en-US')} records with 5 fields inside a span, to a real Collector, all delivered; ` +
    `burst: ${options.burstRecords.toLocaleString('en-US')} at once on default settings. Node ${process.version}. ` +
    `spanlog redacts, the others do not.`
  );
}

try {
  const options = readOptions(process.argv.slice(2), fileURLToPath(new URL('.', import.meta.url)));
  if (options === 'help') console.log(USAGE);
  else await bench(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
