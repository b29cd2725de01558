/** Values that are merely odd: graphs, giants, numbers that no format holds, texts that no encoding holds. */
import { doublingArrays, raise, withGetter } from './input-hostile-values.ts';
import type { Hostile } from './input-hostile-values.ts';

const million = (): number[] => Array.from({ length: 1_000_000 }, (_, i) => i);
const wide = (): object => Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
const LONGEST_ARRAY_LENGTH: number = 2 ** 32 - 1;
const MEGABYTE = 1024 * 1024;

class Odd {
  readonly odd = true;
}

/** `depth` levels of one key. */
export function nested(depth: number, wrap: (inner: unknown) => unknown = (inside) => ({ inside })): unknown {
  let value: unknown = 'bottom';
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

/** An acyclic graph of 30 objects in which 2^30 paths lead to the last. */
export function doubling(): object {
  let graph: object = { leaf: true };
  for (let i = 0; i < 30; i++) graph = { left: graph, right: graph };
  return graph;
}

export function cycle(): object {
  const first: Record<string, unknown> = { name: 'first' };
  first.self = first;
  first.second = { back: first };
  first.list = [first];
  first.map = new Map<unknown, unknown>([
    ['back', first],
    [first, 'as a key'],
  ]);
  first.set = new Set([first]);
  return first;
}

export const GRAPHS: Hostile = {
  'a cycle': cycle,
  'an array in itself': () => {
    const list: unknown[] = [1];
    list.push(list);
    return list;
  },
  'an object that appears twice': () => {
    const shared = { id: 1 };
    return { a: shared, b: shared, c: [shared, shared] };
  },
  'a graph of 2^30 paths': doubling,
  'a graph of arrays of 2^40 paths': doublingArrays,
  'errors that cause one another': () => {
    const [one, two] = [new Error('one'), new Error('two')];
    one.cause = two;
    two.cause = one;
    return one;
  },
  'a graph of 2^30 errors': () => {
    let error = new AggregateError([], 'leaf');
    for (let i = 0; i < 30; i++) error = new AggregateError([error, error], `level ${i}`, { cause: error });
    return error;
  },
};

/** Made once each: making a giant takes longer than logging it, and nothing that logs may change it. */
export const GIANTS: Hostile = onceEach({
  'objects 10,000 deep': () => nested(10_000),
  'arrays 10,000 deep': () => nested(10_000, (inside) => [inside]),
  'Maps 10,000 deep': () => nested(10_000, (inside) => new Map([['inside', inside]])),
  'causes 10,000 deep': () => nested(10_000, (cause) => new Error('level', { cause })),
  'an object of 100,000 keys': wide,
  'a Map of 100,000 keys': () => new Map(Object.entries(wide())),
  'an error of 100,000 keys': () => Object.assign(new Error('wide'), wide()),
  'an array of a million': million,
  'a Set of a million': () => new Set(million()),
  'typed numbers, a million': () => Float64Array.from(million()),
  'the longest sparse array': () => new Array<unknown>(LONGEST_ARRAY_LENGTH),
  'a sparse array with an end': () => {
    const list = new Array<unknown>(LONGEST_ARRAY_LENGTH);
    list[LONGEST_ARRAY_LENGTH - 1] = 'end';
    return list;
  },
  'a buffer of 64 MB': () => Buffer.alloc(64 * MEGABYTE),
  'a bigint of ten million bits': () => 1n << 10_000_000n,
  'an error that is a bigint of ten million bits': () =>
    Object.defineProperty(new Error('x'), 'message', { value: 1n << 10_000_000n }),
});

function onceEach(giants: Hostile): Hostile {
  const made = new Map<string, unknown>();
  const once = (kind: string, make: () => unknown) => (): unknown => {
    if (!made.has(kind)) made.set(kind, make());
    return made.get(kind);
  };
  return Object.fromEntries(Object.entries(giants).map(([kind, make]) => [kind, once(kind, make)]));
}

export const ODD_PRIMITIVES: Hostile = {
  undefined: () => undefined,
  null: () => null,
  'the largest int64': () => 2n ** 63n - 1n,
  'the smallest int64': () => -(2n ** 63n),
  'one past int64': () => 2n ** 63n,
  'a symbol': () => Symbol('mark'),
  'a symbol without a description': () => Symbol(),
  'a function': () => nested,
  'a function without a name': () => () => undefined,
  'an async function': () => async () => Promise.resolve(),
  'a class': () => Odd,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  '-0': () => -0,
  'an invalid Date': () => new Date(NaN),
  'the largest number': () => Number.MAX_VALUE,
  'the smallest number': () => Number.MIN_VALUE,
  'a promise': () => Promise.resolve(1),
  'a weak map': () => new WeakMap(),
  'a generator': () => [1, 2].values(),
};

export const HARD_TEXTS: Hostile = {
  'an empty text': () => '',
  'a lone high surrogate': () => 'a\ud800b',
  'a lone low surrogate': () => '\udfff',
  'a surrogate at the end': () => 'end\ud83d',
  NUL: () => 'a\0b',
  'a megabyte': () => 'x'.repeat(MEGABYTE),
  'a megabyte of pairs and of halves': () => '\u{1f600}\ud83d'.repeat(MEGABYTE / 3),
  'a key of a megabyte': () => ({ ['k'.repeat(MEGABYTE)]: 1 }),
  'keys that differ in what no encoding holds': () => ({ '\ud800': 'first', '\udfff': 'second', '\ufffd': 'third' }),
  'keys of NUL and nothing': () => ({ '\0': 1, '': 2, ' ': 3 }),
};

const own = (json: string) => (): unknown => JSON.parse(json);

/** Names that the language gives to its own things: as keys of data they are data. */
export const OWN_NAMES: Hostile = {
  __proto__key: own('{"__proto__":{"polluted":1},"kept":2}'),
  '__proto__ in __proto__': own('{"__proto__":{"__proto__":{"polluted":1}},"kept":2}'),
  'a prototype of a constructor': own('{"constructor":{"prototype":{"polluted":1}},"kept":2}'),
  'names of methods': own('{"prototype":2,"toString":3,"hasOwnProperty":4,"valueOf":5,"kept":2}'),
  'a Map of own names': () =>
    new Map<string, unknown>([
      ['__proto__', { polluted: 1 }],
      ['constructor', 1],
      ['kept', 2],
    ]),
  'an object without prototype': () =>
    Object.assign(Object.create(null), own('{"constructor":1,"kept":2}')()) as unknown,
};

/** Each acts on a terminal, or ends a line for some reader. */
export const CONTROLS =
  'a\r\nb\u2028c\u2029d\u0085e\u001b[31mf\u009b31mg\u202eh\u2066i\u0007j\u000bk\u000cl\u007fm\ufeffn\u001b]0;title\u0007';
/** What a record looks like to a reader of lines. */
const FORGED = `x\n2026-01-01T00:00:00.000Z | ERROR | forged | pid=1 | req=- | event | case="forged"${CONTROLS}`;

function errorOf(name: string, message: string): Error {
  const error = new Error(message, { cause: new Error(message) });
  return Object.assign(error, { name, code: message, [message]: message });
}

export const CONTROL_TEXTS: Hostile = {
  'controls and signs that reorder': () => CONTROLS,
  'a forged line': () => FORGED,
  'a forged line of JSON': () => `x\n{"time":"2026-01-01T00:00:00.000Z","level":"ERROR","case":"forged"}\n${CONTROLS}`,
  'a forged stack': () => `x\n    at forged (file.js:1:1)\n${CONTROLS}\nCaused by: ${FORGED}`,
  'a key of controls': () => ({ [FORGED]: { [CONTROLS]: CONTROLS } }),
  'a Map key of controls': () => new Map([[FORGED, CONTROLS]]),
  'an error of controls': () => errorOf(CONTROLS, FORGED),
  'an error whose stack forges a line': () =>
    Object.assign(new Error('x'), { stack: `Error: x\n${FORGED}\n    at ${FORGED}` }),
  'a symbol of controls': () => Symbol(FORGED),
  'a function named by controls': () => Object.defineProperty(() => 1, 'name', { value: FORGED }),
  'a class named by controls': () =>
    new (Object.defineProperty(
      class {
        readonly #hidden = 1;
        has(): number {
          return this.#hidden;
        }
      },
      'name',
      { value: FORGED },
    ))(),
  'a thrown text of controls': () => withGetter('x', () => raise(new Error(FORGED))),
};
