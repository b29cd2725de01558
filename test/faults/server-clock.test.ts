import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAllDelivered } from '../process/app.ts';
import { pointedTo, runFaultApp, startFaultApp, upTo } from './fault-app.ts';
import { startFaultyServer, status } from './faulty-server.ts';
import { timedHttpLane } from './timed-http-lane.ts';

// Far from Greenwich: one form of an HTTP date names no zone.
process.env.TZ = 'Asia/Tokyo';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const httpDate = (ms: number): string => new Date(ms).toUTCString();

/** The first wait of our own, with the least and the most jitter; each later one is half as long again. */
const OWN: readonly [number, number] = [500, 1_000];
const FIVE_MINUTES: readonly [number, number] = [5 * MINUTE_MS, 5.5 * MINUTE_MS];

const asked: Readonly<Record<string, [header: string, waitMs: readonly [number, number]]>> = {
  '0': ['0', OWN],
  'a negative number': ['-60', OWN],
  garbage: ['soon, perhaps', OWN],
  'a number of another kind': ['1e9', OWN],
  'a fraction': ['0.001', OWN],
  'two numbers': ['1, 60', OWN],
  'not a number': ['NaN', OWN],
  nothing: ['', OWN],
  'a past date': [httpDate(NOW - DAY_MS), OWN],
  'the date of now': [httpDate(NOW), OWN],
  'the date of the end of time': ['Fri, 31 Dec 9999 23:59:59 GMT', FIVE_MINUTES],
  'no date': ['Xyz, 99 Foo 2026 99:99:99 GMT', OWN],
  '1': ['1', [1_000, 1_100]],
  '60': ['60', [MINUTE_MS, 1.1 * MINUTE_MS]],
  'a date in 60 s': [httpDate(NOW + MINUTE_MS), [MINUTE_MS, 1.1 * MINUTE_MS]],
  'a date in 60 s in its second form': ['Saturday, 21-Nov-26 12:01:00 GMT', [MINUTE_MS, 1.1 * MINUTE_MS]],
  'a date in 60 s in its third form': ['Sat Nov 21 12:01:00 2026', [MINUTE_MS, 1.1 * MINUTE_MS]],
  '1e9 seconds': ['1000000000', FIVE_MINUTES],
  'four hundred nines': ['9'.repeat(400), FIVE_MINUTES],
  'a date in 30 years': [httpDate(NOW + 30 * 365 * DAY_MS), FIVE_MINUTES],
};

describe('fault 24: Retry-After', { concurrency: 2 }, () => {
  for (const [name, [header, [leastMs, mostMs]]] of Object.entries(asked)) {
    test(`R8.2 fault 24 Retry-After with ${name}: never a tight loop, capped at 5 min, the data kept`, async (t) => {
      for (const [random, waitMs] of [
        [0, leastMs],
        [1, mostMs],
      ] as const) {
        // Half of the world's clocks stand elsewhere: the date counts from the server's.
        const answer = status(random === 0 ? 429 : 503, { 'retry-after': header, date: httpDate(NOW) });
        const timed = await timedHttpLane(t, [answer, answer, answer], { random: () => random });
        const { server, lane, timers } = timed;
        lane.emitMany(10);
        await timed.attempt();
        const isOwn = leastMs === OWN[0];
        for (let failures = 1; failures <= 3; failures++) {
          const expectedMs = isOwn ? waitMs * 1.5 ** (failures - 1) : waitMs;
          const waitedMs = await timed.attempt();
          // The clock goes in steps of 50 ms.
          assert.ok(waitedMs >= expectedMs && waitedMs < expectedMs + 51, `${waitedMs} ms in place of ${expectedMs}`);
        }
        assert.deepEqual(server.requests.map(({ numbers }) => numbers.length), [10, 10, 10, 10]); // prettier-ignore
        await timers.pass(10 * MINUTE_MS);
        assert.equal(server.requests.length, 4);
        const { delivered, dropped } = lane.balance();
        assert.deepEqual({ delivered, dropped }, { delivered: 10, dropped: {} });
      }
    });
  }

  test('R8.2 fault 24 an application that flushes all the time makes no tight loop of Retry-After: 0 either', async (t) => {
    const server = await startFaultyServer(t);
    server.otherwise(status(429, { 'retry-after': '0' }));
    const app = startFaultApp('impatient', [], { env: pointedTo(server.endpoint) });
    await app.said('enough');
    const times = server.requests.map(({ atMs }) => atMs);
    server.otherwise(status(200));
    const end = await app.ended;
    assert.match(end.stdout, /success/);
    t.diagnostic(`${times.length} attempts in 2 s of flushing`);
    assert.ok(times.length <= 10, `${times.length} attempts in 2 s`);
    for (let i = 1; i < times.length; i++) assert.ok((times[i] ?? 0) - (times[i - 1] ?? 0) > 200, times.join());
    assertAllDelivered(end, 10);
  });
});

describe('fault 31: clocks that jump', () => {
  for (const [name, jumpMs] of [
    ['a day ahead', DAY_MS],
    ['a day behind', -DAY_MS],
  ] as const) {
    test(`R8.2 fault 31 with the wall clock ${name} of the server's, a Retry-After date means what the server meant`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: NOW + jumpMs });
      const answer = status(503, { 'retry-after': httpDate(NOW + MINUTE_MS), date: httpDate(NOW) });
      const timed = await timedHttpLane(t, [answer], { random: () => 0 });
      timed.lane.emitMany(10);
      await timed.attempt();
      const waitedMs = await timed.attempt();
      assert.ok(Math.abs(waitedMs - MINUTE_MS) < 100, `${waitedMs} ms`);
      assert.equal(timed.lane.balance().delivered, 10);
    });

    test(`R8.2 fault 31 with the wall clock ${name} and a server that doesn't tell its time: no storm, no wait past 5 min`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: NOW + jumpMs });
      const answer = status(503, { 'retry-after': httpDate(NOW + MINUTE_MS), date: '' });
      const timed = await timedHttpLane(t, [answer, answer], { random: () => 0 });
      timed.lane.emitMany(10);
      await timed.attempt();
      const waitsMs = [await timed.attempt(), await timed.attempt()];
      for (const waitedMs of waitsMs) assert.ok(waitedMs >= 500 && waitedMs <= 5 * MINUTE_MS + 51, waitsMs.join());
      assert.equal(timed.lane.balance().delivered, 10);
    });

    test(`R8.2 fault 31 a wall clock that jumps ${name} in the middle of a wait changes nothing about it`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: NOW });
      const timed = await timedHttpLane(t, [status(503), status(503), status(503)], { random: () => 1 });
      timed.lane.emitMany(10);
      await timed.attempt();
      const waitsMs: number[] = [];
      for (let i = 0; i < 3; i++) {
        t.mock.timers.setTime(NOW + (i % 2 === 0 ? jumpMs : -jumpMs));
        waitsMs.push(await timed.attempt());
      }
      assert.deepEqual(waitsMs.map((ms) => Math.floor(ms / 50) * 50), [1_000, 1_500, 2_250]); // prettier-ignore
      assert.equal(timed.lane.balance().delivered, 10);
    });
  }

  test('R8.5 fault 31 a process whose wall clock jumps by days: no stall, no storm, every record once and in order', async (t) => {
    const server = await startFaultyServer(t, { answers: [status(200), status(503), status(200), status(503)] });
    const end = await runFaultApp('jumping-clock', [], { env: pointedTo(server.endpoint) });
    assert.equal(end.stdout, 'success\n'.repeat(7));
    // One request for each batch, and one more for each that was refused.
    assert.equal(server.requests.length, 7 + 2);
    const firsts = server.requests.map(({ numbers }) => numbers[0] ?? NaN);
    assert.deepEqual([...new Set(server.requests.flatMap(({ numbers }) => numbers))], upTo(70));
    assert.deepEqual(firsts, [0, 10, 10, 20, 20, 30, 40, 50, 60]);
    assertAllDelivered(end, 70);
  });
});
