import assert from 'node:assert/strict';
import type { Arrived } from './run-bridge.ts';
import { CARD, PASSWORD, TOKEN } from './apps/values.ts';

/** How each value of `apps/values.ts` has to arrive when its library hands it over as it is (R2.4). */
export const FORMS: Readonly<Record<string, Arrived>> = {
  text: 'plain',
  integer: 42n,
  double: 1.5,
  negativeZero: -0,
  big: 9_007_199_254_740_993n,
  huge: String(2n ** 70n),
  yes: true,
  nothing: null,
  missing: null,
  notANumber: NaN,
  infinite: -Infinity,
  date: '2026-02-03T04:05:06.789Z',
  invalidDate: 'Invalid Date',
  map: { a: 1n, 2: 'two' },
  set: ['x', 1n],
  bytes: Uint8Array.of(1, 2, 255),
  regexp: '/a+/g',
  money: { amount: 12n, currency: 'EUR' },
  symbol: 'Symbol(mark)',
  fn: '[Function: named]',
  cycle: { name: 'loop', self: '[Circular]' },
  shared: [{ seen: 'twice' }, { seen: 'twice' }],
  mixed: [1n, 'two', { three: 3n }, [4n]],
  sparse: [1n, null, 3n],
  lone: 'a\ufffdb',
  throwing: { bad: '[Throws: no]', good: 1n },
  nested: { deep: { deeper: { date: '1970-01-01T00:00:00.000Z', big: 5n } } },
};

/** Asserts all forms of `FORMS`, the error's and the redacted ones; `except` are those that the library changes itself. */
export function assertForms(
  attributes: Readonly<Record<string, Arrived>>,
  except: Readonly<Record<string, Arrived | undefined>> = {},
): void {
  for (const [key, form] of Object.entries({ ...FORMS, ...except })) {
    assert.ok(
      Object.is(attributes[key], form) || isEqual(attributes[key], form),
      `${key}: ${describe(attributes[key])}`,
    );
  }
  if (!('url' in except)) assertHidden(attributes.url, 'secret-in-url');
  assertHidden(attributes.password, PASSWORD);
  assertHidden(attributes.note, CARD);
  assertHidden(attributes.headers, TOKEN);
}

/** Asserts that none of the planted secrets is in the text, in any of the usual spellings. */
export function assertNoSecrets(text: string): void {
  for (const secret of [CARD, CARD.replaceAll(' ', ''), PASSWORD, TOKEN, 'secret-in-url']) {
    assert.ok(!text.includes(secret), `${secret} was found`);
    assert.ok(!text.includes(Buffer.from(secret).toString('base64')), `${secret} was found in base64`);
  }
}

function assertHidden(value: Arrived | undefined, secret: string): void {
  const text = describe(value);
  assert.ok(text.includes('[REDACTED') && !text.includes(secret), text);
}

function describe(value: Arrived | undefined): string {
  return value === undefined
    ? 'missing'
    : JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}

function isEqual(actual: unknown, expected: unknown): boolean {
  try {
    assert.deepStrictEqual(actual, expected);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}
