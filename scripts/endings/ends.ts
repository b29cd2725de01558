/** The ways in which a process ends, and what its parent should see of each. */

/** Given to `process.exit`, so that a code that was lost shows. */
export const EXIT_CODE = 3;

/** What the parent sees: a code, or the signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface End {
  readonly name: string;
  /** Heading of its column. */
  readonly title: string;
  /** What Node does by itself, and so what a logger must not change. */
  readonly exit: Exit;
  /** Sent from outside; left out where the application ends by itself. */
  readonly kill?: { readonly signal: NodeJS.Signals; readonly afterMs: number };
}

export const END_NAMES = [
  'return',
  'process.exit',
  'uncaught',
  'unhandled',
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'worker',
  'kill -9',
  'kill -9 later',
] as const;

export type EndName = (typeof END_NAMES)[number];

const byCode = (code: number): Exit => ({ code, signal: null });
const bySignal = (signal: NodeJS.Signals, afterMs = 0): Pick<End, 'exit' | 'kill'> => ({
  exit: { code: null, signal },
  kill: { signal, afterMs },
});

export const ENDS: Readonly<Record<EndName, End>> = {
  return: { name: 'return', title: 'plain return', exit: byCode(0) },
  'process.exit': { name: 'process.exit', title: `\`process.exit(${EXIT_CODE})\``, exit: byCode(EXIT_CODE) },
  uncaught: { name: 'uncaught', title: 'uncaught error', exit: byCode(1) },
  unhandled: { name: 'unhandled', title: 'unhandled rejection', exit: byCode(1) },
  SIGTERM: { name: 'SIGTERM', title: 'SIGTERM', ...bySignal('SIGTERM') },
  SIGINT: { name: 'SIGINT', title: 'SIGINT', ...bySignal('SIGINT') },
  SIGHUP: { name: 'SIGHUP', title: 'SIGHUP', ...bySignal('SIGHUP') },
  worker: { name: 'worker', title: '`process.exit` in a worker thread', exit: byCode(EXIT_CODE) },
  // The application does this one to itself: from outside, a millisecond would pass.
  'kill -9': { name: 'kill -9', title: '`kill -9` at once', exit: { code: null, signal: 'SIGKILL' } },
  'kill -9 later': { name: 'kill -9 later', title: '`kill -9` 200 ms later', ...bySignal('SIGKILL', 200) },
};
