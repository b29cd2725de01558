import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { delivered, refused, retry, tooLarge } from './lane.ts';
import { timedLane } from './timed-lane.ts';

describe('when the shipper sends', () => {
  test('a full batch goes at once, but not in the tick of the caller', async () => {
    const { timers, transport, lane } = timedLane({ batchRecords: 3 });
    lane.emitMany(3);
    assert.equal(transport.attempts.length, 0);
    await timers.pass(0);
    assert.deepEqual(transport.attempts[0]?.names, ['e0', 'e1', 'e2']);
    assert.equal(lane.balance().delivered, 3);
  });

  test('the oldest record never waits longer than the delay', async () => {
    const { timers, transport, lane } = timedLane();
    const start = timers.now();
    lane.emit('first');
    await timers.pass(900);
    lane.emit('second');
    await timers.pass(100);
    assert.deepEqual(transport.attempts, [
      { ...transport.attempts[0], atMs: start + 1_000, names: ['first', 'second'] },
    ]);
    assert.equal(lane.balance().delivered, 2);
  });

  test('an idle destination leaves no timer behind', async () => {
    const { timers, lane } = timedLane();
    lane.emitMany(25);
    await timers.pass(2_000);
    assert.equal(timers.pending, 0);
    assert.equal(lane.balance().delivered, 25);
  });

  test('one request at a time, however much waits', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script('hold', 'hold');
    lane.emitMany(30);
    await timers.pass(5_000);
    assert.equal(transport.attempts.length, 1);
    transport.answer(delivered);
    await timers.pass(0);
    assert.equal(transport.attempts.length, 2);
    assert.deepEqual([lane.balance().delivered, lane.balance().pending], [10, 20]);
  });

  test('behind an outage records fill whole batches instead of piling up in small ones', async () => {
    const { timers, transport, lane } = timedLane({ batchRecords: 100 });
    transport.otherwise(retry());
    for (let i = 0; i < 60; i++) {
      lane.emit(`e${i}`);
      await timers.pass(1_000);
    }
    transport.otherwise(delivered);
    transport.attempts.length = 0;
    await timers.pass(60_000);
    assert.ok(transport.attempts.length <= 2, `${transport.attempts.length} requests for 60 records`);
    assert.equal(lane.balance().delivered, 60);
  });
});

describe('outcomes', () => {
  test('R8.2 what fails is tried again in order, with growing gaps, until it is delivered', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script(retry('http_503'), retry('http_503'), retry('http_503'), retry('http_503'));
    lane.emitMany(20);
    await timers.pass(60_000);
    assert.deepEqual(
      transport.attempts.map(({ names }) => names[0]),
      ['e0', 'e0', 'e0', 'e0', 'e0', 'e10'],
    );
    const gaps = transport.attempts.slice(1, 5).map(({ atMs }, i) => atMs - (transport.attempts[i]?.atMs ?? 0));
    assert.deepEqual(gaps, [750, 1_125, 1_687.5, 2_531.25]);
    assert.equal(lane.balance().delivered, 20);
  });

  test('R8.2 it never gives up while the queue has room; then the queue counts what it refuses', async () => {
    const { timers, transport, lane } = timedLane({ maxRecords: 50 });
    transport.otherwise(retry());
    lane.emitMany(80);
    await timers.pass(24 * 3_600_000);
    assert.ok(transport.attempts.length > 24 * 60);
    const down = lane.balance();
    assert.deepEqual([down.pending, down.dropped], [50, { queue_full: 30 }]);
    transport.otherwise(delivered);
    await timers.pass(60_000);
    assert.equal(lane.balance().delivered, 50);
  });

  test('R8.2 Retry-After is waited for, and the next failure counts on', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script(retry('http_429', 60_000), retry('http_429'));
    lane.emitMany(10);
    await timers.pass(120_000);
    const [first, second, third] = transport.attempts.map(({ atMs }) => atMs);
    assert.equal((second ?? 0) - (first ?? 0), 63_000);
    assert.equal((third ?? 0) - (second ?? 0), 1_125);
    assert.equal(lane.balance().delivered, 10);
  });

  test('R8.2 a batch that is too large is halved down to the one record, which is dropped', async () => {
    const { timers, transport, lane } = timedLane({ batchRecords: 8 });
    const send = transport.send.bind(transport);
    transport.send = async (batch, signal) => {
      await send(batch, signal);
      return transport.attempts.at(-1)?.names.includes('e5') === true ? tooLarge : delivered;
    };
    lane.emitMany(8);
    await timers.pass(10_000);
    assert.deepEqual(
      transport.attempts.map(({ names }) => names.join()),
      ['e0,e1,e2,e3,e4,e5,e6,e7', 'e0,e1,e2,e3', 'e4,e5,e6,e7', 'e4,e5', 'e4', 'e5', 'e6', 'e7'],
    );
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [7, { too_large: 1 }]);
    assert.equal(lane.said.length, 1);
  });

  test('R8.2 the size that was too large once is not tried again', async () => {
    const { timers, transport, lane } = timedLane({ batchRecords: 8 });
    const send = transport.send.bind(transport);
    transport.send = async (batch, signal) => {
      await send(batch, signal);
      return batch.count > 4 ? tooLarge : delivered;
    };
    lane.emitMany(80);
    await timers.pass(10_000);
    const tooMany = (): number => transport.attempts.filter(({ names }) => names.length > 4).length;
    assert.equal(tooMany(), 1);
    lane.emitMany(640);
    await timers.pass(10_000);
    assert.ok(tooMany() <= 4, 'now and then it is, or a larger limit would never be found');
    assert.ok(tooMany() > 1);
    assert.equal(lane.balance().delivered, 720);
  });

  test('R8.2 what is refused is sent once and counted by its reason', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script(refused('http_400'), refused('http_500'));
    lane.emitMany(30);
    await timers.pass(10_000);
    assert.equal(transport.attempts.length, 3);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [10, { http_400: 10, http_500: 10 }]);
  });

  test('R8.2 rejected records are counted, never sent again, and told once', async () => {
    const { timers, transport, lane } = timedLane();
    transport.otherwise({ kind: 'delivered', rejected: 3, message: 'too old' });
    lane.emitMany(30);
    await timers.pass(10_000);
    assert.equal(transport.attempts.length, 3);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.rejected], [21, 9]);
    assert.deepEqual(lane.said, ['spanlog: otlp: records were rejected: too old']);
  });

  test('R8.1 a side that claims to have rejected more than it got breaks no ledger', async () => {
    const { timers, transport, lane } = timedLane();
    transport.script({ kind: 'delivered', rejected: 1_000, message: '' });
    lane.emitMany(10);
    await timers.pass(0);
    assert.equal(lane.balance().rejected, 10);
  });

  test('R8.5 a transport that throws loses that batch by name and nothing else', async () => {
    const { timers, transport, lane } = timedLane();
    const send = transport.send.bind(transport);
    transport.send = (batch, signal) => {
      void send(batch, signal);
      return transport.attempts.length === 1 ? Promise.reject(new Error('bug')) : Promise.resolve(delivered);
    };
    lane.emitMany(20);
    await timers.pass(10_000);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.dropped], [10, { transport_failed: 10 }]);
  });
});

describe('what is said', () => {
  test('R8.5 an outage is one line, then silence, then one line with the count', async () => {
    const { timers, transport, lane } = timedLane();
    transport.otherwise(retry());
    lane.emitMany(100);
    await timers.pass(3_600_000);
    assert.deepEqual(lane.said, [
      'spanlog: otlp: http://collector: nobody there. Records wait in memory; this is said once.',
    ]);
    transport.otherwise(delivered);
    await timers.pass(60_000);
    assert.equal(lane.said.length, 2);
    assert.match(lane.said[1] ?? '', /^spanlog: otlp: delivering again \(came up \d+ more times\)$/);
    assert.equal(lane.balance().delivered, 100);
  });

  test('R8.5 a server that asks for patience now and then is not news', async () => {
    const { timers, transport, lane } = timedLane();
    for (let i = 0; i < 10; i++) transport.script(retry('http_429'), delivered);
    lane.emitMany(100);
    await timers.pass(60_000);
    assert.deepEqual(lane.said, []);
    assert.equal(lane.balance().delivered, 100);
  });
});
