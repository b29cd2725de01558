import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { createRecord } from '../../src/core/record.ts';
import type { LogRecord } from '../../src/core/record.ts';
import { DROPPED, ValueMap, Varied } from '../../src/core/value.ts';
import type { Value } from '../../src/core/value.ts';
import { halfSipHash } from '../../src/pipeline/half-sip-hash.ts';
import { RepeatHash } from '../../src/pipeline/repeat-hash.ts';

const SCOPE = { id: 3, name: 'shop', version: '', schemaUrl: '', attributes: new ValueMap() };

function recordOf(fields: Readonly<Record<string, Value>>, body: Value = 'tick', eventName = 'tick'): LogRecord {
  const record = createRecord(SCOPE);
  Object.assign(record, { severity: 9, eventName, body, fieldCount: Object.keys(fields).length });
  record.fieldKeys.push(...Object.keys(fields));
  record.fieldValues.push(...Object.values(fields));
  return record;
}

function hashOf(hash: RepeatHash, record: LogRecord): string | undefined {
  const words = hash.of(record);
  return words && `${words[0]} ${words[1]}`;
}

/** HalfSipHash by its specification, with any number of rounds. */
function specified(words: readonly number[], key: readonly [number, number], wordRounds: number, endRounds: number) {
  const v = [key[0], key[1] ^ 0xee, key[0] ^ 0x6c796765, key[1] ^ 0x74656462] as [number, number, number, number];
  const turn = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v[0] = (v[0] + v[1]) | 0;
      v[1] = turn(v[1], 5) ^ v[0];
      v[0] = turn(v[0], 16);
      v[2] = (v[2] + v[3]) | 0;
      v[3] = turn(v[3], 8) ^ v[2];
      v[0] = (v[0] + v[3]) | 0;
      v[3] = turn(v[3], 7) ^ v[0];
      v[2] = (v[2] + v[1]) | 0;
      v[1] = turn(v[1], 13) ^ v[2];
      v[2] = turn(v[2], 16);
    }
  };
  for (const word of [...words, (words.length * 4) << 24]) {
    v[3] ^= word;
    rounds(wordRounds);
    v[0] ^= word;
  }
  v[2] ^= 0xee;
  rounds(endRounds);
  const low = v[1] ^ v[3];
  v[1] ^= 0xdd;
  rounds(endRounds);
  return Int32Array.of(low, v[1] ^ v[3]);
}

describe('R5.4 hash of a record', () => {
  test('R5.4 it is HalfSipHash-1-3: by the specification, whose 2-4 has the published vectors', () => {
    const counting = new Int32Array(Uint8Array.from({ length: 12 }, (_, i) => i).buffer);
    const published = ['218d1f59b9b83cc8', 'd5e78a175be52ea1', 'edfee820bce4858c', '7bc71f9faef5c799'];
    for (const [count, vector] of published.entries()) {
      const found = specified([...counting.subarray(0, count)], [0x03020100, 0x07060504], 2, 4);
      assert.equal(Buffer.from(found.buffer).toString('hex'), vector);
    }
    for (let count = 2; count < 100; count++) {
      const words = new Int32Array(count + 1);
      randomBytes(4 * count).copy(Buffer.from(words.buffer));
      const expected = specified([...words.subarray(0, count)], [-5, 1 << 30], 1, 3);
      halfSipHash(words, count, -5, 1 << 30);
      assert.deepEqual(words.subarray(0, 2), expected);
    }
  });

  test('R5.4 the key is the process’s own: one record has another hash under each', () => {
    const record = recordOf({ n: 1 });
    assert.notEqual(hashOf(new RepeatHash([]), record), hashOf(new RepeatHash([]), record));
  });

  test('R5.4 what differs in a letter, a type, a length or a place differs in its hash', () => {
    const long = 'abcdefg'.repeat(20);
    const places = Array.from({ length: long.length }, (_, i) => i);
    const different: LogRecord[] = [
      ...[0, -1, 1, 0.5, -0.5, 2 ** 31, 2 ** 40, Infinity, 1n, 2n ** 70n, true, false, null].map((n) =>
        recordOf({ n }),
      ),
      ...['', '0', '1', 'a', 'aa', 'a\0', '\0', 'ā', 'a\u0100', '\u6161', '\u6100', '€uro', long].map((n) =>
        recordOf({ n }),
      ),
      ...places.map((i) => recordOf({ n: `${long.slice(0, i)}x${long.slice(i + 1)}` })),
      ...places.map((i) => recordOf({ n: `${long.slice(0, i)}ŷ${long.slice(i + 1)}` })),
      ...[[], [0], [0, 0], [[0], 0], [[0, 0]], [null], ['a', 'b'], ['ab']].map((n) => recordOf({ n })),
      ...[[], [['a', 1]], [['a', '1']], [['a1', 1]]].map((of) =>
        recordOf({ n: ValueMap.from(of as [string, Value][]) }),
      ),
      ...[[], [0], [0, 0], [1], [1, 2, 3, 4, 5]].map((of) => recordOf({ n: Uint8Array.from(of) })),
      ...[
        ['a', 'b'],
        ['a', DROPPED],
        [DROPPED, 'a'],
        [DROPPED, DROPPED],
        [true, true],
      ].map((of) => recordOf({ n: new Varied(of as Value[], null) })),
      recordOf({}),
      recordOf({ m: 1 }),
      recordOf({ m: 1, n: 1 }),
      recordOf({ n: 1, m: 1 }),
      recordOf({ ['k'.repeat(200)]: 1 }),
      recordOf({ ['k'.repeat(201)]: 1 }),
      recordOf({}, 'tock'),
      recordOf({}, 'tick', ''),
      recordOf({}, 'tock', ''),
      recordOf({}, '', ''),
      { ...recordOf({}), severity: 10 },
      { ...recordOf({}), scope: { ...SCOPE, id: 4 } },
    ];
    const hash = new RepeatHash([]);
    const first = different.map((record) => hashOf(hash, record));
    assert.equal(new Set(first).size, different.length);
    assert.deepEqual(
      different.map((record) => hashOf(hash, record)),
      first,
      'and the same record has the same hash, whatever came between',
    );
  });

  test('R5.4 more names than are numbered: fields of others are told apart by their letters', () => {
    const hash = new RepeatHash(['ignored']);
    const records = Array.from({ length: 9_000 }, (_, i) => recordOf({ [`key_${i}`]: 1, ignored: i }));
    const first = records.map((record) => hashOf(hash, record));
    assert.equal(new Set(first).size, records.length);
    assert.deepEqual(
      records.map((record) => hashOf(hash, { ...record, fieldValues: [1, 'another'] })),
      first,
    );
  });

  test('R5.4 an event by the name of an ignored field is an event as any other', () => {
    const hash = new RepeatHash(['a', 'b']);
    assert.notEqual(hashOf(hash, recordOf({}, 'a', 'a')), hashOf(hash, recordOf({}, 'b', 'b')));
  });

  test('R5.4 a record past 8 kB has none, whatever makes it large', () => {
    const hash = new RepeatHash([]);
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, i / 7]));
    const large: readonly Value[] = [
      'x'.repeat(8_200),
      'ŷ'.repeat(4_100),
      new Uint8Array(8_200),
      Array.from({ length: 2_100 }, () => null),
      ValueMap.from(Object.entries(many)),
      10n ** 8_200n,
      [['x'.repeat(5_000)], 'x'.repeat(5_000)],
    ];
    for (const n of large) {
      assert.equal(hash.of(recordOf({ n })), undefined);
      assert.equal(hash.of(recordOf({}, n)), undefined);
    }
    assert.equal(hash.of(recordOf({ ['k'.repeat(9_000)]: 1 })), undefined);
    assert.equal(hash.of(recordOf(many)), undefined);
    assert.notEqual(hash.of(recordOf({ n: 'x'.repeat(8_100) })), undefined);
  });
});
