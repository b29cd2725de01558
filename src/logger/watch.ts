import { types } from 'node:util';

/** Told how something ended. */
export interface Watch {
  done(result: unknown): void;
  fail(error: unknown): void;
  cancel(): void;
}

interface StreamLike {
  once(event: 'close', listener: () => void): unknown;
  readonly closed?: unknown;
  readonly errored?: unknown;
  readonly readableEnded?: boolean;
  readonly writableFinished?: boolean;
}

/**
 * Runs `fn` and tells `watch` when what it returns has ended: a value at once, a promise when it settles, an iterator when
 * it is exhausted, fails or is left early, an async iterable or a cursor once it is iterated, a Node stream when it closes.
 *
 * What `fn` returns, throws or rejects with passes through, the same object; a promise, and an iterator that can do
 * nothing but iterate, are followed by one of their kind.
 */
export function watched<T>(fn: () => T, watch: Watch): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    watch.fail(error);
    throw error;
  }
  return follow(result, watch) as T;
}

function follow(result: unknown, watch: Watch): unknown {
  switch (kindOf(result)) {
    case 'promise':
      // What only looks like a promise may start its work with each `then`, and need not return anything.
      return (types.isPromise(result) ? result : Promise.resolve(result)).then(
        (value) => {
          watch.done(value);
          return value;
        },
        (error: unknown) => {
          watch.fail(error);
          throw error;
        },
      );
    case 'iterator':
      return watchedIterator(result as Iterable<unknown>, watch);
    case 'async iterator':
      return watchedAsyncIterator(result as AsyncIterable<unknown>, watch);
    case 'iterable':
      if (!watchIteration(result as Iterable<unknown>, watch)) watch.done(result);
      return result;
    case 'async iterable':
      if (!watchAsyncIteration(result as AsyncIterable<unknown>, watch)) watch.done(result);
      return result;
    case 'stream':
      watchStream(result as StreamLike, watch);
      return result;
    case 'value':
      watch.done(result);
      return result;
  }
}

type Kind = 'value' | 'promise' | 'iterator' | 'async iterator' | 'iterable' | 'async iterable' | 'stream';

function kindOf(result: unknown): Kind {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) return 'value';
  try {
    const has = (key: PropertyKey): boolean => typeof Reflect.get(result, key) === 'function';
    if (types.isPromise(result) || has('then')) return 'promise';
    if (has('next')) {
      const onlyIterates = hasIterationAlone(result);
      if (has(Symbol.asyncIterator)) return onlyIterates ? 'async iterator' : 'async iterable';
      if (has(Symbol.iterator)) return onlyIterates ? 'iterator' : 'iterable';
      return 'value';
    }
    if (has('pipe') && has('once')) return 'stream';
    return has(Symbol.asyncIterator) ? 'async iterable' : 'value';
  } catch {
    // A proxy or a getter that throws is nobody's promise; the caller gets it as it is.
    return 'value';
  }
}

/** JavaScript's own iterators, generators among them, inherit from these. */
const ITERATOR: unknown = Object.getPrototypeOf(Object.getPrototypeOf(watchedIterator.prototype));
const ASYNC_ITERATOR: unknown = Object.getPrototypeOf(Object.getPrototypeOf(watchedAsyncIterator.prototype));
const ITERATION: ReadonlySet<string> = new Set(['next', 'return', 'throw', 'constructor']);

/**
 * True for an iterator that a generator may stand in for. The cursor of a database is one, too, but has more to it
 * (`toArray`, `close`): it must stay itself.
 */
function hasIterationAlone(iterator: object): boolean {
  for (let at: object | null = iterator; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (at === ITERATOR || at === ASYNC_ITERATOR || at === Object.prototype) return true;
    if (!Object.getOwnPropertyNames(at).every((name) => ITERATION.has(name))) return false;
  }
  return true;
}

function* watchedIterator(source: Iterable<unknown>, watch: Watch): Generator<unknown, unknown> {
  let left = true;
  try {
    const result: unknown = yield* source;
    left = false;
    watch.done(result);
    return result;
  } catch (error) {
    left = false;
    watch.fail(error);
    throw error;
  } finally {
    if (left) watch.cancel();
  }
}

async function* watchedAsyncIterator(source: AsyncIterable<unknown>, watch: Watch): AsyncGenerator<unknown, unknown> {
  let left = true;
  try {
    const result: unknown = yield* source;
    left = false;
    watch.done(result);
    return result;
  } catch (error) {
    left = false;
    watch.fail(error);
    throw error;
  } finally {
    if (left) watch.cancel();
  }
}

/** The object stays the one it is, with all else it can do; only its iterators are followed. False where that can't be. */
function watchIteration(iterable: Iterable<unknown>, watch: Watch): boolean {
  const iterate = iterable[Symbol.iterator].bind(iterable);
  const value = (): Generator<unknown, unknown> => watchedIterator({ [Symbol.iterator]: iterate }, watch);
  return Reflect.defineProperty(iterable, Symbol.iterator, { value, configurable: true, writable: true });
}

function watchAsyncIteration(iterable: AsyncIterable<unknown>, watch: Watch): boolean {
  const iterate = iterable[Symbol.asyncIterator].bind(iterable);
  const value = (): AsyncGenerator<unknown, unknown> =>
    watchedAsyncIterator({ [Symbol.asyncIterator]: iterate }, watch);
  return Reflect.defineProperty(iterable, Symbol.asyncIterator, { value, configurable: true, writable: true });
}

/** A listener for `error` would make a failure look handled; `close` comes after it. */
function watchStream(stream: StreamLike, watch: Watch): void {
  const report = (): void => {
    if (stream.errored !== null && stream.errored !== undefined) watch.fail(stream.errored);
    else if (stream.readableEnded === true || stream.writableFinished === true) watch.done(stream);
    else watch.cancel();
  };
  if (stream.closed === true) report();
  else stream.once('close', report);
}
