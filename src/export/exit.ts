import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/** What the end of a process needs of the one logging that it has. */
export interface EndingsParts {
  /** Records that are not settled yet. */
  pending(): number;
  /** Resolves when all is settled or the time is up. Keeps the process alive meanwhile. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
  /** Delivers in this tick, gives up at the deadline and counts what is left. */
  flushSync(timeoutMs: number): void;
  /** Logs the error that is about to end the process. */
  crash(error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): void;
  /** Says on stderr what was lost, if anything was. The last thing that is called. */
  report(): void;
  readonly exitTimeoutMs: number;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Brings pending records out however the process ends, without changing how it ends.
 *
 * - The loop runs empty: `beforeExit` waits for an asynchronous flush.
 * - `process.exit`, an uncaught error: at `exit` the rest goes out in the same tick. The error is logged through
 *   `uncaughtExceptionMonitor`, so Node's own exit code and stderr stay.
 * - A signal: flush; re-raise only when nobody else listens, so that the application's own handlers keep their say.
 *
 * One deadline spans all of it: `exitTimeoutMs` from the first sign of the end.
 *
 * @returns how to stop watching
 */
export function watchEndings(parts: EndingsParts): () => void {
  let deadline: number | undefined;
  const left = (): number => {
    deadline ??= performance.now() + parts.exitTimeoutMs;
    return Math.max(0, deadline - performance.now());
  };

  let gaveUp = false;
  const onBeforeExit = (): void => {
    if (gaveUp || parts.pending() === 0) return;
    void parts.flush(left()).then(() => {
      // What is left now is for `exit` to count; another round would keep the process from ending.
      gaveUp = parts.pending() > 0;
    });
  };
  const onExit = (): void => {
    parts.flushSync(left());
    parts.report();
  };
  const onCrash = (error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): void => {
    parts.crash(error, origin);
  };
  const listeners = new Map<Signal, () => void>();
  const onSignal = (signal: Signal): void => {
    const listener = listeners.get(signal);
    const sole = process.listenerCount(signal) === 1;
    // A second signal is impatience: it must end the process at once.
    if (sole && listener !== undefined) process.removeListener(signal, listener);
    void parts.flush(sole ? left() : parts.exitTimeoutMs).then(() => {
      if (!sole) return;
      parts.flushSync(left());
      parts.report();
      process.kill(process.pid, signal);
    });
  };

  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  process.on('uncaughtExceptionMonitor', onCrash);
  if (isMainThread) {
    const ignored = ignoredSignals();
    for (const signal of SIGNALS) {
      if (ignored.has(signal)) continue;
      const listener = (): void => onSignal(signal);
      listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }
  return () => {
    process.removeListener('beforeExit', onBeforeExit);
    process.removeListener('exit', onExit);
    process.removeListener('uncaughtExceptionMonitor', onCrash);
    for (const [signal, listener] of listeners) process.removeListener(signal, listener);
  };
}

/**
 * Signals that this process was started to ignore (`nohup`, a shell's `&`). Listening to one and raising it again would
 * end a process that was meant to survive it. Known on Linux only.
 */
function ignoredSignals(): ReadonlySet<Signal> {
  let mask = 0n;
  try {
    const hex = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    mask = hex === undefined ? 0n : BigInt(`0x${hex}`);
  } catch {
    // No /proc: not Linux, or a sandbox. Then no signal is known to be ignored.
    return new Set();
  }
  return new Set(SIGNALS.filter((signal) => (mask >> BigInt(constants.signals[signal] - 1)) & 1n));
}
