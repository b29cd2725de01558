import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { Context, ContextManager } from '@opentelemetry/api';

/**
 * A context manager for processes that have none: no tracing SDK, but callers that send a trace. It does all that one of
 * an SDK does, since an SDK that starts later finds the place taken and has to live with this one.
 */
export class ContextStorage implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<Args extends unknown[], Fn extends (...args: Args) => ReturnType<Fn>>(
    context: Context,
    fn: Fn,
    thisArg?: ThisParameterType<Fn>,
    ...args: Args
  ): ReturnType<Fn> {
    return this.#storage.run(context, () => Reflect.apply(fn, thisArg, args));
  }

  /** A function runs in `context` from then on; so do the listeners of an emitter. Anything else is left as it is. */
  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) {
      const emit = target.emit.bind(target);
      // Not written where it is assigned, see `ServedRequest.routeBy`.
      const emitting: typeof target.emit = (event, ...args) =>
        this.#storage.run(context, () => emit(event, ...(args as unknown[])));
      target.emit = emitting;
      return target;
    }
    if (typeof target !== 'function') return target;
    const storage = this.#storage;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return storage.run(context, () => Reflect.apply(target, this, args) as unknown);
    };
    Object.defineProperty(bound, 'length', { configurable: true, value: target.length });
    return bound as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}
