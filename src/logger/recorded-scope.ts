import { types } from 'node:util';

/** Told how the function of a scope came back. */
export interface ScopeWatch {
  /** It has done all it will, as far as its promise tells. */
  finished(): void;
  failed(error: unknown): void;
  /** It returned, and nothing tells whether something goes on behind it: timers, a middleware's `next()`. */
  returned(): void;
}

/** Runs `fn` and tells how it ended. What it returns or throws passes through; a promise is followed by one of its kind. */
export function watchScope<T>(fn: () => T, watch: ScopeWatch): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    watch.failed(error);
    throw error;
  }
  if (!isPlainPromise(result)) {
    watch.returned();
    return result;
  }
  // A listener on the side would make a rejection that nobody handles look handled.
  return result.then(
    (value) => {
      watch.finished();
      return value;
    },
    (error: unknown) => {
      watch.failed(error);
      throw error;
    },
  ) as T;
}

/** A promise that is nothing else. Those with more to them (a child process, a query) must stay themselves. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return (
    types.isPromise(value) && Object.getPrototypeOf(value) === Promise.prototype && Object.keys(value).length === 0
  );
}
