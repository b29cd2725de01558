import { types } from 'node:util';

/** Told how something ended. */
export interface Watch {
  done(result: unknown): void;
  fail(error: unknown): void;
  cancel(): void;
}

interface StreamLike {
  once(event: 'close', listener: () => void): unknown;
  readonly errored?: unknown;
  readonly readableEnded?: boolean;
  readonly writableFinished?: boolean;
}

/**
 * Runs `fn` and tells `watch` when what it returns has ended: a value at once, a promise when it settles, an iterator when
 * it is exhausted, fails or is left early, another async iterable once it is iterated, a Node stream when it closes.
 *
 * What `fn` returns, throws or rejects with passes through, the same object; promises and iterators are followed by one
 * of their kind.
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
    case 'async iterable':
      if (!watchIteration(result as AsyncIterable<unknown>, watch)) watch.done(result);
      return result;
    case 'stream':
      watchStream(result as StreamLike, watch);
      return result;
    case 'value':
      watch.done(result);
      return result;
  }
}

type Kind = 'value' | 'promise' | 'iterator' | 'async iterator' | 'async iterable' | 'stream';

function kindOf(result: unknown): Kind {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) return 'value';
  try {
    const has = (key: PropertyKey): boolean => typeof Reflect.get(result, key) === 'function';
    if (types.isPromise(result) || has('then')) return 'promise';
    if (has('next')) return has(Symbol.asyncIterator) ? 'async iterator' : has(Symbol.iterator) ? 'iterator' : 'value';
    if (has('pipe') && has('once')) return 'stream';
    return has(Symbol.asyncIterator) ? 'async iterable' : 'value';
  } catch {
    // A proxy or a getter that throws is nobody's promise; the caller gets it as it is.
    return 'value';
  }
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
function watchIteration(iterable: AsyncIterable<unknown>, watch: Watch): boolean {
  const iterate = iterable[Symbol.asyncIterator].bind(iterable);
  const value = (): AsyncGenerator<unknown, unknown> =>
    watchedAsyncIterator({ [Symbol.asyncIterator]: iterate }, watch);
  return Reflect.defineProperty(iterable, Symbol.asyncIterator, { value, configurable: true, writable: true });
}

/** A listener for `error` would make a failure look handled; `close` comes after it. */
function watchStream(stream: StreamLike, watch: Watch): void {
  stream.once('close', () => {
    if (stream.errored !== null && stream.errored !== undefined) watch.fail(stream.errored);
    else if (stream.readableEnded === true || stream.writableFinished === true) watch.done(stream);
    else watch.cancel();
  });
}
