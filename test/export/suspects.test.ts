import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { delivered, retry } from './lane.ts';
import { timedLane } from './timed-lane.ts';
import type { TimedLane } from './timed-lane.ts';

/** A lane whose other side breaks the connection whenever a request holds one of these records. */
function laneWithPoison(poison: readonly string[], reason = 'reset'): TimedLane {
  const made = timedLane({ batchRecords: 8, maxBytes: 1e6 });
  const send = made.transport.send.bind(made.transport);
  made.transport.send = async (batch, signal) => {
    await send(batch, signal);
    const names = made.transport.attempts.at(-1)?.names ?? [];
    return poison.some((name) => names.includes(name)) ? retry(reason) : delivered;
  };
  return made;
}

describe('a record that breaks whatever carries it', () => {
  for (const reason of ['reset', 'response_broken', 'timeout', 'http_502']) {
    test(`R8.5 is found by ${reason} and dropped alone; all others are delivered`, async () => {
      const { timers, lane } = laneWithPoison(['e5'], reason);
      lane.emitMany(40);
      await timers.pass(10 * 60_000);
      const { delivered: count, dropped, pending } = lane.balance();
      assert.deepEqual({ count, dropped, pending }, { count: 39, dropped: { undeliverable: 1 }, pending: 0 });
      assert.match(lane.said.join('\n'), /records are dropped \(undeliverable\)/);
    });
  }

  test('R8.5 does not hold up what comes behind it', async () => {
    const { timers, transport, lane } = laneWithPoison(['e5']);
    lane.emitMany(16);
    await timers.pass(15_000);
    assert.ok(transport.attempts.some(({ names }) => names[0] === 'e8'));
    assert.equal(lane.balance().delivered, 8);
  });

  test('R8.5 waits for others to get through: alone in its queue it is kept', async () => {
    const { timers, lane } = laneWithPoison(['e5']);
    lane.emitMany(8);
    await timers.pass(3_600_000);
    assert.deepEqual([lane.balance().pending, lane.balance().dropped], [8, {}]);
    lane.emit('later');
    await timers.pass(10 * 60_000);
    assert.deepEqual([lane.balance().delivered, lane.balance().dropped], [8, { undeliverable: 1 }]);
  });

  test('R8.5 is not looked for where no connection is made', async () => {
    const { timers, lane } = laneWithPoison(['e5'], 'connection');
    lane.emitMany(16);
    await timers.pass(3_600_000);
    assert.deepEqual(lane.balance().dropped, {});
  });
});

test('R8.2 while every request is reset nothing is dropped, for a day, and all is delivered afterwards', async () => {
  const { timers, transport, lane } = timedLane({ batchRecords: 8, maxBytes: 1e6 });
  transport.otherwise(retry('reset'));
  lane.emitMany(80);
  await timers.pass(24 * 3_600_000);
  assert.deepEqual([lane.balance().pending, lane.balance().dropped], [80, {}]);
  transport.otherwise(delivered);
  await timers.pass(60_000);
  assert.equal(lane.balance().delivered, 80);
});

test('R8.2 a flush of the batch that was put last waits for it', async () => {
  const { timers, lane } = laneWithPoison(['e5']);
  lane.emitMany(24);
  let isFlushed = false;
  void lane.shipper.flush(3_600_000).then(() => (isFlushed = true));
  await timers.pass(5_000);
  assert.equal(isFlushed, false);
  await timers.pass(20 * 60_000);
  assert.equal(isFlushed, true);
  assert.equal(lane.balance().pending, 0);
});

test('R8.2 a flush waits as long as the other side asked for; the end does not', async () => {
  const { timers, transport, lane } = timedLane();
  transport.script(retry('http_429', 60_000), retry('http_429', 60_000));
  lane.emitMany(10);
  await timers.pass(1_100);
  assert.equal(transport.attempts.length, 1);
  void lane.shipper.flush(10_000);
  await timers.pass(10_000);
  assert.equal(transport.attempts.length, 1);
  void lane.shipper.shutdown(10_000);
  await timers.pass(1_000);
  assert.equal(transport.attempts.length, 2);
  await timers.pass(10_000);
  assert.deepEqual(lane.balance().dropped, { shutdown: 10 });
});
