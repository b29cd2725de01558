import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutText } from '../../src/core/detached-text.ts';
import { DEFAULT_READ_LIMITS, ValueReader } from '../../src/core/read-value.ts';
import type { ReadLimits } from '../../src/core/read-value.ts';
import { ValueMap } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { SHOW_ALL } from '../../src/core/value-policy.ts';
import type { ValuePolicy } from '../../src/core/value-policy.ts';

function readerWith(limits: Partial<ReadLimits>, policy: ValuePolicy = SHOW_ALL): ValueReader {
  const reader = new ValueReader(policy, { ...DEFAULT_READ_LIMITS, ...limits });
  reader.begin();
  return reader;
}

function read(value: unknown, limits: Partial<ReadLimits> = {}, policy: ValuePolicy = SHOW_ALL): Value {
  return readerWith(limits, policy).readUnder('field', undefined, value);
}

/** Hides runs of seven digits. */
const HIDES_SEVEN_DIGITS: ValuePolicy = {
  ...SHOW_ALL,
  text: (text) => text.replace(/\d{7}/g, '[7]'),
  key: (name) => ({ shown: name.replace(/\d{7}/g, '[7]'), hides: undefined }),
};

describe('R2.7 depth', () => {
  test('R2.7 containers below the limit become empty, of their own kind', () => {
    assert.deepEqual(
      read({ a: { b: { c: 1 } } }, { depth: 2 }),
      ValueMap.from([['a', ValueMap.from([['b', new ValueMap()]])]]),
    );
    assert.deepEqual(read([[[1]]], { depth: 2 }), [[[]]]);
    assert.deepEqual(read([new Map([['a', 1]]), new Set([1]), new Error('x')], { depth: 1 }), [
      new ValueMap(),
      [],
      new ValueMap(),
    ]);
  });

  test('R2.7 what is no container is read at any depth', () => {
    assert.deepEqual(read([['text', 1, new Date(0)]], { depth: 2 }), [['text', 1, '1970-01-01T00:00:00.000Z']]);
  });
});

describe('R2.7 entries', () => {
  test('R2.7 an array that is too long says how many are missing', () => {
    assert.deepEqual(read([1, 2, 3, 4, 5], { entries: 3 }), [1, 2, 3, '… 2 more']);
    assert.deepEqual(read(new Set([1, 2, 3]), { entries: 2 }), [1, 2, '… 1 more']);
    assert.deepEqual(read(Float32Array.of(1, 2, 3), { entries: 2 }), [1, 2, '… 1 more']);
  });

  test('R2.7 an object that is too wide says how many are missing', () => {
    const form = ValueMap.from([
      ['a', 1],
      ['b', 2],
      ['…', '1 more'],
    ]);
    assert.deepEqual(read({ a: 1, b: 2, c: 3 }, { entries: 2 }), form);
    assert.deepEqual(
      read(
        new Map([
          ['a', 1],
          ['b', 2],
          ['c', 3],
        ]),
        { entries: 2 },
      ),
      form,
    );
  });

  test('R2.7 an array of a million, a sparse one of 2^32-1 and 100,000 keys are cut', { timeout: 10_000 }, () => {
    const million = read(new Array(1_000_000).fill('x'));
    assert.ok(Array.isArray(million));
    assert.equal(million.at(-1), '… 999000 more');
    const sparse = read(new Array(2 ** 32 - 1));
    assert.ok(Array.isArray(sparse));
    assert.equal(sparse.length, 1_001);
    assert.equal(sparse.at(-1), '… 4294966295 more');
    const wide = read(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i])));
    assert.ok(wide instanceof ValueMap);
    assert.equal(wide.get('…'), '99000 more');
  });
});

describe('R2.7 values in all', () => {
  test('R2.7 past the number of values per record the rest is counted, not read', () => {
    assert.deepEqual(
      read(
        [
          [1, 2],
          [3, 4],
        ],
        { nodes: 4 },
      ),
      [[1, 2], '… 1 more'],
    );
  });

  test('R2.7 the number starts again with each record', () => {
    const reader = readerWith({ nodes: 3 });
    for (let i = 0; i < 5; i++) {
      reader.begin();
      assert.deepEqual(reader.readUnder('field', undefined, [1, 2]), [1, 2]);
    }
  });

  test('R2.7 hidden and throwing places count too', () => {
    const hidesAll: ValuePolicy = { ...SHOW_ALL, key: (name) => ({ shown: name, hides: 'secret' }) };
    const wide = Array.from({ length: 100 }, () => ({ a: 1, b: 2, c: 3 }));
    const value = read(wide, { nodes: 50 }, hidesAll);
    assert.ok(Array.isArray(value));
    assert.ok(value.length < 30);
  });
});

describe('R2.7 length of one value', () => {
  test('R2.7 text is cut without a mark, at any depth', () => {
    assert.equal(read('abcdef', { valueLength: 3 }), 'abc');
    assert.deepEqual(read({ a: ['abcdef'] }, { valueLength: 3 }), ValueMap.from([['a', ['abc']]]));
    assert.deepEqual(read(Uint8Array.of(1, 2, 3), { valueLength: 2 }), Uint8Array.of(1, 2));
  });

  test('R2.7 a cut never splits a surrogate pair', () => {
    assert.equal(read('ab👩', { valueLength: 3 }), 'ab');
    assert.equal(read('ab👩', { valueLength: 4 }), 'ab👩');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(40), (text, length) => {
        const cut = cutText(text, length);
        assert.ok(cut.isWellFormed() && text.startsWith(cut));
        assert.ok(cut.length >= Math.min(text.length, length) - 1 && cut.length <= length);
      }),
    );
  });

  test('R2.7 the body is bounded by the record, not by the value limit’s absence', () => {
    const reader = readerWith({ recordText: 10 });
    assert.equal(reader.text('0123456789abcdef'), '0123456789…[cut, 16 characters in all]');
  });
});

describe('R2.7 text of a record in all', () => {
  test('R2.7 a text of 1 MB is cut and states its size', () => {
    const value = read('x'.repeat(1_000_000));
    assert.ok(typeof value === 'string');
    assert.ok(value.endsWith('…[cut, 1000000 characters in all]'));
    assert.ok(value.length < DEFAULT_READ_LIMITS.recordText + 50);
  });

  test('R2.7 what comes after the text is used up still says its size, and short values are kept', () => {
    const value = read(['x'.repeat(20), 'y'.repeat(5), 7, true], { recordText: 8 });
    assert.deepEqual(value, ['xxxxxxxx…[cut, 20 characters in all]', '…[cut, 5 characters in all]', 7, true]);
  });

  test('R2.7 bytes that do not fit are replaced by their number', () => {
    assert.equal(read(Buffer.alloc(1_000_000)), '[Cut: 1000000 bytes]');
  });

  test('R2.7 a key of 1 MB is cut, and many long keys are bounded together', () => {
    const one = read({ ['k'.repeat(1_000_000)]: 1, after: 2 });
    assert.ok(one instanceof ValueMap);
    assert.equal(one.keys[0], `${'k'.repeat(1_024)}…`);
    assert.equal(one.get('after'), 2);
    const many = read(Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${'k'.repeat(1_000)}${i}`, i])), {
      recordText: 10_000,
    });
    assert.ok(many instanceof ValueMap);
    assert.ok(many.keys.join('').length < 12_000);
    assert.match(JSON.stringify(many.get('…')), /^"\d+ more"$/);
  });

  test('R2.7 keys that are equal once they are cut are told apart', () => {
    const value = read({ [`${'k'.repeat(2_000)}a`]: 1, [`${'k'.repeat(2_000)}b`]: 2 });
    assert.ok(value instanceof ValueMap);
    assert.deepEqual(value.values, [1, 2]);
    assert.equal(new Set(value.keys).size, 2);
  });

  test('R2.7 a BigInt of a million bits costs nothing', { timeout: 2_000 }, () => {
    assert.equal(read(1n << 10_000_000n), '[Cut: integer of more than 32768 bits]');
  });
});

describe('R4.4 a cut shows no half of a secret', () => {
  test('R4.4 a secret that straddles the cut is seen whole', () => {
    const value = read(`${'x'.repeat(95)}1234567${'y'.repeat(2_000)}`, { valueLength: 100 }, HIDES_SEVEN_DIGITS);
    assert.ok(typeof value === 'string');
    assert.doesNotMatch(value, /\d{2}/);
  });

  test('R4.4 a secret at the end of what was looked at is not shown when the text before it shrank', () => {
    const secrets = '1234567'.repeat(400);
    for (let shift = 0; shift < 7; shift++) {
      const value = read(`${'x'.repeat(shift)}${secrets}`, { valueLength: 1_000 }, HIDES_SEVEN_DIGITS);
      assert.ok(typeof value === 'string');
      assert.doesNotMatch(value, /\d{2}/, `shifted by ${shift}`);
    }
  });

  test('R4.4 the same holds for keys and for the messages of errors that reading throws', () => {
    const key = read({ [`${'x'.repeat(1_021)}1234567${'y'.repeat(3_000)}`]: 1 }, {}, HIDES_SEVEN_DIGITS);
    assert.ok(key instanceof ValueMap);
    assert.doesNotMatch(key.keys.join(''), /\d{2}/);
    const thrown = read(
      {
        get x(): never {
          throw new Error(`${'x'.repeat(197)}1234567${'y'.repeat(1_000)}`);
        },
      },
      {},
      HIDES_SEVEN_DIGITS,
    );
    assert.ok(thrown instanceof ValueMap);
    assert.doesNotMatch(JSON.stringify(thrown.get('x')), /\d{2}/);
  });

  test('R4.1 a getter under a hidden key that throws stays hidden', () => {
    const policy: ValuePolicy = { ...SHOW_ALL, key: (name) => ({ shown: name, hides: 'secret' }) };
    const value = read(
      {
        get password(): never {
          throw new Error('hunter2');
        },
      },
      {},
      policy,
    );
    assert.deepEqual(value, ValueMap.from([['password', '[REDACTED:secret]']]));
  });
});

describe('R4.1 paths', () => {
  test('R4.1 a policy is asked for each place by its keys from the root', () => {
    const asked: string[] = [];
    const policy: ValuePolicy = {
      ...SHOW_ALL,
      path: (path) => {
        asked.push(path.join('/'));
        return path.join('/') === 'field/items/1/pin' ? 'pin' : undefined;
      },
    };
    const value = read({ items: [{ pin: 1 }, { pin: 2 }], later: { toJSON: () => ({ a: 3 }) } }, {}, policy);
    assert.deepEqual(asked, [
      'field',
      'field/items',
      'field/items/0',
      'field/items/0/pin',
      'field/items/1',
      'field/items/1/pin',
      'field/later',
      'field/later/a',
    ]);
    assert.ok(value instanceof ValueMap);
    assert.deepEqual(value.get('items'), [ValueMap.from([['pin', 1]]), ValueMap.from([['pin', '[REDACTED:pin]']])]);
  });
});
