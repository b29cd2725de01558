import { AsyncResource } from 'node:async_hooks';

/** Time as delivery sees it; a test passes its own. */
export interface Timers {
  /** Monotonic, in ms: a wall clock that jumps must neither stall a retry nor cause a storm of them. */
  now(): number;
  /** Runs `run` once, after `delayMs`. Only with `keepAlive` does the process wait for it. Returns how to call it off. */
  after(delayMs: number, run: () => void, keepAlive: boolean): () => void;
  /** Runs `run` once the caller's tick is over. */
  soon(run: () => void): void;
}

/** The longest delay that setTimeout takes; past it, it fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Callbacks run outside of any request's asynchronous context. Whoever logs first starts the clock of a batch, and
 * without this the sockets opened later would hold that request's context for as long as they live.
 */
export function createSystemTimers(): Timers {
  const outside = new AsyncResource('spanlog');
  return {
    now: () => performance.now(),
    after(delayMs, run, keepAlive) {
      const timer = outside.runInAsyncScope(() => setTimeout(run, Math.min(delayMs, MAX_DELAY_MS)));
      if (!keepAlive) timer.unref();
      return () => clearTimeout(timer);
    },
    soon(run) {
      outside.runInAsyncScope(() => setImmediate(run));
    },
  };
}

/** Runs `run` once, after `delayMs`; the process does not wait for it. Returns how to call it off. */
export function createUnrefdAfter(): (delayMs: number, run: () => void) => () => void {
  const timers = createSystemTimers();
  return (delayMs, run) => timers.after(delayMs, run, false);
}
