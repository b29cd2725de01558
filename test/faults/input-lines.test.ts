import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMatrix } from './input-matrix.ts';
import { CONTROLS } from './input-odd-values.ts';

// That nothing raw is left and that each record is one line, or one block of indented lines, holds for all cases of all
// tables: see `input-run.ts`. Here: that the forged ones were none, and that what was escaped is not lost.
test('R4.6 fault 39 CR, LF, U+2028, U+0085, ESC, C1, bidi in message, key, error message and stack: one line stays one line', async (t) => {
  const matrix = await runMatrix(t, 'controls');
  const kind = 'controls and signs that reorder';
  for (const place of ['the event', 'the body of a bridge'] as const) {
    const { record, line } = matrix.at(kind, place);
    assert.deepEqual([record.body, line.message], [CONTROLS, CONTROLS], place);
  }
  const { record, line } = matrix.at(kind, 'the message of the error');
  for (const message of [record.attributes['exception.message'], line['exception.message']]) {
    assert.equal(message, CONTROLS);
  }
  assert.ok(String(line['exception.stacktrace']).startsWith(`Error: ${CONTROLS}\n    at `));
  assert.deepEqual(matrix.at(kind, 'a Map key').line.map, { [CONTROLS]: 1, after: 2 });

  for (const place of ['a field', 'the event', 'the error', 'the fields', 'the stack of the error'] as const) {
    // Its line break is data, so it stands there as two signs.
    assert.match(matrix.at('a forged line', place).shown, /x\\n2026-01-01T00:00:00\.000Z \| ERROR \| forged/, place);
  }
  for (const { shown } of matrix.allAt('the error')) {
    const below = shown.split('\n').slice(1);
    assert.deepEqual(
      below.filter((one) => !/^ {2,}\S/.test(one)),
      [],
    );
  }
});
