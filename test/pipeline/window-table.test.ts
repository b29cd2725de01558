import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowTable } from '../../src/pipeline/window-table.ts';

/** Deterministic, so that a failure comes again. */
function* randomWords(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    yield state ^ (state >>> 15);
  }
}

for (const spread of [0x7, 0x3f, -1]) {
  test(`R5.4 windows are found by their hash while they stand, in order; hashes fall on ${spread} places`, () => {
    const words = randomWords(7);
    const next = (): number => words.next().value as number;
    const table = new WindowTable<string>();
    let model: { low: number; high: number; endMs: number; kept: string | undefined }[] = [];
    for (let step = 0; step < 20_000; step++) {
      const low = next() & spread;
      const high = next() & 0xff;
      const known = model.find((window) => window.low === low && window.high === high);
      const place = table.find(low, high);
      assert.equal(place !== -1, known !== undefined);
      if (known === undefined) {
        table.open(low, high, step);
        model.push({ low, high, endMs: step, kept: undefined });
      } else {
        assert.equal(table.keptAt(place), known.kept);
        known.kept = `kept ${step}`;
        table.keep(place, known.kept);
      }
      const limit = 20 + ((step >> 5) % 300);
      while (table.size > limit) {
        assert.deepEqual([table.firstEndMs, table.keptAt(table.first)], [model[0]?.endMs, model[0]?.kept]);
        table.keep(table.first, undefined);
        table.removeFirst();
        model = model.slice(1);
      }
      assert.equal(table.size, model.length);
    }
    assert.deepEqual(
      [...table.places()].map((place) => table.keptAt(place)),
      model.map(({ kept }) => kept),
    );
  });
}
