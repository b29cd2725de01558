import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ValueReader } from '../../../src/core/read-value.ts';
import { toPlain } from '../../../src/core/value.ts';
import type { RedactOptions } from '../../../src/config/options.ts';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';

const SECRET = 'hunter2-and-more';

class Config {
  readonly id = 1;
}

function shownOf(value: unknown, options: RedactOptions = {}): string {
  const reader = new ValueReader(createPolicy(options));
  reader.begin();
  return JSON.stringify(toPlain(reader.read(value)));
}

/** All ways to write the words of a name. */
function styles(words: string): string[] {
  const parts = words.split(' ');
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const camel = parts.map((word, i) => (i === 0 ? word : capital(word))).join('');
  const separated = ['_', '-', '.', ' ', ':', '/'].flatMap((sign) => [
    parts.join(sign),
    parts.join(sign).toUpperCase(),
    parts.map(capital).join(sign),
  ]);
  return [
    ...separated,
    camel,
    capital(camel),
    `${camel}2`,
    `my${capital(camel)}`,
    `APP_${parts.join('_').toUpperCase()}`,
  ];
}

const NAMES = [
  'password', 'passwd', 'passphrase', 'client secret', 'access token', 'api key', 'authorization', 'set cookie', 'ssn',
  'card number', 'cvv', 'private key', 'connection string', 'credentials', 'db password', 'refresh token', 'encryption key',
]; // prettier-ignore

/** Where a name and its value can stand. */
const CONTAINERS: Readonly<Record<string, (name: string) => unknown>> = {
  object: (name) => ({ [name]: SECRET }),
  'nested object': (name) => ({ a: { b: { c: { [name]: SECRET } } } }),
  'object in a list': (name) => [{ id: 1 }, { [name]: SECRET }],
  'object under it': (name) => ({ [name]: { deep: [SECRET] } }),
  'list under it': (name) => ({ [name]: [SECRET, SECRET] }),
  Map: (name) => new Map([[name, SECRET]]),
  'Map of Maps': (name) => new Map([['a', new Map([[name, SECRET]])]]),
  Set: (name) => new Set([{ [name]: SECRET }]),
  URLSearchParams: (name) => new URLSearchParams([[name, SECRET]]),
  FormData: (name) => {
    const form = new FormData();
    form.set(name, SECRET);
    return form;
  },
  'class instance': (name) => Object.assign(new Config(), { [name]: SECRET }),
  'without prototype': (name) => Object.assign(Object.create(null) as object, { [name]: SECRET }),
  getter: (name) => Object.defineProperty({}, name, { enumerable: true, get: () => SECRET }),
  toJSON: (name) => ({ toJSON: () => ({ [name]: SECRET }) }),
  'error property': (name) => Object.assign(new Error('x'), { [name]: SECRET }),
  cause: (name) => new Error('x', { cause: { [name]: SECRET } }),
  'name and value': (name) => ({ env: [{ name, value: SECRET }] }),
  'key and value': (name) => [{ key: name, value: SECRET, enabled: true }],
  entries: (name) => Object.entries({ id: 1, [name]: SECRET }),
};

describe('secrets by their key, wherever it stands', () => {
  for (const [container, make] of Object.entries(CONTAINERS)) {
    test(`R4.1 in any case style: ${container}`, () => {
      for (const name of NAMES.flatMap(styles)) {
        const shown = shownOf(make(name));
        assert.ok(!shown.includes(SECRET), `${name}: ${shown}`);
      }
    });
  }

  test('R4.1 JSON inside of a string, escaped once and twice', () => {
    for (const name of ['password', 'apiKey', 'CLIENT_SECRET', 'access-token']) {
      const once = JSON.stringify({ a: { [name]: SECRET, n: 1 } });
      for (const text of [once, JSON.stringify({ body: once }), JSON.stringify(JSON.stringify({ body: once }))]) {
        const shown = shownOf({ text });
        assert.ok(!shown.includes(SECRET), shown);
      }
    }
  });

  test('R4.1 headers: as an object, as pairs, and in one flat list', () => {
    const headers = ['Host', 'shop.example', 'Authorization', `Bearer ${SECRET}1`, 'X-Api-Key', `${SECRET}2`];
    for (const value of [
      headers,
      { rawHeaders: headers },
      [['authorization', SECRET]],
      new Headers({ authorization: SECRET }),
      new Headers({ 'x-api-key': SECRET }),
    ]) {
      const shown = shownOf(value);
      assert.ok(!shown.includes(SECRET), shown);
    }
    assert.match(shownOf(headers), /"Host","shop\.example"/);
  });

  test('R4.1 a list of names is no list of values', () => {
    for (const value of [
      ['password', 'email', 'createdAt'],
      ['authorization', 'content-type', 'x-api-key', 'accept'],
      { required: ['token', 'userId'] },
      { name: 'token bucket', value: 12 },
      { key: 'color', value: 'red' },
    ]) {
      assert.equal(shownOf(value), JSON.stringify(value));
    }
  });

  test('R4.1 exceptions hold in every style, in objects and in texts', () => {
    const options = { except: ['session_token'] };
    for (const name of styles('session token').slice(0, 8)) {
      assert.ok(shownOf({ [name]: SECRET }, options).includes(SECRET), name);
    }
    assert.ok(shownOf({ note: `session_token=${SECRET}` }, options).includes(SECRET));
    assert.ok(shownOf({ note: JSON.stringify({ sessionToken: SECRET }) }, options).includes(SECRET));
  });

  test('R4.1 keys of symbols are not logged, nor what stands under them', () => {
    assert.equal(shownOf({ [Symbol('password')]: SECRET, a: 1 }), '{"a":1}');
  });

  test('R4.1 originals stay as they are, also when they are frozen', () => {
    fc.assert(
      fc.property(fc.object({ withMap: false, maxDepth: 3 }), (value) => {
        const original: Record<string, unknown> = { password: SECRET, list: [{ name: 'token', value: SECRET }], value };
        const before = structuredClone(original);
        deepFreeze(original);
        assert.ok(!shownOf(original, { paths: ['**.a'], keys: ['b'] }).includes(SECRET));
        assert.deepEqual(original, before);
      }),
      { numRuns: 200, seed: 20_261_121 },
    );
  });
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}
