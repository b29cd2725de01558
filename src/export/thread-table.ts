import { SHARED_COUNTERS } from '../core/shared-counters.ts';

/**
 * A table in memory that all threads of a process share: an entry per worker thread and destination, in which that thread
 * counts. Offsets in bytes:
 *
 *   head    0 asked   4 answered   8 full                                                       Int32
 *   entry   0 state   4 thread   8 parent   12 heard   16 answer   20 told   24 name's length   Int32
 *           32 name, UTF-8                                                                      NAME_BYTES
 *           80 the counters of one account                                                      Float64
 *
 * An entry is claimed by the thread that counts in it, and freed by one above it, once that thread has ended. In between
 * each of its numbers has one writer. Nobody looks at an entry that is not claimed.
 */
const HEAD_BYTES = 16;
const NAME_BYTES = 48;
const NAME_AT = 32;
const COUNTERS_AT = NAME_AT + NAME_BYTES;
const ENTRY_BYTES = COUNTERS_AT + SHARED_COUNTERS * Float64Array.BYTES_PER_ELEMENT;
/** 45 KB in all, of which an application without workers touches nothing. */
const ENTRIES = 256;

/** States of an entry. */
const FREE = 0;
const CLAIMED = 1;
const CHANGING = 2;

/** The numbers of an entry, in order. */
const STATE = 0;
const THREAD = 1;
const PARENT = 2;
const HEARD = 3;
const ANSWER = 4;
const TOLD = 5;
const NAME_LENGTH = 6;

/** The numbers of the head. */
const ASKED = 0;
const ANSWERED = 1;
const FULL = 2;

/** The account of one destination in one thread. */
export class ThreadEntry {
  readonly #numbers: Int32Array;
  readonly #name: Buffer;
  readonly counters: Float64Array;

  constructor(memory: SharedArrayBuffer, at: number) {
    this.#numbers = new Int32Array(memory, at, NAME_LENGTH + 1);
    this.#name = Buffer.from(memory, at + NAME_AT, NAME_BYTES);
    this.counters = new Float64Array(memory, at + COUNTERS_AT, SHARED_COUNTERS);
  }

  /** Fills a new entry and shows it. A name of more than 48 bytes is cut. */
  fill(thread: number, parent: number, name: string): void {
    this.#numbers.set([thread, parent, 0, 0, 0, this.#name.write(name)], THREAD);
    this.counters.fill(0);
    Atomics.store(this.#numbers, STATE, CLAIMED);
  }

  /** Frees it; `read` is called before, if this is who frees it. */
  free(read: () => void): void {
    if (Atomics.compareExchange(this.#numbers, STATE, CLAIMED, CHANGING) !== CLAIMED) return;
    read();
    Atomics.store(this.#numbers, STATE, FREE);
  }

  get thread(): number {
    return this.#numbers[THREAD] as number;
  }

  /** The next thread above that counts what those below it lose. */
  get parent(): number {
    return this.#numbers[PARENT] as number;
  }

  get name(): string {
    return this.#name.toString('utf8', 0, this.#numbers[NAME_LENGTH]);
  }

  /** The number of the last request to flush that its thread has begun with. */
  get heard(): number {
    return Atomics.load(this.#numbers, HEARD);
  }

  set heard(number: number) {
    Atomics.store(this.#numbers, HEARD, number);
  }

  /** The number of the last request to flush that its thread has fulfilled. */
  get answer(): number {
    return Atomics.load(this.#numbers, ANSWER);
  }

  set answer(number: number) {
    Atomics.store(this.#numbers, ANSWER, number);
  }

  /** How many of its records were counted as lost already. */
  get told(): number {
    return this.#numbers[TOLD] as number;
  }

  set told(count: number) {
    this.#numbers[TOLD] = count;
  }
}

/** The table, as one thread sees it. */
export class ThreadTable {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(HEAD_BYTES + ENTRIES * ENTRY_BYTES)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory);
  }

  /** A new entry for one destination of that thread, or `undefined` when all are taken. */
  claim(thread: number, parent: number, name: string): ThreadEntry | undefined {
    for (let at = HEAD_BYTES; at < this.memory.byteLength; at += ENTRY_BYTES) {
      if (Atomics.compareExchange(this.#numbers, at / 4 + STATE, FREE, CHANGING) !== FREE) continue;
      const entry = new ThreadEntry(this.memory, at);
      entry.fill(thread, parent, name);
      return entry;
    }
    return undefined;
  }

  /** True once, for whoever finds the table full first. */
  isFirstWithoutRoom(): boolean {
    return Atomics.exchange(this.#numbers, FULL, 1) === 0;
  }

  /** All that are claimed. */
  entries(): ThreadEntry[] {
    const found: ThreadEntry[] = [];
    for (let at = HEAD_BYTES; at < this.memory.byteLength; at += ENTRY_BYTES) {
      if (Atomics.load(this.#numbers, at / 4 + STATE) === CLAIMED) found.push(new ThreadEntry(this.memory, at));
    }
    return found;
  }

  get asked(): number {
    return Atomics.load(this.#numbers, ASKED);
  }

  /** Asks all threads to flush, those that are asleep too; returns the number of the request. */
  ask(): number {
    const before = Atomics.add(this.#numbers, ASKED, 1);
    Atomics.notify(this.#numbers, ASKED);
    return before + 1;
  }

  /** Resolves once more is asked than `seen`. Does not keep the thread alive. */
  async askedAfter(seen: number): Promise<void> {
    await Atomics.waitAsync(this.#numbers, ASKED, seen).value;
  }

  get answered(): number {
    return Atomics.load(this.#numbers, ANSWERED);
  }

  /** Wakes those who wait for an answer. */
  announceAnswer(): void {
    Atomics.add(this.#numbers, ANSWERED, 1);
    Atomics.notify(this.#numbers, ANSWERED);
  }

  /** Blocks this thread until there are more answers than `seen`, or the time is up. */
  waitForAnswer(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#numbers, ANSWERED, seen, timeoutMs);
  }
}
