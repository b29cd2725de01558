import type { Timers } from './timers.ts';

interface Waiter {
  isDone(): boolean;
  serve(): void;
}

/** The flushes that wait for records to be settled, each with its own idea of when that is. */
export class FlushWaiters {
  readonly #timers: Timers;
  #waiting: Waiter[] = [];

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** True while somebody waits. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Resolves once `isDone` holds, which is asked at each `check`, or after `timeoutMs`, then with false. The process stays
   * alive meanwhile, or an idle loop would end it with the flush still waiting.
   */
  wait(isDone: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isDone()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        isDone,
        serve: () => {
          cancel();
          resolve(true);
        },
      };
      const cancel = this.#timers.after(
        timeoutMs,
        () => {
          this.#waiting = this.#waiting.filter((other) => other !== waiter);
          resolve(false);
        },
        true,
      );
      this.#waiting.push(waiter);
    });
  }

  /** Records were settled. */
  check(): void {
    if (this.#waiting.length === 0) return;
    const done = this.#waiting.filter((waiter) => waiter.isDone());
    this.#waiting = this.#waiting.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.serve();
  }
}
