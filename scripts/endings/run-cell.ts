import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Collector } from '../../test/support/collector.ts';
import type { Ended } from '../../test/support/child-process.ts';
import { startChild } from '../../test/support/child-process.ts';
import { Arrivals } from './arrivals.ts';
import type { EndName, Exit } from './ends.ts';
import { ENDS } from './ends.ts';
import type { SetUpName, StartOptions } from './set-ups.ts';
import { setUpOf } from './set-ups.ts';
import type { Task } from './task.ts';
import { LOGGED } from './task.ts';

const APP = fileURLToPath(new URL('./app.ts', import.meta.url));
/** From the start of the process; what takes longer is not waited for. */
export const PROCESS_TIMEOUT_MS = 15_000;
/** A spool is read a moment after the start, so this is longer than for what was sent before the end. */
const REPLAY_QUIET_MS = 1_500;

/** One set-up, one end. */
export interface Cell {
  readonly setUp: SetUpName;
  readonly end: EndName;
}

/** How a process ended, and what came of its records. */
export interface Outcome extends Cell {
  /** Different records that arrived before the next start. */
  readonly arrived: number;
  /** Different records that arrived only after the next start. Undefined where there was none. */
  readonly arrivedLater?: number;
  /** Records that arrived once more, in all. */
  readonly duplicates: number;
  /** Undefined when it had not ended after `PROCESS_TIMEOUT_MS`. */
  readonly exit?: Exit;
  /** From the return of the last call (or the later signal) until the process was gone. */
  readonly tookMs?: number;
  readonly stderr: string;
}

export interface RunOptions {
  readonly collector: Collector;
  readonly records: number;
  readonly spanlog: StartOptions['spanlog'];
}

/** Runs one cell while the Collector is up. What a spool kept is waited for in a second start, which logs nothing. */
export async function runCell(cell: Cell, options: RunOptions): Promise<Outcome> {
  const { target } = setUpOf(cell.setUp);
  const folder = await mkdtemp(join(tmpdir(), 'spanlog-endings-'));
  const file = join(folder, 'pino.log');
  try {
    const arrivals = await Arrivals.fresh(target === 'collector' ? options.collector.outFile : file);
    const seen = await runToItsEnd(cell, options, folder, file);
    await arrivals.settled(options.records);
    const arrived = arrivals.distinct;
    const isLeft = keepsSpool(cell.setUp) && arrived < options.records;
    if (isLeft) await replay(cell.setUp, options, folder, arrivals);
    return {
      ...cell,
      ...seen,
      arrived,
      ...(isLeft && { arrivedLater: arrivals.distinct - arrived }),
      duplicates: arrivals.duplicates,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Runs cells while the Collector is down, then starts it and each application once more. The Collector has to be
 * running before, and is after.
 */
export async function runOutage(
  cells: readonly Cell[],
  options: RunOptions,
  onCell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const { collector } = options;
  const root = await mkdtemp(join(tmpdir(), 'spanlog-endings-'));
  try {
    await collector.kill();
    const outcomes: Outcome[] = [];
    for (const [index, cell] of cells.entries()) {
      const folder = join(root, String(index));
      const seen = await runToItsEnd(cell, options, folder, join(root, 'unused'));
      outcomes.push({ ...cell, ...seen, arrived: 0, duplicates: 0 });
    }
    await collector.start();
    for (const [index, outcome] of outcomes.entries()) {
      if (keepsSpool(outcome.setUp)) {
        const arrivals = await Arrivals.fresh(collector.outFile);
        await replay(outcome.setUp, options, join(root, String(index)), arrivals);
        outcomes[index] = { ...outcome, arrivedLater: arrivals.distinct, duplicates: arrivals.duplicates };
      }
      onCell(outcomes[index] ?? outcome);
    }
    return outcomes;
  } finally {
    await rm(root, { recursive: true });
  }
}

function keepsSpool(setUp: SetUpName): boolean {
  const { durability } = setUpOf(setUp);
  return durability === 'disk' || durability === 'sync';
}

async function runToItsEnd(
  cell: Cell,
  options: RunOptions,
  folder: string,
  file: string,
): Promise<Pick<Outcome, 'exit' | 'tookMs' | 'stderr'>> {
  const { kill } = ENDS[cell.end];
  const child = start(cell, options, folder, file);
  // Judged below: nobody waits for it yet.
  const ended = child.ended.then(
    (end) => ({ end, goneMs: Date.now() }),
    (error: unknown) => ({ error }),
  );
  if (kill !== undefined) {
    await child.said(LOGGED);
    if (kill.afterMs > 0) await sleep(kill.afterMs);
    child.kill(kill.signal);
  }
  const result = await ended;
  if ('error' in result) {
    if (String(result.error).includes('was still running')) return { stderr: '' };
    throw result.error;
  }
  const { end, goneMs } = result;
  const loggedMs = Number(end.stdout.split(LOGGED)[1]?.split('\n')[0]);
  if (Number.isNaN(loggedMs)) throw new Error(`${cell.setUp} did not log before its end by ${cell.end}\n${end.stderr}`);
  return {
    exit: { code: end.code, signal: end.signal },
    tookMs: goneMs - loggedMs - (kill?.afterMs ?? 0),
    stderr: end.stderr,
  };
}

/** The next start of the same application: it logs nothing, and is up until everything came, or nothing does. */
async function replay(setUp: SetUpName, options: RunOptions, folder: string, arrivals: Arrivals): Promise<void> {
  const child = start({ setUp, end: 'stay' }, { ...options, records: 0 }, folder, join(folder, 'unused'));
  const ended: Promise<Ended> = child.ended;
  await child.said(LOGGED);
  await arrivals.settled(options.records, REPLAY_QUIET_MS);
  child.kill('SIGTERM');
  await ended;
}

function start(
  task: Pick<Task, 'setUp' | 'end'>,
  { collector, records, spanlog }: RunOptions,
  spoolFolder: string,
  file: string,
): ReturnType<typeof startChild> {
  const { durability } = setUpOf(task.setUp);
  const full: Task = { ...task, records, options: { endpoint: collector.otlpHttp, file, spanlog } };
  return startChild({
    args: ['--no-warnings', APP, JSON.stringify(full)],
    env: {
      OTEL_SERVICE_NAME: 'endings',
      ...(durability !== undefined && { SPANLOG_DURABILITY: durability }),
      ...(keepsSpool(task.setUp) && { SPANLOG_SPOOL_DIRECTORY: spoolFolder }),
    },
    timeoutMs: PROCESS_TIMEOUT_MS,
  });
}
