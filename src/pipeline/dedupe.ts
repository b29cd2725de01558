import type { DedupeSettings } from '../config/resolved-settings.ts';
import { WindowTable } from './window-table.ts';

/** The last of several repeats, and what it stands for. */
export interface Repeats<T> {
  readonly last: T;
  readonly count: number;
  /** Wall clock, ms since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Runs `run` once, after `delayMs`, without keeping the process alive. Returns how to call it off. */
export type After = (delayMs: number, run: () => void) => () => void;

export interface RepeatFinderParts<Given, Kept> {
  /** By which windows end: a monotonic clock, ms. A wall clock that is set back would hold records until it is back there. */
  readonly now: () => number;
  readonly after: After;
  /** Makes the copy that is kept of a record, or uses the one of the repeat before it again. */
  readonly keep: (given: Given, before: Kept | undefined) => Kept;
  /** What that copy takes in memory. */
  readonly bytesOf: (given: Given) => number;
  readonly tell: (repeats: Repeats<Kept>) => void;
}

/** What is known of the repeats in one window. There is one once there is a repeat. */
interface Held<Kept> {
  bytes: number;
  count: number;
  firstMs: number;
  lastMs: number;
  last: Kept;
}

/** What a window takes in the arrays that it stands in, half of which may be empty. */
const WINDOW_BYTES = 80;
/** What is known of its repeats, besides the copy. */
const HELD_BYTES = 64;
/** One timer serves all windows: a summary comes this much later at most, as a part of its window. */
const LATENESS = 0.1;

/**
 * Finds repeats by their hashes. The first record of a hash passes and opens a window; others are held back until it ends,
 * and then told of as one. What is kept of them is the last, for its fields.
 *
 * Windows are equally long, so that the oldest is the first to end. It is also the first to go when there are too many or
 * they hold too much, and is told of then. What is due is told once the record at hand is on its way: it came before.
 */
export class RepeatFinder<Given, Kept> {
  readonly #settings: DedupeSettings;
  readonly #parts: RepeatFinderParts<Given, Kept>;
  readonly #windows = new WindowTable<Held<Kept>>();
  readonly #due: Repeats<Kept>[] = [];
  /** Windows in which something is held. */
  #holding = 0;
  /** Of all that is held. */
  #heldBytes = 0;
  #cancel: (() => void) | undefined;

  constructor(settings: DedupeSettings, parts: RepeatFinderParts<Given, Kept>) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /**
   * True for a record that is held back. `tellDue` has to follow, once it is counted or on its way.
   *
   * @param hash what all records of the same content have, in two words
   * @param atMs when it came, by the wall clock
   */
  holds(hash: Int32Array, atMs: number, given: Given): boolean {
    const nowMs = this.#parts.now();
    this.#closeEnded(nowMs);
    const low = hash[0] as number;
    const high = hash[1] as number;
    const windows = this.#windows;
    const place = windows.find(low, high);
    if (place === -1) {
      windows.open(low, high, nowMs + this.#settings.windowMs);
      this.#makeRoom();
      return false;
    }
    const { keep, bytesOf } = this.#parts;
    const bytes = HELD_BYTES + bytesOf(given);
    const held = windows.keptAt(place);
    if (held === undefined) {
      windows.keep(place, { bytes, count: 1, firstMs: atMs, lastMs: atMs, last: keep(given, undefined) });
      this.#holding++;
      this.#heldBytes += bytes;
    } else {
      held.last = keep(given, held.last);
      held.count++;
      held.lastMs = atMs;
      this.#heldBytes += bytes - held.bytes;
      held.bytes = bytes;
    }
    this.#makeRoom();
    this.#cancel ??= this.#wait(nowMs);
    return true;
  }

  /** Tells of the windows that had to be closed. */
  tellDue(): void {
    while (this.#due.length > 0) this.#parts.tell(this.#due.shift() as Repeats<Kept>);
  }

  /** Tells of what is held back; windows stay open. */
  tellNow(): void {
    for (const place of this.#windows.places()) this.#settle(place);
    this.tellDue();
  }

  /** Tells of what is held back, and ends all windows. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    while (this.#windows.size > 0) this.#endFirst();
    this.tellDue();
  }

  #wait(nowMs: number): (() => void) | undefined {
    if (this.#windows.size === 0) return undefined;
    const { windowMs } = this.#settings;
    return this.#parts.after(Math.max(this.#windows.firstEndMs - nowMs, windowMs * LATENESS), () => {
      this.#cancel = undefined;
      const nowMs = this.#parts.now();
      this.#closeEnded(nowMs);
      this.tellDue();
      if (this.#holding > 0) this.#cancel = this.#wait(nowMs);
    });
  }

  #closeEnded(nowMs: number): void {
    while (this.#windows.firstEndMs <= nowMs) this.#endFirst();
  }

  #makeRoom(): void {
    const { maxKeys, maxBytes } = this.#settings;
    const windows = this.#windows;
    while (windows.size > maxKeys || (windows.size * WINDOW_BYTES + this.#heldBytes > maxBytes && windows.size > 0)) {
      this.#endFirst();
    }
  }

  #endFirst(): void {
    this.#settle(this.#windows.first);
    this.#windows.removeFirst();
  }

  #settle(place: number): void {
    const held = this.#windows.keptAt(place);
    if (held === undefined) return;
    this.#due.push(held);
    this.#windows.keep(place, undefined);
    this.#holding--;
    this.#heldBytes -= held.bytes;
  }
}

/** The fields that say what a record stands for, by the names of the Collector's `logdedup` processor. */
export function repeatFields({
  count,
  firstMs,
  lastMs,
}: Repeats<unknown>): readonly (readonly [string, string | number])[] {
  return [
    ['log_count', count],
    ['first_observed_timestamp', new Date(firstMs).toISOString()],
    ['last_observed_timestamp', new Date(lastMs).toISOString()],
    ['spanlog.summary', 'repeats'],
  ];
}
