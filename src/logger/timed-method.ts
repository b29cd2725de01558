import type { MadeFields } from './fields.ts';
import type { Logger } from './logger.ts';
import type { LazyFields } from './merged-fields.ts';
import type { TimingOptions } from './outcome.ts';

export interface TimedMethodOptions<Args extends readonly unknown[] = never[]> extends TimingOptions {
  /** The name of the record; that of the method unless given. */
  readonly event?: string;
  /** Fields made of the arguments of the call, when the record is kept. */
  readonly fields?: (...args: Args) => MadeFields;
}

/** A decorator of methods, in the standard's form and in that of `experimentalDecorators`. */
export interface TimedMethod<Args extends readonly unknown[] = never[]> {
  <This, Method extends (this: This, ...args: [...Args, ...never[]]) => unknown>(
    method: Method,
    context: ClassMethodDecoratorContext<This, Method>,
  ): Method;
  <Method extends (...args: [...Args, ...never[]]) => unknown>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void;
}

/**
 * A decorator that logs each call of a method once it has ended, as `log.timed` does: sync, async or generator.
 *
 * ```ts
 * class Payments {
 *   @timed(log, { event: 'charge', slowMs: 500, fields: (orderId: string) => ({ order_id: orderId }) })
 *   async charge(orderId: string) { … }
 * }
 * ```
 *
 * @throws TypeError when the class is defined, for what is no method
 */
export function timed<Args extends readonly unknown[] = never[]>(
  log: Logger,
  options?: TimedMethodOptions<Args>,
): TimedMethod<Args> {
  const wrap = (method: unknown, key: string | symbol): ((this: unknown, ...args: Args) => unknown) => {
    if (typeof method !== 'function') {
      throw new TypeError(`@timed stands before a method, ${String(key)} is none: time other things with log.timed`);
    }
    const event = options?.event ?? String(key);
    const fields = options?.fields;
    const timedMethod = function (this: unknown, ...args: Args): unknown {
      const given: LazyFields = fields === undefined ? {} : (): MadeFields => fields(...args);
      return log.timed(event, given, () => Reflect.apply(method, this, args) as unknown, options);
    };
    // Frameworks ask a function for its name and the number of its parameters.
    for (const property of ['name', 'length']) {
      Object.defineProperty(timedMethod, property, { value: Reflect.get(method, property), configurable: true });
    }
    return timedMethod;
  };
  return (target: unknown, place: unknown, descriptor?: TypedPropertyDescriptor<unknown>): never => {
    if (typeof place === 'object' && place !== null) {
      const { kind, name } = place as DecoratorContext;
      return wrap(kind === 'method' ? target : undefined, name ?? 'class') as never;
    }
    const key = place as string | symbol;
    if (descriptor === undefined) return wrap(undefined, key) as never;
    descriptor.value = wrap(descriptor.value, key);
    return undefined as never;
  };
}
