import type { DedupeSettings } from '../config/resolved-settings.ts';

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

/** From the first of its records until `endMs`. */
interface Window<T> {
  readonly key: string;
  readonly endMs: number;
  bytes: number;
  count: number;
  firstMs: number;
  lastMs: number;
  last: T | undefined;
  /** The one that ends after it. */
  next: Window<T> | undefined;
}

/** What a window takes besides its texts. */
const WINDOW_BYTES = 200;
/** One timer serves all windows: a summary comes this much later at most, as a part of its window. */
const LATENESS = 0.1;

/**
 * Finds repeats by their keys. The first record of a key passes and opens a window; others are held back until it ends,
 * and then told of as one. What is kept of them is the last, for its fields.
 *
 * Windows are equally long, so that the oldest is the first to end. It is also the first to go when there are too many or
 * they hold too much, and is told of then. What is due is told once the record at hand is on its way: it came before.
 */
export class RepeatFinder<T> {
  readonly #windowMs: number;
  readonly #maxKeys: number;
  readonly #maxBytes: number;
  readonly #after: After;
  readonly #now: () => number;
  readonly #tell: (repeats: Repeats<T>) => void;
  readonly #windows = new Map<string, Window<T>>();
  /**
   * The first to end, from which all are reached in their order. A Map has that order too, but looking for its first entry
   * passes all that were deleted before it.
   */
  #first: Window<T> | undefined;
  #newest: Window<T> | undefined;
  readonly #due: Repeats<T>[] = [];
  #bytes = 0;
  #cancel: (() => void) | undefined;

  /** @param now wall clock, ms since 1970 */
  constructor(
    { windowMs, maxKeys, maxBytes }: DedupeSettings,
    parts: { readonly now: () => number; readonly after: After; readonly tell: (repeats: Repeats<T>) => void },
  ) {
    this.#windowMs = windowMs;
    this.#maxKeys = maxKeys;
    this.#maxBytes = maxBytes;
    this.#now = parts.now;
    this.#after = parts.after;
    this.#tell = parts.tell;
  }

  /**
   * True for a record that is held back. `tellDue` has to follow, once it is counted or on its way.
   *
   * @param keep makes the copy that is kept, and says how large it is
   */
  holds(key: string, nowMs: number, keep: () => { readonly kept: T; readonly bytes: number }): boolean {
    this.#closeEnded(nowMs);
    const known = this.#windows.get(key);
    if (known === undefined) {
      const bytes = WINDOW_BYTES + key.length * 2;
      const endMs = nowMs + this.#windowMs;
      this.#open({ key, endMs, bytes, count: 0, firstMs: 0, lastMs: 0, last: undefined, next: undefined });
      this.#makeRoom();
      return false;
    }
    const { kept, bytes } = keep();
    if (known.count++ === 0) known.firstMs = nowMs;
    known.lastMs = nowMs;
    known.last = kept;
    this.#resize(known, WINDOW_BYTES + key.length * 2 + bytes);
    this.#makeRoom();
    this.#cancel ??= this.#wait(nowMs);
    return true;
  }

  /** Tells of the windows that had to be closed. */
  tellDue(): void {
    while (this.#due.length > 0) this.#tell(this.#due.shift() as Repeats<T>);
  }

  /** Tells of what is held back; windows stay open. */
  tellNow(): void {
    for (let window = this.#first; window !== undefined; window = window.next) this.#settle(window);
    this.tellDue();
  }

  /** Tells of what is held back, and ends all windows. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.tellNow();
    this.#windows.clear();
    this.#first = this.#newest = undefined;
    this.#bytes = 0;
  }

  #wait(nowMs: number): (() => void) | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    return this.#after(Math.max(first.endMs - nowMs, this.#windowMs * LATENESS), () => {
      this.#cancel = undefined;
      const nowMs = this.#now();
      this.#closeEnded(nowMs);
      this.tellDue();
      if ([...this.#windows.values()].some(({ count }) => count > 0)) this.#cancel = this.#wait(nowMs);
    });
  }

  #open(window: Window<T>): void {
    this.#windows.set(window.key, window);
    this.#bytes += window.bytes;
    if (this.#newest === undefined) this.#first = window;
    else this.#newest.next = window;
    this.#newest = window;
  }

  #closeEnded(nowMs: number): void {
    while (this.#first !== undefined && this.#first.endMs <= nowMs) this.#end(this.#first);
  }

  #makeRoom(): void {
    while (this.#first !== undefined && (this.#windows.size > this.#maxKeys || this.#bytes > this.#maxBytes)) {
      this.#end(this.#first);
    }
  }

  /** Ends the first window. */
  #end(window: Window<T>): void {
    this.#settle(window);
    this.#windows.delete(window.key);
    this.#bytes -= window.bytes;
    this.#first = window.next;
    if (this.#first === undefined) this.#newest = undefined;
  }

  #settle(window: Window<T>): void {
    const { last, count, firstMs, lastMs, key } = window;
    if (last === undefined) return;
    this.#due.push({ last, count, firstMs, lastMs });
    window.last = undefined;
    window.count = 0;
    this.#resize(window, WINDOW_BYTES + key.length * 2);
  }

  #resize(window: Window<T>, bytes: number): void {
    this.#bytes += bytes - window.bytes;
    window.bytes = bytes;
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
