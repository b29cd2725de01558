import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pii } from '../../src/index.ts';
import { createRedactor } from '../../src/processors.ts';
import { assertNoSecrets, findSecrets, matchers } from '../../src/testing.ts';

const LEAKS = {
  user: { paid: ['4111 1111 1111 1111', 'x'], mail: pii('bob') },
  note: 'bob@example.com and eve@example.com',
  password: 'hunter2',
  'odd key': ['token=abc12345'],
};

describe('a test of what is logged', () => {
  test('R4.2 the report says kinds and places, and never the values', () => {
    const { value, found } = createRedactor().report(LEAKS);
    assert.deepEqual(found, [
      { kind: 'card', path: 'user.paid[0]', count: 1 },
      { kind: 'pii', path: 'user.mail', count: 1 },
      { kind: 'email', path: 'note', count: 2 },
      { kind: 'password', path: 'password', count: 1 },
      { kind: 'token', path: '["odd key"][0]', count: 1 },
    ]);
    assert.deepEqual(value, createRedactor().redact(LEAKS));
  });

  test('R4.2 a leak fails, and the message does not leak it', () => {
    assert.throws(
      () => assertNoSecrets(LEAKS),
      ({ message }: Error) => message.includes('card at user.paid[0]') && !/4111|hunter2|bob@|abc12345/.test(message),
    );
    const { pass, message } = matchers.toLeakNoSecrets(['password=hunter2']);
    assert.equal(pass, false);
    assert.match(message(), /password at \[0\]/);
  });

  test('R4.2 what is redacted already is no leak, in whatever style it was masked', () => {
    const hashKey = 'sixteen bytes or more';
    for (const style of ['mask', 'partial', 'hash'] as const) {
      const { redact } = createRedactor({ mask: { '*': style }, hashKey });
      assert.deepEqual(findSecrets(redact(LEAKS)), []);
      assertNoSecrets(JSON.stringify(redact(LEAKS)));
    }
    assert.equal(matchers.toLeakNoSecrets('nothing here').pass, true);
  });

  test('R4.2 given secrets are found inside of other texts; excepted kinds are not', () => {
    const found = findSecrets({ line: 'user logged in with Correct+Horse(9' }, { secrets: ['correct+horse(9'] });
    assert.deepEqual(found, [{ kind: 'given_secret_1', path: 'line', count: 1 }]);
    assert.deepEqual(findSecrets('bob@example.com', { except: ['email'] }), []);
    assert.throws(() => findSecrets('a', { secrets: ['a'] }), /4 or more/);
  });
});
