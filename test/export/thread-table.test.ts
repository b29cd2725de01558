import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThreadTable } from '../../src/export/thread-table.ts';
import type { ThreadEntry } from '../../src/export/thread-table.ts';

/** Claims entries until there are none. */
function fill(table: ThreadTable): ThreadEntry[] {
  const claimed: ThreadEntry[] = [];
  for (let i = 1; ; i++) {
    const entry = table.claim(i, 0, `destination ${i}`);
    if (entry === undefined) return claimed;
    claimed.push(entry);
  }
}

test('R8.4 each thread sees what the others counted, under the names of their destinations', () => {
  const worker = new ThreadTable();
  const main = new ThreadTable(worker.memory);
  worker.claim(3, 0, 'otlp')?.counters.set([1, 2, 3]);
  worker.claim(3, 0, 'Grüße an alle')?.counters.set([4]);
  assert.deepEqual(
    main.entries().map(({ thread, parent, name, counters }) => [thread, parent, name, [...counters.subarray(0, 3)]]),
    [
      [3, 0, 'otlp', [1, 2, 3]],
      [3, 0, 'Grüße an alle', [4, 0, 0]],
    ],
  );
});

test('R8.4 entries don’t reach into one another', () => {
  const table = new ThreadTable();
  const claimed = fill(table);
  assert.equal(claimed.length, 256);
  for (const [i, entry] of claimed.entries()) entry.counters.fill(i + 0.5);
  for (const [i, entry] of table.entries().entries()) {
    assert.equal(entry.name, `destination ${i + 1}`);
    assert.equal(entry.thread, i + 1);
    assert.ok(entry.counters.every((count) => count === i + 0.5));
  }
});

test('R8.4 an entry that was freed is used again, from zero', () => {
  const table = new ThreadTable();
  const [, second] = fill(table);
  assert.ok(second !== undefined);
  second.counters.fill(7);
  second.told = 5;
  second.heard = second.answer = 1;
  second.free(() => undefined);
  assert.equal(table.entries().length, 255);

  const again = table.claim(1_000, 4, 'otlp');
  assert.ok(again !== undefined);
  assert.deepEqual([again.thread, again.parent, again.name], [1_000, 4, 'otlp']);
  assert.deepEqual(
    [again.told, again.heard, again.answer, ...again.counters],
    new Array(3 + again.counters.length).fill(0),
  );
  assert.equal(table.claim(1_001, 0, 'otlp'), undefined);
});

test('R8.4 of two that free an entry one reads it', () => {
  const table = new ThreadTable();
  table.claim(3, 0, 'otlp');
  const [mine] = table.entries();
  const [other] = new ThreadTable(table.memory).entries();
  let reads = 0;
  mine?.free(() => {
    reads++;
    other?.free(() => reads++);
  });
  other?.free(() => reads++);
  assert.equal(reads, 1);
});

test('R8.4 that there is no room is news once in the process', () => {
  const table = new ThreadTable();
  assert.equal(table.isFirstWithoutRoom(), true);
  assert.equal(new ThreadTable(table.memory).isFirstWithoutRoom(), false);
});

test('R8.4 a name that is too long is cut between characters', () => {
  const table = new ThreadTable();
  assert.equal(table.claim(3, 0, `${'x'.repeat(47)}ü`)?.name, 'x'.repeat(47));
  assert.equal(table.claim(3, 0, `${'x'.repeat(46)}ü`)?.name, `${'x'.repeat(46)}ü`);
});

test('R8.4 a thread that waits for a request hears of it, and of one that came before it waited', async () => {
  const table = new ThreadTable();
  const other = new ThreadTable(table.memory);
  const before = table.asked;
  const heard = table.askedAfter(before);
  assert.equal(other.ask(), before + 1);
  await heard;
  await table.askedAfter(before);
  assert.equal(table.asked, before + 1);
});
