import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { luhnDigits } from './card-numbers.ts';
import { KIND_FACTS, createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { KeyedHash, normalised } from '../../../src/pipeline/redact/keyed-hash.ts';
import { Marks } from '../../../src/pipeline/redact/marks.ts';

const KEY = '0123456789abcdef';
const HASH = new KeyedHash(KEY, 'k1');

describe('marks', () => {
  test('R4.3 a partial mask shows four characters at most, a third at most, and none of a credential', () => {
    const marks = new Marks({ mask: { '*': 'partial' } });
    const shown = (kind: string, text: string): string => marks.of(kind, marks.styleOf(kind), text);
    assert.equal(shown('card', '4111 1111 1111 1234'), '[REDACTED:card…1234]');
    assert.equal(shown('ssn', '078-05-1120'), '[REDACTED:ssn…120]');
    assert.equal(shown('key', 'ab'), '[REDACTED:key]');
    assert.equal(shown('ticket', 'a]b\n[c d]'), '[REDACTED:ticket…d]');
    for (const kind of KIND_FACTS.secretKinds) assert.equal(shown(kind, 'hunter2hunter2'), `[REDACTED:${kind}]`);
  });

  test('R4.3 a family and `*` stand for the kinds that are not named', () => {
    const policy = createPolicy({ mask: { vendor_token: 'hash', email: 'mask', '*': 'partial' } }, { hash: HASH });
    assert.match(
      policy.text(['token ghp', `${'a1B2c3D4'.repeat(4)}abcd`].join('_')),
      /\[REDACTED:github_token-hmac\.k1\.[a-p]{32}\]/,
    );
    assert.equal(
      policy.text('bob@example.com paid with 4111-1111-1111-1111'),
      '[REDACTED:email] paid with [REDACTED:card…1111]',
    );
  });

  test('R4.3 without a key there are masks in the place of hashes', () => {
    assert.equal(createPolicy({ mask: { '*': 'hash' } }).text('bob@example.com'), '[REDACTED:email]');
  });

  test('R4.3 a key that hides, hides by its mask as well', () => {
    const policy = createPolicy({ mask: { session: 'hash', card: 'partial' } }, { hash: HASH });
    assert.equal(policy.hide('session', 'abc'), `[REDACTED:session-${HASH.of('abc')}]`);
    assert.equal(policy.hide('card', 4_111_111_111_111_234), '[REDACTED:card…1234]');
    assert.equal(policy.hide('session', { id: 'abc' }), '[REDACTED:session]');
  });
});

describe('keyed hashes', () => {
  test('R4.3 one value has one hash, however it is written and wherever it stands', () => {
    const policy = createPolicy({ mask: { '*': 'hash' } }, { hash: HASH });
    const [card] = /hmac[^\]]*/.exec(policy.text('card 4111-1111-1111-1111 was declined')) ?? [];
    assert.equal(card, HASH.of('4111111111111111'));
    assert.equal(policy.hide('card', 4_111_111_111_111_111), `[REDACTED:card-${card}]`);
    assert.equal(HASH.of(' Bob@Example.COM '), HASH.of('bob@example.com'));
    assert.equal(HASH.of('gb82 west 1234 5698 7654 32'), HASH.of('GB82WEST12345698765432'));
    assert.equal(HASH.of('(555) 010-9999'), HASH.of('5550109999'));
    assert.notEqual(HASH.of('Hunter2'), HASH.of('hunter2'));
  });

  test('R4.3 anybody who has the key can compute it', () => {
    const hex = createHmac('sha256', KEY).update('bob@example.com').digest('hex').slice(0, 32);
    const letters = Array.from(hex)
      .map((digit) => 'abcdefghijklmnop'[parseInt(digit, 16)])
      .join('');
    assert.equal(HASH.of('Bob@example.com'), `hmac.k1.${letters}`);
  });

  test('R4.3 another key gives another hash and another id', () => {
    const [one, same, other] = [new KeyedHash(KEY), new KeyedHash(KEY), new KeyedHash(`${KEY}!`)];
    assert.match(one.id, /^[a-p]{6}$/);
    assert.equal(one.of('x'), same.of('x'));
    assert.notEqual(one.id, other.id);
    assert.notEqual(one.of('x').split('.')[2], other.of('x').split('.')[2]);
  });

  test('R4.3 another process gives the same hash', () => {
    const file = join(import.meta.dirname, '../../../src/pipeline/redact/keyed-hash.ts');
    const code = `import { KeyedHash } from ${JSON.stringify(file)}; console.log(new KeyedHash(${JSON.stringify(KEY)}).of('bob'));`;
    const printed = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', code], {
      encoding: 'utf8',
    });
    assert.equal(printed.trim(), new KeyedHash(KEY).of('bob'));
  });

  test('R4.5 a long text costs no more than it must', () => {
    const hostile = ['1 '.repeat(100_000), 'a@'.repeat(100_000), 'DE89 '.repeat(40_000), '+('.repeat(100_000)];
    for (const text of [...hostile, ...hostile.map((long) => long.slice(0, 256))]) {
      const start = performance.now();
      normalised(text);
      assert.ok(performance.now() - start < 50, text.slice(0, 10));
    }
  });
});

describe('R4.3 the rules find nothing more to hide in what they have hidden', () => {
  const styles = ['mask', 'partial', 'hash'] as const;
  const secrets = fc.oneof(
    fc.integer({ min: 0, max: 99_999_999 }).map((n) => luhnDigits(`41111${String(n).padStart(10, '0')}`)),
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }).map((text) => `password=${text}`),
    fc.emailAddress(),
    fc
      .tuple(
        fc.integer({ min: 100, max: 665 }),
        fc.integer({ min: 10, max: 99 }),
        fc.integer({ min: 1_000, max: 9_999 }),
      )
      .map((parts) => parts.join('-')),
    fc
      .string({ unit: fc.constantFrom('a', 'b', 'Y', 'Z', '0', '7'), minLength: 8, maxLength: 30 })
      .map((text) => `{"token":"${text}"}`),
    fc
      .string({ unit: fc.constantFrom('a', 'b', 'Y', 'Z', '0', '7'), minLength: 8, maxLength: 30 })
      .map((text) => `Authorization: Bearer ${text}`),
    fc.webUrl().map((url) => url.replace('://', '://user:hunter2@')),
  );
  const ids = fc.oneof(
    fc.constantFrom('k1', 'sk', 'key', 'token', 'atlasv1', 'eyj', 'us1', 'pwd'),
    fc.stringMatching(/^[a-z0-9]{1,8}$/),
  );

  for (const style of styles) {
    test(`with ${style}`, () => {
      fc.assert(
        fc.property(
          fc.array(secrets, { minLength: 1, maxLength: 4 }),
          ids,
          fc.constantFrom(' ', ', ', '\n', ' | ', '; '),
          (parts, id, between) => {
            const hash = new KeyedHash(KEY, id);
            const policy = createPolicy({ mask: { '*': style }, kinds: { ip: true, phone: true } }, { hash });
            const once = policy.text(parts.join(between));
            assert.equal(policy.text(once), once);
          },
        ),
        { numRuns: 300 },
      );
    });

    test(`with ${style}, of every kind, bare, quoted, and behind a key`, () => {
      const hash = new KeyedHash(KEY, 'k1');
      const policy = createPolicy({ mask: { '*': style }, kinds: { ip: true, phone: true } }, { hash });
      const marks = new Marks({ mask: { '*': style }, hash });
      for (const kind of KIND_FACTS.maskKinds.filter((name) => name !== '*')) {
        const mark = marks.of(kind, marks.styleOf(kind), '4111 1111 1111 1111');
        for (const frame of [
          '%',
          '"%"',
          'password=%',
          '{"password":"%"}',
          "token: '%'",
          'Bearer %',
          '%%',
          '4111 %',
          '[%]',
          'Authorization: %',
          'https://a:%@b/c',
          '?code=%',
          'Cookie: %',
        ]) {
          const framed = frame.replaceAll('%', mark);
          assert.equal(policy.text(framed), framed);
        }
        assert.equal(policy.key(mark).shown, mark);
      }
    });
  }
});
