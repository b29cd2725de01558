/**
 * Values that fight back, each made anew for every use: objects whose code throws, lies, never ends, or acts. Some break
 * what the language promises, so they are typed as `unknown` and meant to be.
 */

/** What makes a value, by what is wrong with it. */
export type Hostile = Readonly<Record<string, () => unknown>>;

/** Throws anything at all, where the linter wants an Error: foreign code throws what it likes. */
export function raise(thrown: unknown): never {
  throw thrown as Error;
}

const boom = (): never => raise(new Error('boom'));

export function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An object with `key` as a property whose getter is `get`. */
export function withGetter(key: PropertyKey, get: () => unknown, object: object = {}): object {
  return Object.defineProperty(object, key, { get, enumerable: true, configurable: true });
}

/** Answers `count` times, then throws: what was there when it was asked for is gone when it is read. */
function throwsAfter(count: number, answer: unknown): () => unknown {
  let left = count;
  return () => (left-- > 0 ? answer : boom());
}

const TRAPS = [
  ...['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'apply', 'construct'],
  ...['set', 'defineProperty', 'deleteProperty', 'isExtensible', 'preventExtensions', 'setPrototypeOf'],
] as const;

const TARGETS: Hostile = {
  object: () => ({ inside: 1 }),
  array: () => [1, 2],
  error: () => new Error('behind a proxy'),
  function: () => () => 1,
  Map: () => new Map([['inside', 1]]),
  Date: () => new Date(0),
};

/** These are read trap by trap; the others are told by their slots, which a proxy does not have. */
const READ_BY_TRAPS: ReadonlySet<string> = new Set(['object', 'array', 'error']);

/** A proxy of each kind of object with each trap throwing, and with all of them. */
function proxies(): Hostile {
  const found: Record<string, () => unknown> = {};
  for (const [kind, target] of Object.entries(TARGETS)) {
    for (const trap of READ_BY_TRAPS.has(kind) ? TRAPS.slice(0, 5) : []) {
      found[`a proxy of ${kind} whose ${trap} throws`] = () => new Proxy(target() as object, { [trap]: boom });
    }
    const all = Object.fromEntries(TRAPS.map((trap) => [trap, boom]));
    found[`a proxy of ${kind} that always throws`] = () => new Proxy(target() as object, all);
    found[`a revoked proxy of ${kind}`] = () => revoked(target() as object);
  }
  return found;
}

/** An error whose `keys` are getters that throw. */
function unreadable(...keys: readonly PropertyKey[]): Error {
  const error = new TypeError('unreadable');
  for (const key of keys) withGetter(key, boom, error);
  return error;
}

class Endless {
  readonly [Symbol.toStringTag] = 'Headers';
  *[Symbol.iterator](): Generator<readonly [string, number]> {
    for (let i = 0; ; i++) yield [`name ${i % 7}`, i];
  }
}

class Speaking {
  toString(): string {
    return boom();
  }
}

/** Arrays in arrays, each twice in the next: turning it into text would take 2^40 steps. */
export function doublingArrays(): unknown[] {
  let list: unknown[] = ['x'];
  for (let i = 0; i < 40; i++) list = [list, list];
  return list;
}

/** Throwing getters, revoked proxies, throwing toJSON and toString, errors that can't be read, liars. */
export const HOSTILE_OBJECTS: Hostile = {
  'a getter that throws': () => withGetter('x', boom),
  'a getter that throws a text': () => withGetter('x', () => raise('text')),
  'a getter that throws nothing': () => withGetter('x', () => raise(undefined)),
  'a getter that throws a symbol': () => withGetter('x', () => raise(Symbol('thrown'))),
  'a getter that throws a revoked proxy': () => withGetter('x', () => raise(revoked({}))),
  'a getter that throws an unreadable error': () => withGetter('x', () => raise(unreadable('message', 'stack'))),
  'a getter that throws at the second reading': () => withGetter('x', throwsAfter(1, 1)),
  'a getter that throws at the third reading': () => withGetter('x', throwsAfter(2, 1)),
  'getters under the names of errors': () => withGetter('error', boom, withGetter('err', boom)),
  'an err that is gone at the second reading': () => withGetter('err', throwsAfter(1, new Error('first'))),
  'an err that is gone at the third reading': () => withGetter('err', throwsAfter(2, new Error('first'))),
  'an err that is gone at the fourth reading': () =>
    withGetter('z', boom, withGetter('err', throwsAfter(3, new Error('first')))),
  'a getter on the prototype that throws': () =>
    new (class {
      get name(): string {
        return boom();
      }
    })(),
  ...proxies(),
  'a proxy that returns proxies without end': () => {
    const handler: ProxyHandler<object> = { get: () => new Proxy({ x: 1 }, handler), ownKeys: () => ['x'] };
    return new Proxy({ x: 1 }, handler);
  },
  'a proxy whose prototypes never end': () => {
    const handler: ProxyHandler<object> = { getPrototypeOf: () => new Proxy({}, handler) };
    return new Proxy({}, handler);
  },
  'a toJSON that throws': () => ({ toJSON: boom }),
  'a toJSON that is a getter that throws': () => withGetter('toJSON', boom),
  'a toJSON that returns a revoked proxy': () => ({ toJSON: () => revoked({}) }),
  'a toJSON without end': () => {
    const endless = (): object => ({ n: 1, toJSON: endless });
    return endless();
  },
  'a toString that throws': () => ({ toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom }),
  'a toString on the prototype that throws': () => new Speaking(),
  'a toString that returns an object': () => ({ toString: () => ({}), valueOf: () => ({}) }),
  'a then that throws': () => withGetter('then', boom),
  'a then that is called': () => ({ then: boom }),
  'a toStringTag that throws': () =>
    new (class {
      get [Symbol.toStringTag](): string {
        return boom();
      }
    })(),
  'an iterator that throws': () => Object.assign(new Map([['a', 1]]), { [Symbol.iterator]: boom }),
  'an iterator of pairs that are none': () =>
    Object.assign(new Map([['a', 1]]), { [Symbol.iterator]: () => [null, 1].values() }),
  'an iterator without end': () => new Endless(),
  'a Set that never ends': () =>
    Object.assign(new Set([1]), { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }) }) }),
  'an array with an element that throws': () => withGetter(1, boom, [1, 2, 3]),
  'an array that says it is endless': () =>
    new Proxy([1], { get: (list, key) => (key === 'length' ? Infinity : (Reflect.get(list, key) as unknown)) }),
  'an array whose length is no number': () =>
    new Proxy([1], { get: (list, key) => (key === 'length' ? 1n : (Reflect.get(list, key) as unknown)) }),
  'typed numbers whose length is no number': () =>
    Object.defineProperty(Float64Array.of(1), 'length', { value: Symbol('long') }),
  'a date that is none': () => Object.create(Date.prototype) as unknown,
  'a regular expression whose source throws': () => withGetter('source', boom, /x/),
  'a function whose name throws': () => withGetter('name', boom, () => 1),
  'a function whose name is no text': () => Object.defineProperty(() => 1, 'name', { value: doublingArrays() }),
  'a URL in name only': () => Object.create({ [Symbol.toStringTag]: 'URL', href: doublingArrays() }) as unknown,
  'boxed values that return themselves': () => {
    const boxed = Object('x') as object;
    return Object.assign(boxed, { valueOf: () => boxed, toString: () => boxed });
  },
  'a detached buffer': () => {
    const buffer = new ArrayBuffer(8);
    const view = new DataView(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    return { buffer, view };
  },
  'a mark of classification with a kind that is none': () => ({
    [Symbol.for('spanlog.classified')]: true,
    kind: Symbol('kind'),
  }),
  'a mark of classification whose kind throws': () =>
    withGetter('kind', boom, { [Symbol.for('spanlog.classified')]: true }),
  'an error whose message throws': () => unreadable('message'),
  'an error whose message throws a revoked proxy': () =>
    withGetter('message', () => raise(revoked({})), new Error('x')),
  'an error whose stack throws': () => unreadable('stack'),
  'an error of which all throws': () =>
    unreadable('message', 'stack', 'name', 'constructor', 'cause', 'code', 'errors', 'toString', 'toJSON'),
  'an error whose message is an object that throws': () =>
    Object.defineProperty(new Error('x'), 'message', { value: new Speaking() }),
  'an error whose message is a symbol': () => Object.defineProperty(new Error('x'), 'message', { value: Symbol('m') }),
  'an error whose message is arrays in arrays': () =>
    Object.defineProperty(new Error('x'), 'message', { value: doublingArrays() }),
  'an error whose stack is no text': () => Object.defineProperty(new Error('x'), 'stack', { value: { a: 1 } }),
  'an error whose cause is a revoked proxy': () => new Error('outer', { cause: revoked({}) }),
  'an error that is its own cause': () => {
    const error = new Error('again');
    error.cause = error;
    return error;
  },
  'an error with a class without a name': () => Object.defineProperty(new Error('x'), 'constructor', { value: null }),
  'an AggregateError that repeats one error': () => new AggregateError(Array<Error>(100_000).fill(new Error('same'))),
  'an AggregateError with holes without end': () =>
    Object.assign(new AggregateError([]), { errors: new Array<unknown>(2 ** 32 - 1) }),
  'an AggregateError whose errors throw': () => withGetter('errors', boom, new AggregateError([])),
};
