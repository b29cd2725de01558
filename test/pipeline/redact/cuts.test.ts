import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cutAtWord } from '../../../src/core/detached-text.ts';
import { DEFAULT_READ_LIMITS, ValueReader } from '../../../src/core/read-value.ts';
import type { ReadLimits } from '../../../src/core/read-value.ts';
import type { Value } from '../../../src/core/value.ts';
import { MOST_SEARCHED } from '../../../src/pipeline/redact/patterns.ts';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';

/** Of each a part, as a cut makes one, is no secret by any rule, and tells most of it. */
const SECRETS = ['4111 1111 1111 1111', '4111111111111111', 'DE89 3704 0044 0532 0130 00', 'bob.smith@example.com'];
const TICKET = 'TICKET-123456';
const policy = createPolicy({ patterns: { ticket: /TICKET-\d{6}/ } });

function read(value: unknown, limits: Partial<ReadLimits>): Value {
  const reader = new ValueReader(policy, { ...DEFAULT_READ_LIMITS, ...limits });
  reader.begin();
  return reader.readUnder('field', undefined, value);
}

/** What can be seen of it, bytes as text. */
function seen(value: Value): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : JSON.stringify(value);
}

/** Asserts that no five characters of the secret are in it. */
function assertHidden(text: string, secret: string, how: string): void {
  for (let i = 0; i + 5 <= secret.length; i++) assert.ok(!text.includes(secret.slice(i, i + 5)), `${how}: ${text}`);
}

describe('R4.4 what lies at a cut or past it', () => {
  test('R4.4 wherever a limit cuts a text or bytes, no part of a secret is shown', () => {
    for (const secret of [...SECRETS, TICKET]) {
      const text = `${'a '.repeat(20)}${secret} ${'z '.repeat(600)}`;
      for (let cut = 38; cut <= 42 + secret.length; cut++) {
        assertHidden(seen(read(text, { valueLength: cut })), secret, `a text, cut at ${cut}`);
        assertHidden(seen(read(text, { recordText: cut })), secret, `the text of a record, cut at ${cut}`);
        assertHidden(seen(read(Buffer.from(text), { valueLength: cut })), secret, `bytes, cut at ${cut}`);
        assertHidden(policy.text(cutAtWord(text, cut)), secret, `a diagnostic, cut at ${cut}`);
      }
    }
  });

  test('R4.4 bytes without secrets are cut where the limit says, and stay bytes', () => {
    assert.deepEqual(read(Buffer.from('a'.repeat(1_000)), { valueLength: 3 }), Uint8Array.of(97, 97, 97));
  });

  test('R4.4 of a text that is longer than what patterns of the user are searched in, the rest is hidden, not shown', () => {
    for (const before of [MOST_SEARCHED - 600, MOST_SEARCHED - 6, MOST_SEARCHED + 5, 3 * MOST_SEARCHED]) {
      const text = `${'a '.repeat(before / 2)}${TICKET} zzz`;
      const shown = seen(read(text, { recordText: 2 ** 24 }));
      assertHidden(shown, TICKET.slice(2), `${before} characters before it`);
      assert.equal(shown.includes('zzz'), text.length <= MOST_SEARCHED, 'what is past the cap');
    }
  });

  test('R4.4 what is cut without being searched is nowhere: a text past the budget of a record says its length alone', () => {
    const shown = read(['x'.repeat(40), 'password=hunter2', TICKET], { recordText: 8 });
    assert.deepEqual(shown, [
      'xxxxxxxx…[cut, 40 characters in all]',
      '…[cut, 16 characters in all]',
      '…[cut, 13 characters in all]',
    ]);
  });

  test('R4.4 a diagnostic loses the word at its cut, and groups of digits, which can be one number', () => {
    assert.equal(cutAtWord('short', 5), 'short');
    assert.equal(cutAtWord('one two three', 9), 'one two…');
    assert.equal(cutAtWord('card 4111 1111 1111 1111', 15), 'card…');
    assert.equal(cutAtWord('x'.repeat(100), 50), '…');
  });
});
