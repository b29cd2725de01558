import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pii, secret } from '../../../src/core/classified.ts';
import type { ClassPolicy, Disclosure } from '../../../src/core/disclosure.ts';
import { ValueReader } from '../../../src/core/read-value.ts';
import { DROPPED, toPlain, Varied } from '../../../src/core/value.ts';
import type { Value } from '../../../src/core/value.ts';
import { classKind } from '../../../src/core/value-policy.ts';
import { shownIn } from '../../../src/core/view.ts';
import { KeyedHash } from '../../../src/pipeline/redact/keyed-hash.ts';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';
import type { RedactionPolicy } from '../../../src/pipeline/redact/policy.ts';

const HASH = new KeyedHash('a key of more than 16 bytes', 'k1');

function policyOf(given: Record<string, Disclosure>): ClassPolicy {
  return new Map(Object.entries(given));
}

/** Destinations of which each sees something else. */
const VIEWS = [
  policyOf({}),
  policyOf({ pii: 'plain' }),
  policyOf({ pii: 'hash', secret: 'drop' }),
  policyOf({ '*': 'partial', pii: 'drop' }),
];

function plainOf(value: Value | typeof DROPPED): unknown {
  return value === DROPPED ? 'left out' : JSON.parse(JSON.stringify(toPlain(value)));
}

/** What each view shows of a value that stands under `key`. */
function seen(
  value: unknown,
  { key = 'field', policy = createPolicy({}, { views: VIEWS, hash: HASH }) } = {},
): unknown[] {
  const reader = new ValueReader(policy);
  reader.begin();
  const read = reader.readUnder(key, policy.key(key).hides, value);
  assert.ok(isFlat(read), 'nothing varied stands inside of a value');
  return VIEWS.map((_, index) => plainOf(shownIn({ index, drops: true }, read)));
}

function isFlat(value: Value): boolean {
  const views = value instanceof Varied ? [...value.views, value.hidden] : [value];
  return views.every((view) => view === DROPPED || !(view instanceof Varied));
}

const MASKED = '[REDACTED:pii]';
const BOB = `[REDACTED:pii-${HASH.of('bob@example.com')}]`;

describe('what each destination sees of a classified value', () => {
  test('R4.3 a text: masked, plain, hashed, left out', () => {
    assert.deepEqual(seen(pii('bob@example.com')), [MASKED, 'bob@example.com', BOB, 'left out']);
  });

  test('R4.3 a secret is never shown, whatever the policy says, and can be left out', () => {
    const open = createPolicy(
      {},
      { views: [policyOf({ secret: 'plain' }), policyOf({ '*': 'plain' }), policyOf({ secret: 'partial' })] },
    );
    assert.deepEqual(seen(secret('hunter2hunter2'), { policy: open }).slice(0, 3), Array(3).fill('[REDACTED:secret]'));
    assert.deepEqual(seen(secret('hunter2')), [
      '[REDACTED:secret]',
      '[REDACTED:secret]',
      'left out',
      '[REDACTED:secret]',
    ]);
  });

  test('R4.3 a number keeps its type where it is seen, and hashes like its text', () => {
    assert.deepEqual(seen(pii(42)), [MASKED, 42, `[REDACTED:pii-${HASH.of('42')}]`, 'left out']);
  });

  test('R4.3 an object that may be seen is read by all other rules: keys, secrets, cards, cycles', () => {
    const user: Record<string, unknown> = {
      mail: 'bob@example.com',
      password: 'hunter2',
      note: 'token=abc12345 4111 1111 1111 1111',
      key: secret('s3cr3t'),
    };
    user.self = user;
    assert.deepEqual(seen(pii(user)), [
      MASKED,
      {
        mail: 'bob@example.com',
        password: '[REDACTED:password]',
        note: 'token=[REDACTED:token] [REDACTED:card]',
        key: '[REDACTED:secret]',
        self: '[Circular]',
      },
      MASKED,
      'left out',
    ]);
  });

  test('R4.3 a value inside of others is shown, hashed and left out in its place', () => {
    assert.deepEqual(seen({ user: { name: pii('bob'), tags: ['a', pii('b'), secret('c')] } }), [
      { user: { name: MASKED, tags: ['a', MASKED, '[REDACTED:secret]'] } },
      { user: { name: 'bob', tags: ['a', 'b', '[REDACTED:secret]'] } },
      {
        user: {
          name: `[REDACTED:pii-${HASH.of('bob')}]`,
          tags: ['a', `[REDACTED:pii-${HASH.of('b')}]`],
        },
      },
      { user: { tags: ['a', '[REDACTED:secret]'] } },
    ]);
  });

  test('R4.3 of a key and a class that both hide, the stricter counts', () => {
    assert.deepEqual(seen(pii('hunter2'), { key: 'password' }), [MASKED, MASKED, MASKED, 'left out']);
    const policy = createPolicy({ mask: { password: 'hash' } }, { views: VIEWS, hash: HASH });
    const hashed = `[REDACTED:pii-${HASH.of('hunter2')}]`;
    assert.deepEqual(seen(pii('hunter2'), { key: 'password', policy }), [MASKED, hashed, hashed, 'left out']);
  });

  test('R4.3 of a mark inside of a mark, the stricter counts', () => {
    assert.deepEqual(seen(pii(secret('x'))), [MASKED, MASKED, 'left out', 'left out']);
  });

  test('R4.3 a class of the catalogue: any word, flags too, and `*` where it is not named', () => {
    const reader = new ValueReader(createPolicy({}, { views: VIEWS, hash: HASH }));
    reader.begin();
    const shown = (value: unknown): unknown[] => {
      const read = reader.readUnder('diagnosis', classKind('health'), value);
      return VIEWS.map((_, index) => plainOf(shownIn({ index, drops: true }, read)));
    };
    assert.deepEqual(shown('influenza A'), [
      ...Array<string>(3).fill('[REDACTED:health]'),
      '[REDACTED:health…nzaA]'.replace('nzaA', 'zaA'),
    ]);
    assert.deepEqual(shown(true), Array(4).fill('[REDACTED:health]'));
    assert.deepEqual(shown(null), Array(4).fill(null));
  });

  test('R4.3 a kind that a key rule names is no class, even of the same name', () => {
    const policy = createPolicy({}, { views: [policyOf({ card: 'plain', '*': 'plain' })] });
    const reader = new ValueReader(policy);
    reader.begin();
    assert.equal(reader.readUnder('card_number', policy.key('card_number').hides, '4111'), '[REDACTED:card]');
  });

  test('R4.3 destinations that see the same get one value, and masks alone never open one', () => {
    const same = createPolicy({}, { views: [policyOf({ pii: 'plain' }), policyOf({ pii: 'plain', secret: 'drop' })] });
    const reader = new ValueReader(same);
    reader.begin();
    assert.deepEqual(reader.read(pii('bob')), new Varied(['bob', 'bob'], MASKED));
    const closed = pii('bob');
    Object.defineProperty(closed, 'reveal', { value: () => assert.fail('opened') });
    assert.equal(new ValueReader(createPolicy({})).read(closed), MASKED);
  });

  test('R4.3 redact: false leaves the classes to the destinations', () => {
    const policy = createPolicy(false, { views: VIEWS, hash: HASH });
    assert.deepEqual(seen(pii('bob@example.com'), { policy }), [MASKED, 'bob@example.com', BOB, 'left out']);
  });

  test('R4.3 what a getter logs while a value is disclosed is read by the common rules', () => {
    const policy = createPolicy({}, { views: [policyOf({ pii: 'plain' })] });
    const reader = new ValueReader(policy);
    reader.begin();
    let other: Value = null;
    const read = reader.read(
      pii({
        get mail() {
          reader.begin();
          other = reader.read('bob@example.com');
          return 'bob@example.com';
        },
      }),
    );
    assert.deepEqual(plainOf(shownIn({ index: 0, drops: false }, read)), { mail: 'bob@example.com' });
    assert.equal(other, '[REDACTED:email]');
  });

  test('R4.4 what fails while it is opened, read or hashed is hidden as an error, and counted', () => {
    const failing = pii('bob');
    Object.defineProperty(failing, 'reveal', {
      value: () => {
        throw new Error('bob');
      },
    });
    const policies: readonly (readonly [unknown, RedactionPolicy])[] = [
      [failing, createPolicy({}, { views: VIEWS, hash: HASH })],
      [pii('bob'), createPolicy({}, { views: VIEWS, hash: failingHash() })],
    ];
    for (const [value, policy] of policies) {
      assert.deepEqual(seen(value, { policy }), Array(4).fill('[REDACTED:error]'));
      assert.equal(policy.counts().error, 1);
    }
  });

  test('R4.4 a hash that fails hides what a rule found as an error', () => {
    const policy = createPolicy({ mask: { '*': 'hash' } }, { hash: failingHash() });
    assert.equal(policy.text('mail bob@example.com'), '[REDACTED:error]');
    assert.equal(policy.hide('password', 'hunter2'), '[REDACTED:error]');
    assert.equal(policy.counts().error, 2);
  });
});

function failingHash(): KeyedHash {
  const hash = new KeyedHash('a key of more than 16 bytes', 'k1');
  hash.of = () => {
    throw new Error('no crypto here');
  };
  return hash;
}
