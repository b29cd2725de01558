/** What a soak has to show. A check says what it saw either way, so that a failure can be read without running it again. */
import { median } from '../../bench/statistics.ts';
import type { SoakResult } from './run.ts';
import { REQUEST_TIMEOUT_MS } from './run.ts';
import type { AppReport, Sample } from './task.ts';

export interface Check {
  /** What has to be so. */
  readonly claim: string;
  readonly holds: boolean;
  readonly seen: string;
}

/**
 * Memory and open files are compared while next to nothing waits: the queue is meant to grow in an outage. Of those quiet
 * samples the medians of the second quarter and of the last are compared. Resident memory, which an allocator seldom gives
 * back, may besides have grown by the largest backlog.
 */
const QUIET_SECONDS = 2;
/** So that a quarter holds at least one. */
const QUIET_SAMPLES_MIN = 4;
const MEMORY_FACTOR = 1.15;
const MEMORY_SLACK_BYTES = 10 * 1024 * 1024;
/** The default of `limits.queueBytes`. */
const QUEUE_BYTES = 64 * 1024 * 1024;
/** Sockets and segments come and go. */
const OPEN_FILES_SLACK = 8;
const RATE_SHARE_MIN = 0.95;

/** Every check, in the order in which a person would want to read them. */
export function judge(result: SoakResult): Check[] {
  const { report, exit, outages, durability } = result;
  const ended: Check = {
    claim: 'the application ran to its end',
    holds: exit.code === 0 && report !== undefined,
    seen: exit.code === 0 ? 'exit code 0' : `exit code ${exit.code}, signal ${exit.signal}: ${exit.stderr.trim()}`,
  };
  if (report === undefined) return [{ ...ended, holds: false }];
  return [
    ended,
    {
      claim: 'the Collector was away',
      holds: outages.length > 0,
      seen: `${outages.length} outages`,
    },
    ...rateAndLedger(result, report),
    ...arrivals(result, report),
    ...flatness(result),
    ...(durability === 'memory' ? [] : [spool(result)]),
  ];
}

function rateAndLedger({ seconds, recordsPerSecond }: SoakResult, report: AppReport): Check[] {
  const { ledger, logged, flush, unbalanced } = report;
  const perSecond = report.loggedSteadily / seconds;
  return [
    {
      claim: `${recordsPerSecond} records a second were logged`,
      holds: perSecond >= RATE_SHARE_MIN * recordsPerSecond,
      seen: `${perSecond.toFixed(0)} a second, ${logged} in all`,
    },
    {
      claim: 'the ledger balanced whenever it was looked at',
      holds: unbalanced === null && ledger.balanced && report.ledgerLooks > 0,
      seen: unbalanced === null ? `${report.ledgerLooks} looks` : JSON.stringify(unbalanced),
    },
    {
      claim: 'once the Collector was back for good, a flush delivered all that was pending',
      holds: flush.status === 'success' && flush.pending === 0 && ledger.pending === 0,
      seen: `${flush.status} in ${report.flushMs.toFixed(0)} ms, ${ledger.pending} pending`,
    },
    {
      claim: 'every record was delivered: none dropped, none rejected, none made up',
      holds: ledger.delivered === logged && ledger.emitted === logged && lostIn(report) === 0,
      seen:
        `${ledger.emitted} emitted, ${ledger.delivered} delivered, ${ledger.rejected} rejected, ` +
        `dropped ${JSON.stringify(ledger.dropped)}`,
    },
  ];
}

function arrivals({ arrived, missing, outages }: SoakResult, report: AppReport): Check[] {
  const { logged, ledger } = report;
  const absent = logged - arrived.distinct;
  const attempts = repeatsAllowed(outages);
  return [
    {
      claim: 'every record that was not counted as lost arrived, and no other',
      holds: absent === lostIn(report) && arrived.highest < logged && arrived.unreadable === 0,
      seen: [
        `${arrived.distinct} different ones of ${logged}`,
        ...(missing.length > 0 ? [`the first that did not: ${missing.join(', ')}`] : []),
        ...(arrived.unreadable > 0 ? [`${arrived.unreadable} requests could not be read`] : []),
      ].join('; '),
    },
    {
      claim: 'no more was counted as delivered than arrived',
      holds: ledger.delivered <= arrived.total - arrived.repeatedRecords,
      seen: `${ledger.delivered} delivered, ${arrived.total} arrived with duplicates`,
    },
    {
      claim: `only what was on its way when an outage came arrived twice: ${attempts} requests at most`,
      holds: arrived.repeatedRequests <= attempts,
      seen: `${arrived.repeatedRequests} requests, ${arrived.repeatedRecords} records`,
    },
  ];
}

function lostIn({ ledger }: AppReport): number {
  return Object.values(ledger.dropped).reduce((sum, count) => sum + count, ledger.rejected);
}

/**
 * One request is on its way at a time. A kill can cut off its answer; a hang lets it run into the timeout, and so each
 * further attempt, all of which the Collector may find in its sockets when it goes on.
 */
function repeatsAllowed(outages: SoakResult['outages']): number {
  return outages.reduce(
    (sum, { kind, fromMs, toMs }) => sum + 1 + (kind === 'hung' ? Math.ceil((toMs - fromMs) / REQUEST_TIMEOUT_MS) : 0),
    0,
  );
}

/** The samples that were taken while no more waited than would without an outage. */
export function quietSamples({ samples, recordsPerSecond }: SoakResult): Sample[] {
  return samples.filter(({ pending }) => pending <= QUIET_SECONDS * recordsPerSecond);
}

function flatness(result: SoakResult): Check[] {
  const quiet = quietSamples(result);
  const compare = (values: readonly number[]): { early: number; late: number } => {
    const quarter = Math.floor(values.length / 4);
    return { early: median(values.slice(quarter, 2 * quarter)), late: median(values.slice(-quarter)) };
  };
  const memory = (what: string, bytesOf: (sample: Sample) => number | undefined, slackBytes: number): Check => {
    const values = quiet.map(bytesOf).filter((bytes) => bytes !== undefined);
    const { early, late } = compare(values);
    const limit = MEMORY_FACTOR * early + slackBytes;
    return {
      claim: `${what} stayed flat`,
      holds: values.length >= QUIET_SAMPLES_MIN && late <= limit,
      seen: `${mebibytes(early)}, later ${mebibytes(late)}; at most ${mebibytes(limit)} in ${values.length} quiet samples`,
    };
  };
  const files = quiet.map(({ openFiles }) => openFiles).filter((count) => count !== undefined);
  const { early, late } = compare(files);
  return [
    memory('resident memory', ({ residentBytes }) => residentBytes, MEMORY_SLACK_BYTES + backlogBytes(result)),
    memory('what is alive on the heap, and outside of it,', ({ liveBytes }) => liveBytes, MEMORY_SLACK_BYTES),
    {
      claim: 'open files stayed flat',
      holds: files.length === 0 || late <= early + OPEN_FILES_SLACK,
      seen: files.length === 0 ? 'not listed by this system' : `${early}, later ${late}`,
    },
  ];
}

/** What waited at most, in memory at most. */
function backlogBytes({ samples, arrived }: SoakResult): number {
  const records = samples.reduce((most, { pending }) => Math.max(most, pending), 0);
  return Math.min(QUEUE_BYTES, records * (arrived.bytes / Math.max(1, arrived.total)));
}

function spool({ spoolLeft }: SoakResult): Check {
  return {
    claim: 'the spool was empty in the end',
    holds: spoolLeft.length === 0,
    seen: spoolLeft.length === 0 ? 'nothing left' : spoolLeft.join(', '),
  };
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
