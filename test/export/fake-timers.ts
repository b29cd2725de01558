import type { Timers } from '../../src/export/timers.ts';

interface Pending {
  readonly at: number;
  readonly keepAlive: boolean;
  readonly run: () => void;
}

/** Time that passes only when told to. */
export class FakeTimers implements Timers {
  #nowMs = 1_000_000;
  readonly #pending = new Set<Pending>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void, keepAlive: boolean): () => void {
    const pending: Pending = { at: this.#nowMs + delayMs, keepAlive, run };
    this.#pending.add(pending);
    return () => this.#pending.delete(pending);
  }

  soon(run: () => void): void {
    this.after(0, run, true);
  }

  /** How many timers would keep the process alive. */
  get keepingAlive(): number {
    return [...this.#pending].filter(({ keepAlive }) => keepAlive).length;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Lets `ms` pass: what falls due runs in its order, and what it starts with promises gets its turn in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await turns();
    for (;;) {
      const due = [...this.#pending].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#pending.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.at);
      due.run();
      await turns();
    }
    this.#nowMs = end;
  }
}

/** Lets promise chains of any length run. */
function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
