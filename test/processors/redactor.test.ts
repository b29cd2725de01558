import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
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

describe('R4.3 hashes to search for', () => {
  const KEY = 'sixteen bytes or more';
  const variables = ['SPANLOG_REDACT_HASH_KEY', 'SPANLOG_REDACT_HASH_KEY_ID'];
  afterEach(() => variables.forEach((name) => Reflect.deleteProperty(process.env, name)));

  test('R4.3 hash gives what stands in the place of the value, in whatever form it is asked for', () => {
    const redactor = createRedactor({ mask: { '*': 'hash' }, hashKey: KEY, hashKeyId: 'k2' });
    assert.equal(redactor.redactText('bob@example.com'), redactor.hash('Bob@Example.com ', 'email'));
    assert.deepEqual(redactor.redact({ n: 4111111111111111 }), { n: redactor.hash('4111 1111 1111 1111', 'card') });
    assert.deepEqual(redactor.redact({ pin: 1234 }), { pin: redactor.hash(1234, 'pin') });
    const bare = redactor.hash('bob@example.com');
    assert.match(bare, /^hmac\.k2\.[a-p]{32}$/);
    assert.equal(redactor.hash('bob@example.com', 'pii'), `[REDACTED:pii-${bare}]`);
    assert.deepEqual(redactor.report(redactor.hash('bob@example.com', 'pii')).found, []);
  });

  test('R4.3 without a key in the options the key is that of the environment, and no other variable counts', () => {
    assert.throws(() => createRedactor({ mask: { email: 'hash' } }), { code: 'SPANLOG_BAD_HASH_KEY' });
    assert.throws(() => createRedactor().hash('bob'), { code: 'SPANLOG_BAD_HASH_KEY' });
    process.env.SPANLOG_REDACT_HASH_KEY = KEY;
    process.env.SPANLOG_REDACT_HASH_KEY_ID = 'k2';
    const given = createRedactor({ hashKey: KEY, hashKeyId: 'k2' }).hash('bob@example.com', 'email');
    assert.equal(createRedactor().hash('bob@example.com', 'email'), given);
    assert.equal(createRedactor({ mask: { email: 'hash' } }).redactText('bob@example.com'), given);
    process.env.SPANLOG_REDACT_HASH_KEY = 'short';
    assert.throws(() => createRedactor().hash('bob'), { code: 'SPANLOG_BAD_HASH_KEY' });
    // Who wants no hashes is not stopped by it.
    assert.equal(createRedactor().redactText('bob@example.com'), '[REDACTED:email]');
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
