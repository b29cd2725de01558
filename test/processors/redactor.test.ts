import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secret } from '../../src/core/classified.ts';
import { SettingError } from '../../src/core/errors.ts';
import { createRedactor, redactionProcessor, samplingProcessor } from '../../src/processors.ts';
import { harmlessTexts, leaks } from '../support/redaction/measure.ts';

describe('createRedactor', () => {
  test('R4.2 gives a plain redacted copy and leaves the original alone', () => {
    const { redact } = createRedactor();
    const original = {
      user: 'bob',
      password: 'hunter2',
      nested: { at: new Date(0), list: [1, 'a@b.io', secret('x')] },
    };
    const before = structuredClone({ ...original, nested: { at: original.nested.at } });
    assert.deepEqual(redact(original), {
      user: 'bob',
      password: '[REDACTED:password]',
      nested: { at: '1970-01-01T00:00:00.000Z', list: [1, '[REDACTED:email]', '[REDACTED:secret]'] },
    });
    assert.equal(original.password, before.password);
    assert.deepEqual(original.nested.at, before.nested.at);
  });

  test('R4.2 values keep their types, exactly', () => {
    const { redact } = createRedactor();
    const value = {
      n: 1.5,
      big: 2n ** 60n,
      flag: true,
      none: null,
      zero: -0,
      nan: Number.NaN,
      bytes: Buffer.from('ab'),
    };
    assert.deepEqual(redact(value), { ...value, bytes: Uint8Array.from(value.bytes) });
  });

  test('R4.2 `__proto__` is a key like any other', () => {
    const copy = createRedactor().redact(JSON.parse('{"__proto__":{"admin":true},"constructor":1}'));
    assert.equal(JSON.stringify(copy), '{"__proto__":{"admin":true},"constructor":1}');
    assert.equal(Object.hasOwn(Object.prototype, 'admin'), false);
  });

  test('R4.2 each record has budgets of its own', () => {
    const { redact } = createRedactor();
    const large = 'x'.repeat(200_000);
    for (let i = 0; i < 3; i++) assert.equal(redact(large), large);
  });

  test('R4.2 texts are redacted by the same rules', () => {
    const { redactText, counts } = createRedactor({ patterns: { ticket: /T-\d+/ }, kinds: { email: false } });
    assert.equal(redactText('T-1 a@b.io token=abcdef12'), '[REDACTED:ticket] a@b.io token=[REDACTED:token]');
    assert.deepEqual(counts(), { ticket: 1, token: 1 });
    const plain = createRedactor();
    const found = leaks(7, 1).filter(({ kind }) => kind !== 'vendor');
    for (const leak of found) assert.ok(!plain.redactText(leak.text).includes(leak.secret), leak.text);
    for (const { text } of harmlessTexts(7, 5)) assert.equal(plain.redactText(text), text);
  });

  test('R4.1 paths and exceptions reach into the copy', () => {
    const { redact } = createRedactor({ paths: ['user.address'], except: ['token'] });
    assert.deepEqual(redact({ user: { address: { city: 'Bonn' }, token: 'abc' } }), {
      user: { address: '[REDACTED:path]', token: 'abc' },
    });
  });
});

describe('bad options', () => {
  test('R10.3 they throw one error that names setting, value, origin and fix', () => {
    const next = redactionProcessor();
    const cases: readonly (readonly [make: () => unknown, code: string, setting: string])[] = [
      [() => createRedactor({ patterns: { bad: /(a+)+$/ } }), 'SPANLOG_BAD_PATTERN', 'redact.patterns.bad'],
      [() => createRedactor({ kinds: { emial: true } }), 'SPANLOG_UNKNOWN_KIND', 'redact.kinds'],
      [() => redactionProcessor({ paths: ['a['] }), 'SPANLOG_BAD_PATTERN', 'redact.paths'],
      [() => samplingProcessor({ rate: 7, next }), 'SPANLOG_BAD_RATE', 'sample.rate'],
      [() => samplingProcessor({ levels: { loud: 1 }, next }), 'SPANLOG_BAD_LEVEL', 'sample.levels'],
    ];
    for (const [make, code, setting] of cases) {
      assert.throws(make, (error) => {
        assert.ok(error instanceof SettingError);
        assert.equal(error.code, code);
        assert.equal(error.problems.length, 1);
        assert.ok(error.problems[0]?.setting.startsWith(setting), error.message);
        assert.ok(error.message.includes('from code'), error.message);
        return true;
      });
    }
  });
});
