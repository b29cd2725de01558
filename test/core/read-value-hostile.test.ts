import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_READ_LIMITS, ValueReader } from '../../src/core/read-value.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { SHOW_ALL } from '../../src/core/value-policy.ts';

function read(value: unknown): Value {
  const reader = new ValueReader(SHOW_ALL);
  reader.begin();
  return reader.readUnder('field', undefined, value);
}

/** Reads `value` between two siblings and returns its form, having checked that they survived. */
function readBesideOthers(value: unknown): Value {
  const map = read({ before: 1, value, after: 'still here' });
  assert.ok(map instanceof ValueMap);
  assert.deepEqual(map.keys, ['before', 'value', 'after']);
  assert.equal(map.get('before'), 1);
  assert.equal(map.get('after'), 'still here');
  return map.get('value') ?? null;
}

function thrower(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Everything in a Value, counted; throws on anything that is no Value. */
function measure(value: Value): { nodes: number; textLength: number; depth: number } {
  if (typeof value === 'string' || value instanceof Uint8Array) return { nodes: 1, textLength: value.length, depth: 0 };
  if (value === null || ['boolean', 'number', 'bigint'].includes(typeof value)) {
    return { nodes: 1, textLength: 0, depth: 0 };
  }
  const map = value instanceof ValueMap;
  assert.ok(map || Array.isArray(value), 'a Value is one of its eight kinds');
  if (map) assert.equal(new Set(value.keys).size, value.keys.length, 'keys are unique');
  const sum = { nodes: 1, textLength: map ? value.keys.join('').length : 0, depth: 0 };
  for (const inner of (map ? value.values : value) as readonly Value[]) {
    const { nodes, textLength, depth } = measure(inner);
    sum.nodes += nodes;
    sum.textLength += textLength;
    sum.depth = Math.max(sum.depth, depth + 1);
  }
  return sum;
}

describe('R2.4 hostile values cost only their own place', () => {
  const unreadable = new Error('unreadable');
  Object.defineProperty(unreadable, 'message', { get: thrower('no message') });
  const places: readonly (readonly [string, unknown, Value])[] = [
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', { get: thrower('boom'), enumerable: true }),
      ValueMap.from([['x', '[Throws: boom]']]),
    ],
    [
      'a getter that throws no error',
      {
        get x(): never {
          throw raw('text');
        },
      },
      ValueMap.from([['x', '[Throws: text]']]),
    ],
    [
      'a getter that throws an unreadable error',
      {
        get x(): never {
          throw unreadable;
        },
      },
      ValueMap.from([['x', '[Throws]']]),
    ],
    [
      'a getter that throws a revoked proxy',
      {
        get x(): never {
          throw raw(revoked({}));
        },
      },
      ValueMap.from([['x', '[Throws]']]),
    ],
    ['a toJSON that throws', { toJSON: thrower('no json') }, '[Throws: no json]'],
    ['a revoked proxy', revoked({}), "[Throws: Cannot perform 'IsArray' on a proxy that has been revoked]"],
    ['a revoked proxy of an array', revoked([]), "[Throws: Cannot perform 'IsArray' on a proxy that has been revoked]"],
    ['a proxy that lists no keys', new Proxy({}, { ownKeys: thrower('no keys') }), '[Throws: no keys]'],
    ['a proxy without a prototype', new Proxy({}, { getPrototypeOf: thrower('no proto') }), '[Throws: no proto]'],
    [
      'an array with one element that throws',
      new Proxy([1, 2, 3], {
        get: (list, key) => (key === '1' ? thrower('one')() : (Reflect.get(list, key) as unknown)),
      }),
      [1, '[Throws: one]', 3],
    ],
    [
      'an array behind a proxy that lies about its length',
      new Proxy([1], { get: (list, key) => (key === 'length' ? NaN : (Reflect.get(list, key) as unknown)) }),
      [],
    ],
    [
      'a function whose name throws',
      Object.defineProperty(() => 0, 'name', { get: thrower('no name') }),
      '[Throws: no name]',
    ],
    ['a date that is none', Object.create(Date.prototype), '[Throws: this is not a Date object.]'],
    [
      'a Map that can not be iterated',
      Object.assign(new Map([['a', 1]]), { [Symbol.iterator]: thrower('no entries') }),
      '[Throws: no entries]',
    ],
    [
      'a boxed text whose valueOf returns itself',
      boxedLoop(),
      ValueMap.from([
        ['0', 'x'],
        ['valueOf', '[Function: valueOf]'],
      ]),
    ],
  ];
  for (const [kind, value, form] of places) {
    test(`R2.4 ${kind}`, () => {
      assert.deepEqual(read(value), form);
      assert.deepEqual(readBesideOthers(value), form);
    });
  }

  test('R2.4 an error with a message, a name and a stack that throw still says what it is', () => {
    const error = new TypeError('x');
    for (const key of ['message', 'name', 'stack']) Object.defineProperty(error, key, { get: thrower(`no ${key}`) });
    const value = readBesideOthers(error);
    assert.ok(value instanceof ValueMap);
    assert.equal(value.get('type'), 'TypeError');
    assert.equal(value.get('message'), '[Throws: no message]');
    assert.equal(value.get('stack'), '[Throws: no stack]');
  });

  test('R2.4 objects that pretend to be built in give no foreign object away', () => {
    const fakes = [
      Object.assign(new Date(0), { getTime: () => ({}), toISOString: () => ({}) }),
      { [Symbol.toStringTag]: 'URL', href: { toString: () => 'fake' } },
      { [Symbol.toStringTag]: 'Headers' },
      Object.defineProperty(new Map(), 'size', { value: {} }),
      Object.assign(Object(5) as object, { valueOf: () => ({}) }),
      new Proxy({}, { has: () => true, get: () => ({}) }),
    ];
    for (const fake of fakes) measure(readBesideOthers(fake));
  });

  test('R2.4 a toJSON that returns one more toJSON, without end, ends', () => {
    const endless = (): object => ({ n: 1, toJSON: endless });
    measure(readBesideOthers({ toJSON: endless }));
  });

  test('R2.4 reading is possible with the stack nearly used up', () => {
    const nested = { a: { b: { c: { d: [1, 2, 3] } } } };
    const dive = (): void => {
      try {
        dive();
      } catch {
        measure(new ValueReader(SHOW_ALL).read('shallow'));
      }
    };
    dive();
    assert.ok(read(nested) instanceof ValueMap);
  });

  test('R2.4 a getter that logs does not disturb the record around it', () => {
    const reader = new ValueReader(SHOW_ALL);
    const node: Record<string, unknown> = {
      get logs(): number {
        reader.begin();
        reader.readUnder('inner', undefined, { a: [1] });
        return 1;
      },
    };
    node.self = node;
    node.list = [node];
    reader.begin();
    const value = reader.readUnder('field', undefined, node);
    assert.ok(value instanceof ValueMap);
    assert.equal(value.get('self'), '[Circular]');
    assert.deepEqual(value.get('list'), ['[Circular]']);
  });
});

describe('R2.4 graphs', () => {
  test('R2.4 a cycle is told by its place', () => {
    const a: Record<string, unknown> = { name: 'a' };
    a.b = { back: a };
    const value = read(a);
    assert.deepEqual(
      value,
      ValueMap.from([
        ['name', 'a'],
        ['b', ValueMap.from([['back', '[Circular]']])],
      ]),
    );
  });

  test('R2.4 cycles through arrays, Maps, Sets and errors end too', () => {
    const list: unknown[] = [];
    list.push(list);
    assert.deepEqual(read(list), ['[Circular]']);
    const map = new Map<string, unknown>();
    map.set('me', map);
    assert.deepEqual(read(map), ValueMap.from([['me', '[Circular]']]));
    const set = new Set<unknown>();
    set.add(set);
    assert.deepEqual(read(set), ['[Circular]']);
  });

  test('R2.4 an object that merely appears twice is no cycle', () => {
    const shared = { id: 1 };
    const form = ValueMap.from([['id', 1]]);
    assert.deepEqual(read([shared, shared, { again: shared }]), [form, form, ValueMap.from([['again', form]])]);
  });

  test('R2.4 a graph of 2^30 paths is finite', { timeout: 5_000 }, () => {
    let graph: object = { leaf: true };
    for (let i = 0; i < 30; i++) graph = { left: graph, right: graph };
    const { nodes } = measure(read(graph));
    assert.ok(nodes <= 2 * DEFAULT_READ_LIMITS.nodes, `${nodes} values`);
  });

  test('R2.4 the same graph is finite when every getter in it logs', { timeout: 5_000 }, () => {
    const reader = new ValueReader(SHOW_ALL);
    let graph: object = { leaf: true };
    for (let i = 0; i < 30; i++) {
      const below = graph;
      const log = (): object => {
        reader.begin();
        return below;
      };
      graph = Object.defineProperties(
        {},
        { left: { get: log, enumerable: true }, right: { get: log, enumerable: true } },
      );
    }
    reader.begin();
    measure(reader.readUnder('field', undefined, graph));
  });

  test('R2.4 nesting of 10,000 becomes empty below the limit', () => {
    let objects: unknown = 'bottom';
    let lists: unknown = 'bottom';
    for (let i = 0; i < 10_000; i++) {
      objects = { objects };
      lists = [lists];
    }
    assert.equal(measure(readBesideOthers(objects)).depth, DEFAULT_READ_LIMITS.depth - 1);
    assert.equal(measure(readBesideOthers(lists)).depth, DEFAULT_READ_LIMITS.depth - 1);
  });
});

describe('R2.4 any value', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    stringUnit: 'binary',
  });

  test('R2.4 never throws, stays within its bounds, and reads the same twice', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const first = read(value);
        const { nodes, textLength, depth } = measure(first);
        assert.ok(nodes <= 2 * DEFAULT_READ_LIMITS.nodes);
        assert.ok(textLength <= 3 * DEFAULT_READ_LIMITS.recordText);
        assert.ok(depth <= DEFAULT_READ_LIMITS.depth);
        assert.deepEqual(read(value), first);
      }),
      { numRuns: 2_000 },
    );
  });

  test('R2.4 proxies whose traps throw or lie, at any place, take nothing else with them', () => {
    const trap = fc.constantFrom('get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor');
    const lie = fc.oneof(fc.constant('throw'), anything);
    fc.assert(
      fc.property(fc.object(), trap, lie, (target, name, answer) => {
        const handler = {
          [name]: () => {
            if (answer === 'throw') throw new Error('trap');
            return answer;
          },
        };
        measure(readBesideOthers(new Proxy(target, handler)));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Anything, thrown where the linter wants an Error: foreign code throws what it likes. */
function raw(thrown: unknown): Error {
  return thrown as Error;
}

function boxedLoop(): object {
  const boxed = Object('x') as object;
  return Object.assign(boxed, { valueOf: () => boxed });
}
