import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { pii, secret } from '../../src/core/classified.ts';
import { ValueReader } from '../../src/core/read-value.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { SHOW_ALL } from '../../src/core/value-policy.ts';

/** Reads a field's value, as it would stand in a record. */
function read(value: unknown): Value {
  const reader = new ValueReader(SHOW_ALL);
  reader.begin();
  return reader.readUnder('field', undefined, value);
}

/** Maps as plain objects, for comparing. */
function shown(value: unknown): unknown {
  return unfold(read(value));
}

function unfold(value: Value): unknown {
  if (Array.isArray(value)) return value.map(unfold);
  if (!(value instanceof ValueMap)) return value;
  return Object.fromEntries(value.keys.map((key, i) => [key, unfold(value.values[i] ?? null)]));
}

class Order {
  readonly id = 7;
  readonly #price = 12;
  get total(): number {
    return this.#price * 2;
  }
  describe(): string {
    return 'an order';
  }
}

class Sealed {
  readonly #inside = 1;
  get size(): number {
    return this.#inside;
  }
}

class PaymentError extends Error {
  readonly code = 'card_declined';
  readonly attempt = 2;
}

/** Each kind of value and its one form. What a reader of the table can rely on is all there is. */
const FORMS: readonly (readonly [kind: string, value: unknown, form: unknown])[] = [
  ['text', 'order', 'order'],
  ['the empty text', '', ''],
  ['text beyond ASCII', 'Zoë 日本 👩‍👧', 'Zoë 日本 👩‍👧'],
  ['a lone surrogate', 'a\ud800b', 'a\ud800b'],
  ['NUL', 'a\0b', 'a\0b'],
  ['true', true, true],
  ['false', false, false],
  ['null', null, null],
  ['undefined', undefined, null],
  ['an integer', 42, 42],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['a fraction', 0.1, 0.1],
  ['-0', -0, -0],
  ['NaN', NaN, NaN],
  ['Infinity', Infinity, Infinity],
  ['-Infinity', -Infinity, -Infinity],
  ['a BigInt', 9_007_199_254_740_993n, 9_007_199_254_740_993n],
  ['the smallest int64', -(2n ** 63n), -(2n ** 63n)],
  ['the largest int64', 2n ** 63n - 1n, 2n ** 63n - 1n],
  ['a BigInt above int64', 2n ** 63n, '9223372036854775808'],
  ['a BigInt below int64', -(2n ** 63n) - 1n, '-9223372036854775809'],
  ['a symbol', Symbol('id'), 'Symbol(id)'],
  [
    'a function',
    function charge() {
      return 1;
    },
    '[Function: charge]',
  ],
  [
    'a function without a name',
    (
      () => () =>
        1
    )(),
    '[Function: anonymous]',
  ],
  ['a class', Order, '[Function: Order]'],
  ['a Date', new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)), '2026-01-02T03:04:05.006Z'],
  ['an invalid Date', new Date(NaN), 'Invalid Date'],
  ['a RegExp', /a+/gi, '/a+/gi'],
  ['a URL', new URL('https://shop.example/cart?id=1#top'), 'https://shop.example/cart?id=1#top'],
  ['URLSearchParams', new URLSearchParams('a=1&tag=x&tag=y'), { a: '1', tag: ['x', 'y'] }],
  ['Headers', new Headers([['Accept', 'text/html']]), { accept: 'text/html' }],
  [
    'Headers with cookies',
    new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]),
    { 'set-cookie': ['a=1', 'b=2'] },
  ],
  ['an array', [1, 'two', [3]], [1, 'two', [3]]],
  // eslint-disable-next-line no-sparse-arrays
  ['holes in an array', [1, , 3], [1, null, 3]],
  ['an object', { a: 1, b: { c: 'd' } }, { a: 1, b: { c: 'd' } }],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ['undefined in an object', { a: undefined }, { a: null }],
  ['keys that are symbols', { [Symbol('hidden')]: 1, a: 2 }, { a: 2 }],
  ['a class instance: its own fields', new Order(), { id: 7 }],
  ['a class instance without any', new Sealed(), '[Sealed]'],
  ['an object with toJSON', { toJSON: () => ({ short: true }), long: 1 }, { short: true }],
  ['a toJSON that returns itself', selfJson(), { a: 1, toJSON: '[Function: toJSON]' }],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, 'two'],
      [true, null],
    ]),
    { a: 1, 2: 'two', true: null },
  ],
  [
    'a Map with keys that are objects',
    new Map([
      [{}, 1],
      [{}, 2],
    ]),
    { '[object]': 1, '[object] (entry 2)': 2 },
  ],
  ['a Set', new Set(['a', 1]), ['a', 1]],
  ['a Buffer', Buffer.from([1, 2, 255]), Uint8Array.of(1, 2, 255)],
  ['a Uint8Array', Uint8Array.of(9, 8), Uint8Array.of(9, 8)],
  ['a view into a part of a buffer', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), Uint8Array.of(2, 3)],
  ['a Uint8ClampedArray', Uint8ClampedArray.of(300), Uint8Array.of(255)],
  ['a DataView', new DataView(Uint8Array.of(5, 6).buffer), Uint8Array.of(5, 6)],
  ['an ArrayBuffer', Uint8Array.of(7).buffer, Uint8Array.of(7)],
  ['a SharedArrayBuffer', new SharedArrayBuffer(2), Uint8Array.of(0, 0)],
  ['a Float64Array', Float64Array.of(0.5, NaN), [0.5, NaN]],
  ['an Int16Array', Int16Array.of(-1, 2), [-1, 2]],
  ['a BigInt64Array', BigInt64Array.of(5n), [5n]],
  ['a boxed text', Object('text'), 'text'],
  ['a boxed number', Object(5), 5],
  ['a boxed boolean', Object(false), false],
  ['a boxed BigInt', Object(5n), 5n],
  ['a boxed symbol', Object(Symbol('s')), 'Symbol(s)'],
  ['a Promise', Promise.resolve(1), '[Promise]'],
  ['a WeakMap', new WeakMap(), '[WeakMap]'],
  ['a WeakRef', new WeakRef({}), '[WeakRef]'],
  [
    'a generator',
    (function* () {
      yield 1;
    })(),
    '[Generator]',
  ],
  ['a Response', new Response('x'), '[Response]'],
  ['an array behind a Proxy', new Proxy([1, 2], {}), [1, 2]],
  ['an object behind a Proxy', new Proxy({ a: 1 }, {}), { a: 1 }],
  ['a secret', secret('hunter2'), '[REDACTED:secret]'],
  ['personal data inside an object', { name: pii('Ada') }, { name: '[REDACTED:pii]' }],
];

describe('R2.4 every value has one form', () => {
  for (const [kind, value, form] of FORMS) {
    test(`R2.4 ${kind}`, () => assert.deepEqual(shown(value), form));
    test(`R2.4 ${kind}, inside of an object and an array`, () => {
      assert.deepEqual(shown({ before: 1, value: [value], after: 2 }), { before: 1, value: [form], after: 2 });
    });
  }

  test('R2.4 keys of the language itself are data like any other, and pollute nothing', () => {
    const value = read(JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}'));
    assert.ok(value instanceof ValueMap);
    assert.deepEqual(value.keys, ['__proto__', 'constructor', 'toString']);
    assert.deepEqual(unfold(value.get('__proto__') ?? null), { polluted: true });
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });

  test('R2.4 objects of another realm have the form of ours', () => {
    const realm = createContext({});
    const foreign = (source: string): unknown => shown(runInContext(source, realm));
    assert.deepEqual(foreign('({ a: [1] })'), { a: [1] });
    assert.deepEqual(foreign('new Map([["a", 1]])'), { a: 1 });
    assert.deepEqual(foreign('new Set([1])'), [1]);
    assert.equal(foreign('new Date(0)'), '1970-01-01T00:00:00.000Z');
    assert.equal((foreign('new TypeError("far")') as { type: string }).type, 'TypeError');
  });

  test('R2.4 what is read is a copy: changing the object later changes nothing', () => {
    const bytes = Buffer.from('before');
    const list = [1];
    const value = read({ bytes, list });
    bytes.write('after!');
    list.push(2);
    assert.deepEqual(unfold(value), { bytes: new Uint8Array(Buffer.from('before')), list: [1] });
  });
});

describe('R2.4 errors as values', () => {
  test('R2.4 an error is its class, message, stack and own fields', () => {
    const error = new PaymentError('declined');
    assert.deepEqual(shown(error), {
      type: 'PaymentError',
      message: 'declined',
      stack: error.stack,
      code: 'card_declined',
      attempt: 2,
    });
  });

  test('R2.4 the chain of causes and the inner errors are kept', () => {
    const error = new AggregateError([new TypeError('one'), 'two'], 'both', { cause: new RangeError('deep') });
    const value = shown(error) as { cause: { type: string }; errors: [{ type: string }, string] };
    assert.equal(value.cause.type, 'RangeError');
    assert.equal(value.errors[0].type, 'TypeError');
    assert.equal(value.errors[1], 'two');
  });

  test('R2.4 an error whose cause is itself ends', () => {
    const error = new Error('loop');
    error.cause = error;
    assert.equal((shown(error) as { cause: unknown }).cause, '[Circular]');
  });

  test('R2.4 a DOMException is told by its name', () => {
    const value = shown(new DOMException('gone', 'AbortError')) as { type: string; message: string };
    assert.equal(value.type, 'AbortError');
    assert.equal(value.message, 'gone');
  });

  test('R2.4 a field of an error that is called type does not hide its class', () => {
    const error = Object.assign(new PaymentError('no'), { type: 'StripeCardError' });
    const value = shown(error) as Record<string, unknown>;
    assert.equal(value.type, 'PaymentError');
    assert.ok(Object.values(value).includes('StripeCardError'));
  });
});

function selfJson(): object {
  const value = {
    a: 1,
    toJSON(): object {
      return value;
    },
  };
  return value;
}
