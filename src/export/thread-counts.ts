import { types } from 'node:util';
import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads';
import type { Worker } from 'node:worker_threads';
import type { Account } from '../core/ledger.ts';
import { lostIn, shareCounters } from '../core/shared-counters.ts';
import { VERSION } from '../version.ts';
import type { ThreadEntry } from './thread-table.ts';
import { ThreadTable } from './thread-table.ts';

/**
 * What becomes of the records of worker threads that are ended from outside: by `worker.terminate()`, out of memory, or
 * because the process ends. Such a thread runs no more code, so what it holds can't be delivered; it can be counted.
 *
 *  - The first thread that starts logging makes a table in shared memory. Threads that are started later inherit it, and
 *    count in it instead of in fields of their own: the count is exact, and a record costs no more.
 *  - A thread hears when one that it started has ended. What that one, and those below it, had pending is counted as
 *    emitted and dropped (`thread_terminated`) in the ledger of the one that hears it. Records that were on their way just
 *    then may have arrived all the same.
 *  - A thread that ends asks those below it to flush, and waits for them until its deadline: they go on running while
 *    it waits. Only what they have not brought out by then is counted.
 *
 * Not seen: workers that were started before logging was, and workers with another version of this package.
 *
 * Their encoded bytes could stand in shared memory too, for the thread above to deliver. Each batch would be allocated and
 * bounded across threads then, by encoders that know nothing of it, for what a `flush()` before `terminate()` does as well.
 */
export class ThreadCounts {
  readonly #table: ThreadTable | undefined;
  /** The next thread above that counts, or `NOBODY`. */
  readonly #parent: number;
  readonly #own: ThreadEntry[] = [];
  readonly #flush: () => Promise<unknown>;
  /** The number of the last request of this thread. */
  #asked = 0;

  /** @param flush brings out what this thread has pending, within the deadline of the process's end. Must not reject */
  constructor(flush: () => Promise<unknown>) {
    this.#flush = flush;
    const shared = join();
    this.#table = shared?.table;
    this.#parent = shared?.parent ?? NOBODY;
  }

  /** Lets the threads above see what this account counts; false for the first in the process that there is no room for. */
  share(name: string, account: Account): boolean {
    if (this.#table === undefined || this.#parent === NOBODY) return true;
    const entry = this.#table.claim(threadId, this.#parent, name);
    if (entry === undefined) return !this.#table.isFirstWithoutRoom();
    shareCounters(account, entry.counters);
    if (this.#own.push(entry) === 1) void this.#answer(this.#table);
    return true;
  }

  /**
   * Calls `lose` with what a thread below had pending when it ended, per destination.
   *
   * @returns how to stop listening
   */
  watch(lose: (name: string, count: number) => void): () => void {
    const onWorker = (worker: Worker): void => {
      // It has none any more once it has ended.
      const id = worker.threadId;
      worker.once('exit', () => this.#ended(id, lose));
    };
    process.on('worker', onWorker);
    return () => process.removeListener('worker', onWorker);
  }

  /** Asks the threads below to flush. They do it while this one is busy, or asleep. */
  ask(): void {
    if (this.#table !== undefined) this.#asked = this.#table.ask();
  }

  /** Waits until the threads below have flushed, and counts what they still have: they end with this one. */
  settle(timeoutMs: number, lose: (name: string, count: number) => void): void {
    if (this.#table === undefined) return;
    const began = performance.now();
    for (;;) {
      const seen = this.#table.answered;
      const elapsedMs = performance.now() - began;
      const isAwaited = (entry: ThreadEntry): boolean =>
        (entry.heard >= this.#asked || elapsedMs < HEARING_MS) &&
        entry.answer < this.#asked &&
        lostIn(entry.counters) > entry.told;
      if (elapsedMs >= timeoutMs || !this.#below(this.#table).some(isAwaited)) break;
      this.#table.waitForAnswer(seen, Math.min(timeoutMs - elapsedMs, POLL_MS));
    }
    for (const entry of this.#below(this.#table)) tell(entry, lose);
  }

  /** Those that end with this thread: all, when it is the first, even where one in between never showed itself. */
  #below(table: ThreadTable): ThreadEntry[] {
    if (this.#parent === NOBODY) return table.entries();
    return treeOf(table, threadId).filter(({ thread }) => thread !== threadId);
  }

  /** That thread is no more, nor are those that it started. */
  #ended(id: number, lose: (name: string, count: number) => void): void {
    if (this.#table === undefined) return;
    for (const entry of treeOf(this.#table, id)) entry.free(() => tell(entry, lose));
  }

  /** Flushes whenever a thread above asks for it, for as long as this thread runs. */
  async #answer(table: ThreadTable): Promise<void> {
    for (let seen = table.asked; ;) {
      await table.askedAfter(seen);
      seen = table.asked;
      void this.#flushFor(seen, table);
    }
  }

  async #flushFor(asked: number, table: ThreadTable): Promise<void> {
    for (const entry of this.#own) entry.heard = asked;
    await this.#flush();
    for (const entry of this.#own) entry.answer = asked;
    table.announceAnswer();
  }
}

const KEY = 'spanlog.threads';
const NOBODY = -1;
/** A thread that has not begun to flush by then is not running, or busy for longer than an end should be held up. */
const HEARING_MS = 500;
/** Threads that deliver without being asked tell nobody. */
const POLL_MS = 10;

/** What threads hand to those that they start. */
interface Shared {
  /** Of this package: the layout of the memory is its own. */
  readonly version: string;
  readonly memory: SharedArrayBuffer;
  /** The threads with logging from the first one down to the one that hands it on. */
  readonly line: readonly number[];
}

/** The table of this process; makes it in the first thread that asks. */
function join(): { readonly table: ThreadTable; readonly parent: number } | undefined {
  const found: unknown = getEnvironmentData(KEY);
  if (found === undefined) {
    const table = new ThreadTable();
    setEnvironmentData(KEY, { version: VERSION, memory: table.memory, line: [threadId] } satisfies Shared);
    return { table, parent: NOBODY };
  }
  if (!isShared(found)) return undefined;
  const above = found.line.filter((id) => id !== threadId);
  // Another logging of this thread may have done it: a copy of this package, or a processor.
  if (above.length === found.line.length) setEnvironmentData(KEY, { ...found, line: [...above, threadId] });
  return { table: new ThreadTable(found.memory), parent: above.at(-1) ?? NOBODY };
}

function isShared(found: unknown): found is Shared {
  if (typeof found !== 'object' || found === null) return false;
  const { version, memory, line } = found as Partial<Record<keyof Shared, unknown>>;
  return version === VERSION && types.isSharedArrayBuffer(memory) && Array.isArray(line);
}

/** The entries of that thread and of those that end with it. */
function treeOf(table: ThreadTable, id: number): ThreadEntry[] {
  const entries = table.entries();
  const threads = new Set([id]);
  // They stand in no order: until a round finds no more.
  for (let before = 0; threads.size > before;) {
    before = threads.size;
    for (const { thread, parent } of entries) if (threads.has(parent)) threads.add(thread);
  }
  return entries.filter(({ thread }) => threads.has(thread));
}

/** Counts what was not counted before. */
function tell(entry: ThreadEntry, lose: (name: string, count: number) => void): void {
  const count = lostIn(entry.counters) - entry.told;
  if (count <= 0) return;
  entry.told += count;
  lose(entry.name, count);
}
