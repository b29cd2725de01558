import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { median, summarise } from '../../bench/statistics.ts';

describe('figures of the bench', () => {
  test('the median of an even number of values is the mean of the two in the middle', () => {
    assert.equal(median([9, 1, 4, 2]), 3);
    assert.equal(median([5, 1, 9]), 5);
  });

  test('a ratio is taken within a round, so a machine that slows down does not move it', () => {
    const figure = summarise([50, 100, 200], [100, 200, 400]);
    assert.deepEqual(figure, { value: 100, ratio: 0.5, leastRatio: 0.5, greatestRatio: 0.5 });
  });

  test('without a baseline there is a value and no ratio', () => {
    assert.equal(summarise([3], undefined).ratio, undefined);
  });
});
