import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMatrix } from './input-matrix.ts';

/** What stands under `value` in `outer`, by what is wrong with it. */
const FORMS = {
  'a getter that throws': { x: '[Throws: boom]' },
  'a getter that throws an unreadable error': { x: '[Throws]' },
  'a getter that throws at the second reading': { x: 1n },
  'a proxy of object whose get throws': '[Throws: boom]',
  'a revoked proxy of object': "[Throws: Cannot perform 'IsArray' on a proxy that has been revoked]",
  'a toJSON that throws': '[Throws: boom]',
  'a toString that throws': { toString: '[Function: boom]', valueOf: '[Function: boom]' },
  'a toString on the prototype that throws': '[Speaking]',
  'an array with an element that throws': [1n, '[Throws: boom]', 3n],
  'an error whose message throws': { type: 'TypeError', message: '[Throws: boom]', stack: '[Throws: boom]' },
  'an error whose stack throws': { type: 'TypeError', message: 'unreadable', stack: '[Throws: boom]' },
};

test('R2.4 fault 33 throwing getters, revoked proxies, throwing toJSON and toString, unreadable errors: the siblings survive', async (t) => {
  const matrix = await runMatrix(t, 'objects');
  for (const [kind, form] of Object.entries(FORMS)) {
    const { outer } = matrix.at(kind, 'a field in a field').record.attributes;
    assert.deepEqual(outer, { before: 1n, value: form, after: 2n }, kind);
  }
  for (const { record } of matrix.allAt('an element')) {
    const list = record.attributes.list as unknown[];
    assert.deepEqual([list.length, list[0], list[2]], [3, 1n, 2n]);
  }

  // An error that can be read in part is still an exception.
  const shown = (kind: string): unknown[] => {
    const { attributes, severityNumber } = matrix.at(kind, 'the error').record;
    return [severityNumber, attributes['exception.type'], attributes['exception.message']];
  };
  assert.deepEqual(shown('an error whose message throws'), [17, 'TypeError', '[Throws]']);
  assert.deepEqual(shown('an error whose stack throws'), [17, 'TypeError', 'unreadable']);
  assert.deepEqual(shown('an error of which all throws'), [17, '[Throws]', '[Throws]']);
  assert.deepEqual(shown('an error whose cause is a revoked proxy'), [17, 'Error', 'outer']);
});
