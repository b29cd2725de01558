import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, DEFAULT_RETRY, requestedWaitMs } from '../../src/export/retry.ts';

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('waiting between attempts', () => {
  test('R8.2 a wait is never shorter than half the first one and never longer than the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), anyRandom, (failures, random) => {
        const wait = backoffMs(failures, random);
        assert.ok(wait >= DEFAULT_RETRY.initialMs / 2, `${wait} ms`);
        assert.ok(wait <= DEFAULT_RETRY.maxMs, `${wait} ms`);
      }),
    );
  });

  test('R8.2 gaps grow with each failure until they reach the cap', () => {
    const waits = Array.from({ length: 12 }, (_, i) => backoffMs(i + 1, 0.5));
    for (let i = 1; i < waits.length; i++) assert.ok((waits[i] ?? 0) >= (waits[i - 1] ?? 0), String(waits));
    assert.equal(waits[0], 750);
    assert.equal(waits.at(-1), 22_500);
  });

  test('R8.2 two processes that failed together come back at different times', () => {
    assert.notEqual(backoffMs(3, 0.1), backoffMs(3, 0.9));
    assert.notEqual(requestedWaitMs(5_000, 0.1), requestedWaitMs(5_000, 0.9));
  });

  test('R8.2 what the server asks for is never cut short', () => {
    fc.assert(fc.property(anyRandom, (random) => requestedWaitMs(7_000, random) >= 7_000));
  });
});
