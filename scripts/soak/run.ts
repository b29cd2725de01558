import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child, Ended } from '../../test/support/child-process.ts';
import { startChild } from '../../test/support/child-process.ts';
import { startCollector } from '../../test/support/collector.ts';
import type { Outage } from './outages.ts';
import { inflict } from './outages.ts';
import type { Arrived } from './sink.ts';
import { Sink } from './sink.ts';
import type { AppMessage, AppReport, AppTask, Sample } from './task.ts';
import { STOP_SIGNAL } from './task.ts';

export const DURABILITIES = ['memory', 'disk', 'sync'] as const;
export type Durability = (typeof DURABILITIES)[number];

export const RECORDS_PER_SECOND = 2_000;
/** Longer hangs than this cost an attempt, and one more every so often. */
export const REQUEST_TIMEOUT_MS = 3_000;
/** For the last flush: the Collector is up, and there is seldom more than a few MiB. */
const FLUSH_TIMEOUT_MS = 45_000;
/** What starting and ending may take besides. */
const SPARE_MS = 30_000;
/** A second; more often in short runs, whose judgement needs samples as well. */
const SAMPLE_EVERY_MS = 1_000;
const SAMPLES_WANTED = 200;
const MISSING_SHOWN = 20;
/** They stay for the next process. */
const SPOOL_LABELS = ['spanlog-format', 'group.json'];
const APP = fileURLToPath(new URL('./app.ts', import.meta.url));

export interface SoakOptions {
  /** Of the Collector. */
  readonly binary: string;
  readonly durability: Durability;
  readonly seconds: number;
  readonly seed: number;
  readonly spanlog: AppTask['spanlog'];
  /** A line for people, as things happen. */
  readonly onProgress?: (line: string) => void;
}

/** Everything that was seen of one run; `judge` says what to think of it. */
export interface SoakResult {
  readonly durability: Durability;
  readonly seconds: number;
  readonly seed: number;
  readonly recordsPerSecond: number;
  readonly outages: readonly Outage[];
  readonly arrived: Arrived;
  /** The first of the numbers that did not arrive. */
  readonly missing: readonly number[];
  readonly samples: readonly Sample[];
  /** Undefined when the application did not come to its end. */
  readonly report: AppReport | undefined;
  readonly exit: Pick<Ended, 'code' | 'signal' | 'stderr'>;
  /** Files that are left in the spool, but for those that say whose it is. */
  readonly spoolLeft: readonly string[];
}

/** Runs the application for `seconds` while its Collector comes and goes, then with the Collector up until it has ended. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { binary, durability, seconds, seed, onProgress = () => undefined } = options;
  const durationMs = seconds * 1_000;
  const sink = await Sink.start();
  const spoolFolder = await mkdtemp(join(tmpdir(), 'spanlog-soak-'));
  try {
    await using collector = await startCollector({ binary, nop: true, configYaml: [sink.collectorYaml] });
    const app = startSoakApp(options, collector.otlpHttp, spoolFolder, durationMs);
    const gone = new AbortController();
    const ended = app.ended.finally(() => gone.abort());
    await app.said('started');
    const startedMs = Date.now();
    const outages = await inflict(collector, {
      seed,
      durationMs,
      signal: gone.signal,
      onOutage: ({ kind, fromMs, toMs }) =>
        onProgress(
          `${clock(fromMs - startedMs)} ${kind}, ${((toMs - fromMs) / 1_000).toFixed(1)} s; ` +
            `${sink.arrived.distinct} records have arrived`,
        ),
    });
    onProgress(`${clock(Date.now() - startedMs)} the end: flushing`);
    app.kill(STOP_SIGNAL);
    const { stdout, code, signal, stderr } = await ended;
    const { samples, report } = readMessages(stdout);
    return {
      durability,
      seconds,
      seed,
      recordsPerSecond: RECORDS_PER_SECOND,
      outages,
      arrived: sink.arrived,
      missing: sink.missing(report?.logged ?? 0, MISSING_SHOWN),
      samples,
      report,
      exit: { code, signal, stderr },
      spoolLeft: await leftIn(spoolFolder),
    };
  } finally {
    await sink.close();
    await rm(spoolFolder, { recursive: true, force: true });
  }
}

function startSoakApp(options: SoakOptions, endpoint: string, spoolFolder: string, durationMs: number): Child {
  const task: AppTask = {
    recordsPerSecond: RECORDS_PER_SECOND,
    sampleEveryMs: Math.min(SAMPLE_EVERY_MS, Math.max(100, durationMs / SAMPLES_WANTED)),
    flushTimeoutMs: FLUSH_TIMEOUT_MS,
    spanlog: options.spanlog,
  };
  return startChild({
    args: ['--no-warnings', '--expose-gc', APP, JSON.stringify(task)],
    env: {
      OTEL_SERVICE_NAME: 'soak',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: String(REQUEST_TIMEOUT_MS),
      SPANLOG_LEVEL: 'trace',
      SPANLOG_DURABILITY: options.durability,
      ...(options.durability !== 'memory' && { SPANLOG_SPOOL_DIRECTORY: spoolFolder }),
    },
    timeoutMs: durationMs + FLUSH_TIMEOUT_MS + SPARE_MS,
  });
}

function readMessages(stdout: string): Pick<SoakResult, 'samples' | 'report'> {
  const samples: Sample[] = [];
  let report: AppReport | undefined;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const message = JSON.parse(line) as AppMessage;
    if ('sample' in message) samples.push(message.sample);
    else if ('report' in message) report = message.report;
  }
  return { samples, report };
}

async function leftIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !SPOOL_LABELS.includes(entry.name))
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
