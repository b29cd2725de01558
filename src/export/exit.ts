import { isMainThread } from 'node:worker_threads';

/** What the end of a process needs of the one logging that it has. */
export interface EndingsParts {
  /** Records that are not settled yet. */
  pending(): number;
  /** Resolves when all is settled or the time is up. Keeps the process alive meanwhile. Never rejects. */
  flush(timeoutMs: number): Promise<void>;
  /**
   * Delivers in this tick, gives up at the deadline and counts what is left. After the `last` one nobody flushes any more,
   * so that later records have to be delivered as they come.
   */
  flushSync(timeoutMs: number, last: boolean): void;
  /** Logs the error that is about to end the process. */
  crash(error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): void;
  /** Says on stderr what was lost, if anything was. The last thing that is called. */
  report(): void;
  readonly exitTimeoutMs: number;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/** Marks our listeners, those of other pipelines and copies too: two of us must neither chase nor wait for one another. */
const OURS = Symbol.for('spanlog.ending');

function ours<T extends () => void>(listener: T): T {
  return Object.assign(listener, { [OURS]: true });
}

function isOurs(listener: unknown): boolean {
  return typeof listener === 'function' && OURS in listener;
}

/** A process that goes on for this long after what looked like its end was not ending. */
const LIVES_ON_MS = 1_000;

/**
 * Brings pending records out however the process ends, without changing how it ends.
 *
 * - The loop runs empty: `beforeExit` waits for an asynchronous flush.
 * - `process.exit`, an uncaught error: at `exit` the rest goes out in the same tick. The error is logged through
 *   `uncaughtExceptionMonitor`, so Node's own exit code and stderr stay.
 * - A signal: flush; re-raise only when nobody else listens, so that the application's own handlers keep their say.
 *   (Node resets ignored signals as it starts, so under `nohup` too SIGHUP ends it, with us as without.)
 *
 * One deadline spans all of one end: `exitTimeoutMs` from its first sign.
 *
 * @returns how to stop watching
 */
export function watchEndings(parts: EndingsParts): () => void {
  let deadline: number | undefined;
  const left = (): number => {
    const now = performance.now();
    if (deadline === undefined || now > deadline + LIVES_ON_MS) deadline = now + parts.exitTimeoutMs;
    return Math.max(0, deadline - now);
  };

  let flushedAt = -Infinity;
  const onBeforeExit = (): void => {
    // The loop runs empty again right after our flush. What was logged since then is for `exit`: another round here, and
    // an application that logs at each `beforeExit` would never end.
    if (parts.pending() === 0 || performance.now() - flushedAt < LIVES_ON_MS) return;
    flushedAt = Infinity;
    void parts.flush(left()).then(() => {
      flushedAt = performance.now();
      // All is out in time, and more may be to come: others can fill the loop again.
      if (parts.pending() === 0) deadline = undefined;
    });
  };
  // Exit listeners of the application can log, and those behind the first of ours can read a settled ledger. A second one
  // stays at the end of the row, as far as possible: one flush for all they log, not one for each record (some 40 ms).
  const onExit = (): void => parts.flushSync(left(), !isOurs(process.listeners('exit').at(-1)));
  const onLastExit = ours((): void => {
    parts.flushSync(left(), true);
    parts.report();
  });
  const onNewListener = (event: string | symbol, added: unknown): void => {
    if (event !== 'exit' || isOurs(added)) return;
    // It is told before the new one is there.
    queueMicrotask(() => {
      if (!process.listeners('exit').includes(onLastExit)) return;
      process.removeListener('exit', onLastExit);
      process.on('exit', onLastExit);
    });
  };
  const onCrash = (error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): void => {
    parts.crash(error, origin);
  };
  const listeners = new Map<Signal, () => void>();
  const ending = new Set<Signal>();
  const onSignal = (signal: Signal, listener: () => void): void => {
    const all = process.listeners(signal);
    const mine = all.filter(isOurs);
    if (all.length - mine.length > signalExitListeners()) {
      void parts.flush(parts.exitTimeoutMs);
      return;
    }
    if (ending.has(signal)) {
      // A second signal is impatience: the process ends at once.
      for (const other of mine) process.removeListener(signal, other);
      process.kill(process.pid, signal);
      return;
    }
    ending.add(signal);
    void parts.flush(left()).then(() => {
      parts.flushSync(left(), true);
      parts.report();
      process.removeListener(signal, listener);
      // Several pipelines: the last one to be done ends the process.
      if (!process.listeners(signal).some(isOurs)) process.kill(process.pid, signal);
    });
  };

  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  process.on('exit', onLastExit);
  process.on('newListener', onNewListener);
  process.on('uncaughtExceptionMonitor', onCrash);
  if (isMainThread) {
    for (const signal of SIGNALS) {
      const listener = ours((): void => onSignal(signal, listener));
      listeners.set(signal, listener);
      // First, since a listener for one signal (`once`) is gone by the time that it has been called.
      process.prependListener(signal, listener);
    }
  }
  return () => {
    process.removeListener('beforeExit', onBeforeExit);
    process.removeListener('newListener', onNewListener);
    process.removeListener('exit', onExit);
    process.removeListener('exit', onLastExit);
    process.removeListener('uncaughtExceptionMonitor', onCrash);
    for (const [signal, listener] of listeners) process.removeListener(signal, listener);
  };
}

/**
 * Listeners that the package signal-exit has for each signal. Like ours they only re-raise it when alone, so counting
 * them as handlers would leave a process that no signal can end: each would wait for the other. It is among the
 * dependencies of most command-line tools. Versions 3 and 4 publish their number for one another, at these places.
 */
function signalExitListeners(): number {
  const { __signal_exit_emitter__: third } = process as { __signal_exit_emitter__?: { count?: unknown } };
  const { [SIGNAL_EXIT]: fourth } = globalThis as { [SIGNAL_EXIT]?: { count?: unknown } };
  return numberOf(third?.count) + numberOf(fourth?.count);
}

const SIGNAL_EXIT = Symbol.for('signal-exit emitter');

function numberOf(count: unknown): number {
  return typeof count === 'number' ? count : 0;
}
