import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/core/transport.ts';
import { delivered, refused, retry, tooLarge } from './lane.ts';
import { timedLane, watch } from './timed-lane.ts';

describe('flush', () => {
  test('resolves once everything queued before it is settled, not later', async () => {
    const { timers, transport, lane } = timedLane({ batchRecords: 100 });
    transport.script('hold', 'hold');
    lane.emit('before');
    const flush = watch(lane.shipper.flush(10_000));
    await timers.pass(0);
    lane.emit('after');
    assert.equal(flush.settled, false);
    transport.answer(delivered);
    await timers.pass(0);
    assert.equal(flush.settled, true);
    assert.deepEqual([lane.balance().delivered, lane.balance().pending], [1, 1]);
  });

  test('resolves at once when there is nothing to do', async () => {
    const { timers, lane } = timedLane();
    await lane.shipper.flush(10_000);
    assert.equal(timers.pending, 0);
    assert.equal(lane.balance().emitted, 0);
  });

  test('R8.4 keeps the process alive while it waits, and no longer', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script('hold');
    lane.emit('one');
    const flush = watch(lane.shipper.flush(10_000));
    await timers.pass(0);
    assert.equal(timers.keepingAlive, 1);
    transport.answer(delivered);
    await timers.pass(0);
    assert.equal(flush.settled, true);
    assert.equal(timers.keepingAlive, 0);
    lane.balance();
  });

  test('R8.4 gives up at its deadline and leaves the records where they are', async () => {
    const { timers, transport, lane } = timedLane();
    transport.otherwise(retry());
    lane.emitMany(15);
    const flush = watch(lane.shipper.flush(2_000));
    await timers.pass(1_999);
    assert.equal(flush.settled, false);
    await timers.pass(1);
    assert.equal(flush.settled, true);
    assert.equal(lane.balance().pending, 15);
  });

  test('R8.4 does not wait out a backoff, but many flushes make no storm', async () => {
    const { timers, transport, lane } = timedLane();
    transport.otherwise(retry('http_503'));
    lane.emitMany(10);
    await timers.pass(60_000);
    const before = transport.attempts.length;
    await timers.pass(300);
    assert.equal(transport.attempts.length, before);
    void lane.shipper.flush(100);
    await timers.pass(0);
    assert.equal(transport.attempts.length, before + 1);
    for (let i = 0; i < 1_000; i++) {
      void lane.shipper.flush(100);
      await timers.pass(1);
    }
    const inOneSecond = transport.attempts.length - before - 1;
    assert.ok(inOneSecond <= 4, `${inOneSecond} attempts in a second`);
    assert.equal(lane.balance().pending, 10);
  });

  test('R8.4 two at once: neither resolves before its records are settled', async () => {
    const { timers, transport, lane } = timedLane({ batchRecords: 100 });
    transport.script('hold', 'hold');
    lane.emit('one');
    const first = watch(lane.shipper.flush(10_000));
    await timers.pass(0);
    lane.emit('two');
    const second = watch(lane.shipper.flush(10_000));
    await timers.pass(0);
    transport.answer(delivered);
    await timers.pass(0);
    assert.deepEqual([first.settled, second.settled], [true, false]);
    transport.answer(delivered);
    await timers.pass(0);
    assert.equal(second.settled, true);
    assert.equal(lane.balance().delivered, 2);
  });
});

describe('shutdown', () => {
  test('R8.4 delivers what is queued, refuses what comes later, runs once', async () => {
    const { timers, transport, lane } = timedLane();
    lane.emitMany(15);
    const first = lane.shipper.shutdown(10_000);
    assert.equal(lane.shipper.shutdown(1), first);
    lane.emit('late');
    await timers.pass(0);
    await first;
    assert.equal(transport.closed, 1);
    assert.equal(timers.pending, 0);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [15, { after_shutdown: 1 }]);
  });

  test('R8.4 with nobody there it ends at its deadline and counts what is left', async () => {
    const { timers, transport, lane } = timedLane();
    transport.otherwise(retry());
    lane.emitMany(15);
    const shutdown = watch(lane.shipper.shutdown(2_000));
    await timers.pass(2_000);
    assert.equal(shutdown.settled, true);
    const counts = lane.balance();
    assert.deepEqual([counts.pending, counts.dropped], [0, { shutdown: 15 }]);
    assert.equal(timers.pending, 0);
  });

  test('R8.1 an answer that comes after it is not counted a second time', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script('hold');
    lane.emitMany(10);
    const shutdown = watch(lane.shipper.shutdown(100));
    await timers.pass(100);
    assert.equal(shutdown.settled, true);
    assert.equal(transport.attempts[0]?.signal.aborted, true);
    transport.answer(delivered);
    await timers.pass(1_000);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [0, { shutdown: 10 }]);
  });

  test('R8.4 settles a flush that waits longer than it does', async () => {
    const { timers, transport, lane } = timedLane();
    transport.otherwise(retry());
    lane.emitMany(10);
    const flush = watch(lane.shipper.flush(60_000));
    const shutdown = watch(lane.shipper.shutdown(1_000));
    await timers.pass(1_000);
    assert.deepEqual([flush.settled, shutdown.settled], [true, true]);
    lane.balance();
  });
});

describe('flushSync', () => {
  test('R8.4 takes everything, the batch on its way first, and counts it once', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script('hold');
    lane.emitMany(25);
    await timers.pass(0);
    lane.shipper.flushSync(1_000);
    assert.deepEqual(
      transport.syncAttempts.map((names) => names[0]),
      ['e0', 'e10', 'e20'],
    );
    assert.equal(lane.balance().delivered, 25);
    transport.answer(delivered);
    await timers.pass(10_000);
    assert.equal(lane.balance().delivered, 25);
    assert.equal(timers.pending, 0);
  });

  test('R8.4 drops what is left, halves what is too large, counts what is refused', () => {
    const { transport, lane } = timedLane();
    transport.sync((batch) => (batch.count > 2 ? tooLarge : batch.count === 2 ? delivered : retry()));
    lane.emitMany(10);
    lane.shipper.flushSync(1_000);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [8, { exit: 2 }]);
  });

  test('R8.4 without time left it sends nothing and counts everything', () => {
    const { transport, lane } = timedLane();
    lane.emitMany(10);
    lane.shipper.flushSync(0);
    assert.equal(transport.syncAttempts.length, 0);
    assert.deepEqual(lane.balance().dropped, { exit: 10 });
  });

  test('R8.4 can be called again for what is logged after it, and delivery goes on as before', async () => {
    const { timers, transport, lane } = timedLane();
    lane.emit('one');
    lane.shipper.flushSync(1_000);
    lane.emit('two');
    lane.shipper.flushSync(1_000);
    assert.deepEqual(transport.syncAttempts, [['one'], ['two']]);
    lane.emit('three');
    await timers.pass(1_000);
    assert.equal(transport.attempts.length, 1);
    assert.equal(lane.balance().delivered, 3);
  });

  test('R8.4 serves the flushes that wait', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script('hold');
    lane.emitMany(10);
    const flush = watch(lane.shipper.flush(60_000));
    await timers.pass(0);
    lane.shipper.flushSync(1_000);
    await timers.pass(0);
    assert.equal(flush.settled, true);
    lane.balance();
  });
});

test('R8.1 the ledger balances at every moment, whatever happens in whatever order', async () => {
  const anyOutcome: fc.Arbitrary<Outcome | 'hold'> = fc.oneof(
    fc.constant<Outcome>(delivered),
    fc.constant<'hold'>('hold'),
    fc.constant(retry()),
    fc.constant(retry('http_503', 5_000)),
    fc.constant(tooLarge),
    fc.constant(refused('http_400')),
    fc.nat(20).map((rejected): Outcome => ({ kind: 'delivered', rejected, message: 'no' })),
  );
  const anyStep = fc.oneof(
    { weight: 4, arbitrary: fc.nat(30).map((count) => ({ do: 'emit' as const, count })) },
    { weight: 3, arbitrary: fc.nat(5_000).map((ms) => ({ do: 'pass' as const, ms })) },
    {
      weight: 2,
      arbitrary: fc.array(anyOutcome, { maxLength: 6 }).map((outcomes) => ({ do: 'script' as const, outcomes })),
    },
    { weight: 2, arbitrary: anyOutcome.map((outcome) => ({ do: 'answer' as const, outcome })) },
    { weight: 1, arbitrary: fc.nat(3_000).map((ms) => ({ do: 'flush' as const, ms })) },
    { weight: 1, arbitrary: fc.nat(3_000).map((ms) => ({ do: 'flushSync' as const, ms })) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), anyOutcome, async (steps, syncOutcome) => {
      const { timers, transport, lane } = timedLane({ maxRecords: 100 });
      transport.sync(() => (syncOutcome === 'hold' ? retry() : syncOutcome));
      for (const step of steps) {
        if (step.do === 'emit') lane.emitMany(step.count);
        else if (step.do === 'pass') await timers.pass(step.ms);
        else if (step.do === 'script') transport.script(...step.outcomes);
        else if (step.do === 'answer') transport.answer(step.outcome === 'hold' ? delivered : step.outcome);
        else if (step.do === 'flush') void lane.shipper.flush(step.ms);
        else lane.shipper.flushSync(step.ms);
        lane.balance();
      }
      const shutdown = watch(lane.shipper.shutdown(1_000));
      await timers.pass(1_000);
      assert.equal(shutdown.settled, true);
      transport.answer(delivered);
      await timers.pass(10_000);
      assert.equal(lane.balance().pending, 0);
      assert.deepEqual([lane.queue.records, lane.queue.bytes, timers.pending], [0, 0, 0]);
    }),
    { numRuns: 300 },
  );
});
