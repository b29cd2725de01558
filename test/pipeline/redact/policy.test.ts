import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pii, secret } from '../../../src/core/classified.ts';
import { createRedactor } from '../../../src/processors.ts';
import { ValueReader } from '../../../src/core/read-value.ts';
import { toPlain } from '../../../src/core/value.ts';
import { checkRedactOptions, createPolicy, REDACTION_KINDS } from '../../../src/pipeline/redact/policy.ts';
import { Scan } from '../../../src/pipeline/redact/scan.ts';
import { TextScanner } from '../../../src/pipeline/redact/text.ts';
import { KeyRules } from '../../../src/pipeline/redact/keys.ts';

function read(value: unknown, policy = createPolicy({})): unknown {
  const reader = new ValueReader(policy);
  reader.begin();
  return JSON.parse(JSON.stringify(toPlain(reader.read(value))));
}

describe('the redaction policy', () => {
  test('R4.2 secrets are found wherever a record can hold them', () => {
    const error = new Error('login with password=hunter2 failed', { cause: new Error('for bob@example.com') });
    const shown = JSON.stringify(
      read({
        deep: [{ a: new Map([['bob@example.com', 'token=abc12345']]) }, new Set(['4111111111111111'])],
        url: new URL('https://app:hunter2@example.com/?access_token=abc12345'),
        headers: new Headers({ authorization: 'Bearer abc12345', 'x-note': 'ssn 078-05-1121' }),
        query: new URLSearchParams({ password: 'hunter2' }),
        json: JSON.stringify({ password: 'hunter2' }),
        number: 4_111_111_111_111_111,
        big: 4_111_111_111_111_111n,
        bytes: Buffer.from('password=hunter2'),
        error,
      }),
    );
    for (const leak of ['hunter2', 'abc12345', 'bob@', '411111', '078-05']) {
      assert.ok(!shown.includes(leak), `${leak} in ${shown}`);
    }
  });

  test('R4.1 under a secret key everything is hidden but its absence', () => {
    const shown = read({ password: { a: 1 }, token: null, secret: undefined, apiKey: false, cookie: '', pin: 0 });
    assert.deepEqual(shown, {
      password: '[REDACTED:password]',
      token: null,
      secret: null,
      apiKey: false,
      cookie: '[REDACTED:cookie]',
      pin: '[REDACTED:pin]',
    });
  });

  test('R4.3 classified values are hidden whatever they hold, also with redact: false', () => {
    for (const policy of [createPolicy({}), createPolicy(false)]) {
      const shown = read({ a: secret(true), b: pii(null), c: [secret('x')], password: pii('y') }, policy);
      assert.deepEqual(shown, {
        a: '[REDACTED:secret]',
        b: '[REDACTED:pii]',
        c: ['[REDACTED:secret]'],
        password: '[REDACTED:pii]',
      });
    }
  });

  test('R4.1 redact: false shows everything else', () => {
    const value = { password: 'hunter2', text: 'bob@example.com' };
    assert.deepEqual(read(value, createPolicy(false)), value);
  });

  test('R4.4 a rule that fails hides the whole text, is counted, and the next text is judged as ever', (t) => {
    const policy = createPolicy({});
    const broken = t.mock.method(Scan.prototype, 'hide', () => {
      throw new Error('a fault in a rule');
    });
    assert.equal(policy.text('mail bob@example.com'), '[REDACTED:error]');
    assert.deepEqual(policy.key('bob@example.com'), { shown: '[REDACTED:error]', hides: undefined });
    broken.mock.restore();
    assert.equal(policy.text('mail bob@example.com'), 'mail [REDACTED:email]');
    assert.deepEqual(policy.counts(), { error: 2, email: 1 });
  });

  test('R4.4 nothing of a secret stays in the scratch memory after the call', () => {
    const scanner = new TextScanner({ enabled: () => true, keys: new KeyRules({ builtIn: true }), userKeys: [] });
    assert.ok(scanner.find(`password=${'hunter2'.repeat(9)}`));
    scanner.scan.release();
    assert.ok(!scanner.scan.codes.includes('hunter2'));
    assert.equal(scanner.scan.text, '');
  });

  test('R4.4 what was hidden is counted by kind', () => {
    const policy = createPolicy({});
    read({ password: 'x', token: 'y', text: 'a@b.io and c@d.io, card 4111111111111111' }, policy);
    assert.deepEqual(policy.counts(), { password: 1, token: 1, email: 2, card: 1 });
  });

  test('R10.3 an unknown kind is a problem that names it', () => {
    const [problem] = checkRedactOptions({ kinds: { emial: false, ip: true } });
    assert.equal(problem?.code, 'SPANLOG_UNKNOWN_KIND');
    assert.equal(problem.setting, 'redact.kinds.emial');
    assert.deepEqual(checkRedactOptions(false), []);
    for (const kind of ['card', 'email', 'ip', 'phone', 'vendor_token', 'assignment', 'github_token']) {
      assert.ok(REDACTION_KINDS.includes(kind), kind);
    }
  });
});

test('R4.4 what was hidden is not left behind as the text that a regular expression matched last', () => {
  const redactor = createRedactor({
    patterns: { ticket: /TICKET-\d{6}/ },
    mask: { email: 'hash', card: 'partial' },
    hashKey: '0123456789abcdef',
  });
  const secrets = [
    'bob@example.com',
    'x TICKET-123456 y',
    'Authorization: Bearer abcdefghijklmnop1234567890',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdef',
    '4111 1111 1111 1111',
  ];
  for (const secret of secrets) {
    for (const log of [() => redactor.redactText(secret), () => redactor.redact({ card: secret, email: secret })]) {
      log();
      // Whoever reads it is nobody's friend, but anybody can.
      for (const name of ['input', 'lastMatch', 'leftContext', 'rightContext', '$1']) {
        const kept = String(Reflect.get(RegExp, name));
        assert.ok(kept === '' || !secret.includes(kept), `RegExp.${name} is ${kept}`);
      }
    }
  }
});
