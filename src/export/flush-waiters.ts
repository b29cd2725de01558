import type { Timers } from './timers.ts';

interface Waiter {
  /** Records settled, since the start, at which it is served. */
  readonly target: number;
  serve(): void;
}

/**
 * The flushes that wait for records to be settled. Records leave in the order in which they came, so a flush is served
 * once as many have been settled as had come when it was called.
 */
export class FlushWaiters {
  readonly #timers: Timers;
  readonly #waiting: Waiter[] = [];
  #settled = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /**
   * Resolves once the `pending` records of now are settled, or after `timeoutMs`. The process stays alive meanwhile,
   * or an idle loop would end it with the flush still waiting.
   */
  wait(pending: number, timeoutMs: number): Promise<void> {
    if (pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter: Waiter = {
        target: this.#settled + pending,
        serve: () => {
          cancel();
          resolve();
        },
      };
      const cancel = this.#timers.after(
        timeoutMs,
        () => {
          this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
          resolve();
        },
        true,
      );
      this.#waiting.push(waiter);
    });
  }

  /** So many records more are settled. */
  settled(records: number): void {
    this.#settled += records;
    while (this.#waiting.length > 0 && this.#settled >= (this.#waiting[0] as Waiter).target) {
      this.#waiting.shift()?.serve();
    }
  }
}
