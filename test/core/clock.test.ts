import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Clock, nanosText } from '../../src/core/clock.ts';

const nanosOf = (instant: { seconds: number; nanos: number }): bigint =>
  BigInt(instant.seconds) * 1_000_000_000n + BigInt(instant.nanos);

test('R2.6 time increases strictly by nanoseconds whatever the wall clock does', () => {
  const day = 86_400_000;
  const steps = fc.array(
    fc.record({ wall: fc.integer({ min: -day, max: day }), monotonic: fc.double({ min: 0, max: 50, noNaN: true }) }),
    { minLength: 1, maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, (jumps) => {
      let wallMs = 1_800_000_000_000;
      let monotonicMs = 5;
      const clock = new Clock({ wallMs: () => wallMs, monotonicMs: () => monotonicMs });
      const instant = { seconds: 0, nanos: 0 };
      let last = 0n;
      for (const jump of jumps) {
        wallMs = Math.max(1, wallMs + jump.wall);
        monotonicMs += jump.monotonic;
        clock.stamp(instant);
        assert.ok(Number.isInteger(instant.seconds) && Number.isInteger(instant.nanos));
        assert.ok(instant.nanos >= 0 && instant.nanos < 1e9);
        const now = nanosOf(instant);
        assert.ok(now > last, `${now} must be later than ${last}`);
        last = now;
      }
    }),
  );
});

test('R2.6 a wall clock that steps forward is followed, one that steps back is not', () => {
  let wallMs = 1_000_000;
  let monotonicMs = 0;
  const clock = new Clock({ wallMs: () => wallMs, monotonicMs: () => monotonicMs });
  const instant = { seconds: 0, nanos: 0 };
  clock.stamp(instant);
  assert.equal(nanosText(instant), '1000000000000');
  wallMs += 3_600_000;
  monotonicMs += 10;
  clock.stamp(instant);
  assert.equal(instant.seconds, 4_600);
  wallMs -= 3_600_000;
  monotonicMs += 10;
  clock.stamp(instant);
  assert.equal(nanosText(instant), '4600000000001');
  wallMs += 3_601_000;
  monotonicMs += 10;
  clock.stamp(instant);
  assert.equal(instant.seconds, 4_601);
});

test('R2.6 a burst inside one tick of the clock stays in order, also across a second', () => {
  const clock = new Clock({ wallMs: () => 1_999.9999999, monotonicMs: () => 0 });
  const seen: bigint[] = [];
  for (let i = 0; i < 2_000; i++) {
    const instant = { seconds: 0, nanos: 0 };
    clock.stamp(instant);
    seen.push(nanosOf(instant));
  }
  for (let i = 1; i < seen.length; i++) assert.equal((seen[i] as bigint) - (seen[i - 1] as bigint), 1n);
});
