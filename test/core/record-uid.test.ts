import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordUids } from '../../src/core/record-uid.ts';

test('R2.6 ids of records are ULIDs that rise, within a millisecond and over its end', () => {
  const uids = new RecordUids();
  const ids: string[] = [];
  for (let i = 0; i < 40_000; i++) ids.push(uids.next({ seconds: 1_700_000_000, nanos: Math.floor(i / 700) * 1e6 }));
  assert.ok(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id)));
  assert.ok(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? '')));
  const counters = ids.map((id) => parseInt(id.slice(20).replace(/[G-Z]/g, ordinary), 32));
  assert.deepEqual(
    counters,
    ids.map((_, i) => i),
  );
});

/** Crockford's letter as the one that parseInt takes. */
function ordinary(letter: string): string {
  return '0123456789ABCDEFGHIJKLMNOPQRSTUV'['0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter)] ?? '';
}
