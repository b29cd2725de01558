import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_READ_LIMITS } from '../../src/core/read-limits.ts';
import type { Arrived } from '../bridges/run-bridge.ts';
import { runMatrix } from './input-matrix.ts';
import type { ReadsReport } from './input-reads.ts';
import { runInput } from './input-run.ts';

test('R2.4 fault 34 cycles are named, what appears twice is shown twice, a graph of 2^30 paths is finite', async (t) => {
  const matrix = await runMatrix(t, 'graphs');
  const value = (kind: string): Arrived | undefined => matrix.at(kind, 'a field').record.attributes.value;
  assert.deepEqual(value('a cycle'), {
    name: 'first',
    self: '[Circular]',
    second: { back: '[Circular]' },
    list: ['[Circular]'],
    map: { back: '[Circular]', '[object]': 'as a key' },
    set: ['[Circular]'],
  });
  assert.deepEqual(value('an array in itself'), [1n, '[Circular]']);
  const shared = { id: 1n };
  assert.deepEqual(value('an object that appears twice'), { a: shared, b: shared, c: [shared, shared] });
  const { cause } = value('errors that cause one another') as { cause: { message: string; cause: unknown } };
  assert.deepEqual([cause.message, cause.cause], ['two', '[Circular]']);
  // Each node is counted once, at most as many are read as a record may have; marks of what was cut come on top.
  assert.ok(nodesOf(value('a graph of 2^30 paths')) <= 2 * DEFAULT_READ_LIMITS.nodes);
  assert.ok(nodesOf(value('a graph of 2^30 errors')) <= 2 * DEFAULT_READ_LIMITS.nodes);
});

test('R2.4 fault 35 depth 10,000, 100,000 keys, a million elements, the longest sparse array: cut where the limits say', async (t) => {
  const matrix = await runMatrix(t, 'giants');
  const value = (kind: string): Arrived | undefined => matrix.at(kind, 'a field').record.attributes.value;
  const { depth, entries } = DEFAULT_READ_LIMITS;
  // One level less: the record's attributes are the first.
  for (const kind of ['objects', 'arrays', 'Maps']) {
    assert.equal(depthOf(value(`${kind} 10,000 deep`)), depth + 1, kind);
  }
  for (const kind of ['an object', 'a Map']) {
    const keys = Object.entries(value(`${kind} of 100,000 keys`) as object);
    assert.deepEqual(
      [keys.length, keys.at(-2), keys.at(-1)],
      [entries + 1, ['key999', 999n], ['…', '99000 more']],
      kind,
    );
  }
  for (const kind of ['an array of a million', 'a Set of a million', 'typed numbers, a million']) {
    const list = value(kind) as Arrived[];
    assert.deepEqual([list.length, list.at(-2), list.at(-1)], [entries + 1, 999n, '… 999000 more'], kind);
  }
  for (const kind of ['the longest sparse array', 'a sparse array with an end']) {
    const list = value(kind) as Arrived[];
    assert.deepEqual([list.length, list[0], list.at(-1)], [entries + 1, null, `… ${2 ** 32 - 1 - entries} more`], kind);
  }
  assert.equal(value('a buffer of 64 MB'), '[Cut: 67108864 bytes]');
});

test('R2.4 fault 35 what is read of a giant is bounded by the limits, not by the giant', async (t) => {
  const { records, lines, shown, report } = await runInput<ReadsReport>(t, 'input-reads');
  const cases = Object.keys(report.counts).length;
  assert.deepEqual([records.length, lines.length, shown.length], [cases, cases, cases]);
  for (const [name, count] of Object.entries(report.counts)) {
    // An object is also asked for what it is: whether it is classified, for `toJSON`, for its length.
    assert.ok(count > 0 && count <= 4 * DEFAULT_READ_LIMITS.nodes, `${name} was read ${count} times`);
  }
  const few = ['fields of 100,000 keys', 'a child of 100,000 keys', 'a context of 100,000 keys'];
  for (const name of few) assert.ok((report.counts[name] ?? 0) <= DEFAULT_READ_LIMITS.entries, name);
});

function nodesOf(value: Arrived | undefined): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + nodesOf(inner), 1);
}

function depthOf(value: Arrived | undefined): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
