/** Logs at a steady rate until it is told to stop, and tells what it saw of itself: `app.ts <AppTask as JSON>`. */
import { readdirSync } from 'node:fs';
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Histogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type * as mainModule from '../../src/index.ts';
import type { Ledger, Logging } from '../../src/index.ts';
import { Load } from './load.ts';
import type { AppMessage, AppTask, Durations, Sample } from './task.ts';
import { STOP_SIGNAL } from './task.ts';

const TICK_MS = 5;
/** Logged at once and flushed before anything is measured, so that code is compiled and the heap has the size of a backlog. */
const WARM_UP_RECORDS = 20_000;
/**
 * Before every so many-th sample garbage is collected: left to itself the heap swings by half its size, over minutes. Not
 * before every one, since that takes time, and resident memory is to be what it is without.
 */
const COLLECT_EVERY_SAMPLES = 5;
const LOOP_RESOLUTION_MS = 10;
/** Several a second, so that they meet requests, disk and outages at many a moment. */
const LEDGER_LOOK_EVERY_MS = 100;

async function run(task: AppTask): Promise<void> {
  const { getLogger, register } = await load(task.spanlog);
  const logging = register();
  const work = new Load(getLogger);
  const book = new Book(logging);
  work.logUpTo(WARM_UP_RECORDS, () => undefined);
  await logging.flush({ timeoutMs: task.flushTimeoutMs });

  const calls = createHistogram();
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });

  let stopped = false as boolean;
  process.once(STOP_SIGNAL, () => (stopped = true));
  let samples = 0;
  const sampling = setInterval(() => {
    const collects = ++samples % COLLECT_EVERY_SAMPLES === 0;
    tell({ sample: sampleOf(work.count, book.look(), collects) });
  }, task.sampleEveryMs);
  const looking = setInterval(() => book.look(), LEDGER_LOOK_EVERY_MS);
  tell({ started: true });
  loop.enable();
  const startedMs = performance.now();
  while (!stopped) {
    // As many as are due by now, however late the timer was.
    const due = ((performance.now() - startedMs) / 1_000) * task.recordsPerSecond;
    work.logUpTo(WARM_UP_RECORDS + Math.floor(due), (ns) => calls.record(Math.max(1, Math.round(ns))));
    await delay(TICK_MS);
  }
  loop.disable();

  const flushStartedMs = performance.now();
  const flush = await logging.flush({ timeoutMs: task.flushTimeoutMs });
  const flushMs = performance.now() - flushStartedMs;
  clearInterval(sampling);
  clearInterval(looking);
  await logging.shutdown();
  const ledger = book.look();
  tell({
    report: {
      logged: work.count,
      loggedSteadily: work.count - WARM_UP_RECORDS,
      ledgerLooks: book.looks,
      unbalanced: book.unbalanced,
      flush,
      flushMs,
      ledger,
      callNs: durations(calls, 1),
      loopDelayMs: durations(loop, 1e6),
    },
  });
}

/** Looks at the ledger, and keeps the first that does not add up. */
class Book {
  looks = 0;
  unbalanced: Ledger | null = null;
  readonly #logging: Logging;

  constructor(logging: Logging) {
    this.#logging = logging;
  }

  look(): Ledger {
    const ledger = this.#logging.ledger();
    this.looks++;
    if (!ledger.balanced) this.unbalanced ??= ledger;
    return ledger;
  }
}

function sampleOf(logged: number, { pending, delivered }: Ledger, collects: boolean): Sample {
  // As it is before: collecting touches pages that nobody else would.
  const residentBytes = process.memoryUsage.rss();
  if (collects) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return {
    atMs: Date.now(),
    logged,
    pending,
    delivered,
    residentBytes,
    ...(collects && { liveBytes: heapUsed + external }),
    openFiles: countOpenFiles(),
  };
}

function countOpenFiles(): number | undefined {
  try {
    // Less the one that lists them.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    // Linux alone has it.
    return undefined;
  }
}

function durations(histogram: Histogram, unit: number): Durations {
  return { p50: histogram.percentile(50) / unit, p99: histogram.percentile(99) / unit, max: histogram.max / unit };
}

function tell(message: AppMessage): void {
  console.log(JSON.stringify(message));
}

async function load(from: AppTask['spanlog']): Promise<typeof mainModule> {
  // Not a constant, or the compiler would look for a package that isn't built yet.
  const main: string = from === 'built' ? 'spanlog' : '../../src/index.ts';
  return (await import(main)) as typeof mainModule;
}

await run(JSON.parse(process.argv[2] ?? '') as AppTask);
