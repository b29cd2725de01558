import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Collector, DiskLane } from '../export/spool/disk-lane.ts';
import type { DiskLaneOptions } from '../export/spool/disk-lane.ts';
import { FakeTimers } from '../export/fake-timers.ts';
import type { SimulatedDisk } from '../export/spool/simulated-disk.ts';
import { tempDirectory } from '../export/spool/actors.ts';
import { ledgerOf } from '../process/app.ts';
import { pointedTo, startFaultApp } from './fault-app.ts';
import { startFaultyServer, status } from './faulty-server.ts';

const MAX_BYTES = 512 * 1024;
/** What each severity number may fill, as docs/delivery.md says. */
const SHARES: readonly (readonly [severity: number, share: number])[] = [
  [1, 0.8],
  [5, 0.8],
  [9, 0.9],
  [13, 0.95],
  [17, 1],
  [21, 1],
];
const PADDING = '.'.repeat(400);

function padded(severity: number, i: number): string {
  return `${severity}-${i}${PADDING}`;
}

/** Emits records of different names, none of which is part of another one. */
function emitNumbered(lane: DiskLane, count: number): string[] {
  const names = Array.from({ length: count }, (_, i) => `<${i}>${PADDING}`);
  for (const name of names) lane.emit(name);
  return names;
}

function droppedIn(dropped: Readonly<Record<string, number>>): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/** What the process before, which is not dead in a test, does not share. */
function elsewhere(): DiskLaneOptions {
  return { timers: new FakeTimers(), collector: new Collector() };
}

/** Everything works until nothing is left to send. */
async function settle(lane: DiskLane): Promise<void> {
  lane.collector.up();
  for (let i = 0; i < 50 && (i < 3 || lane.shipper.pending > 0 || lane.backlog.hasMore); i++) {
    await lane.timers.pass(40_000);
  }
}

/** Which of all names are in that file. */
function namesIn(disk: SimulatedDisk, path: string, names: readonly string[]): string[] {
  const content = disk.content(path).toString('latin1');
  return names.filter((name) => content.includes(name));
}

describe('R5.6 fault 18: the cap of the spool is reached', () => {
  test('R5.6 fault 18 drop-lowest: each level is refused exactly at its share of the bytes, ERROR and FATAL at the end', async () => {
    const queueBytes = 50_000;
    const lane = new DiskLane({ mode: 'sync', maxBytes: MAX_BYTES, queueBytes });
    lane.collector.down();
    const taken: string[] = [];
    const refused = new Map<number, number>();
    const expected = { spool_full: 0, queue_full: 0 };
    for (let round = 0; round < 500; round++) {
      for (const [severity, share] of SHARES) {
        const [onDisk, inMemory] = [lane.disk.bytes, lane.queue.bytes];
        assert.equal(lane.spool.bytes, onDisk);
        const hasRoom = onDisk < Math.floor(MAX_BYTES * share);
        // Behind the very end of the disk, what is left of memory.
        const isExpected = hasRoom && inMemory < Math.floor(queueBytes * share);
        const name = padded(severity, round);
        assert.equal(lane.emit(name, severity), isExpected, `${severity} at ${onDisk} and ${inMemory} bytes`);
        if (isExpected) taken.push(name);
        else {
          expected[hasRoom ? 'queue_full' : 'spool_full']++;
          refused.set(severity, (refused.get(severity) ?? 0) + 1);
        }
        assert.ok(lane.disk.bytes <= MAX_BYTES);
      }
      if (round % 20 === 0) await lane.timers.pass(100);
    }
    assert.ok(lane.disk.bytes > MAX_BYTES - 1_000);
    // All levels have met their end, the lower ones sooner.
    const [trace = 0, debug = 0, info = 0, warn = 0, error = 0, fatal = 0] = SHARES.map(
      ([severity]) => refused.get(severity) ?? 0,
    );
    const text = [trace, debug, info, warn, error, fatal].join();
    assert.ok(trace === debug && debug > info && info > warn && warn > error && Math.abs(error - fatal) <= 1, text);
    assert.ok(fatal > 0, text);

    const total = 500 * SHARES.length;
    const full = lane.balance();
    assert.deepEqual(full.dropped, expected);
    await settle(lane);
    assert.deepEqual([...lane.collector.received].sort(), [...taken].sort());
    const { emitted, delivered, pending, dropped } = lane.balance();
    assert.deepEqual([emitted, delivered, pending, dropped], [total, taken.length, 0, full.dropped]);
    // And there is room again, for the lowest too.
    assert.equal(lane.emit('again', 1), true);
  });

  test('R5.6 fault 18 drop-oldest: every new record is taken, whole segments go from the front, what went is counted', async () => {
    const lane = new DiskLane({ mode: 'sync', maxBytes: MAX_BYTES, queueBytes: 50_000, dropOldest: true });
    lane.collector.down();
    const names: string[] = [];
    for (let i = 0; i < 3_000; i++) {
      const name = padded((SHARES[i % SHARES.length] ?? [9])[0], i);
      names.push(name);
      assert.equal(lane.emit(name, (SHARES[i % SHARES.length] ?? [9])[0]), true);
      if (i % 10 === 9) await lane.timers.pass(100);
      assert.ok(lane.disk.bytes <= MAX_BYTES);
    }
    const full = lane.balance();
    const lost = full.dropped.spool_full ?? 0;
    assert.deepEqual(full.dropped, { spool_full: lost });
    // No more than was needed: with one segment less than the cap there is room for the next record.
    assert.ok(lane.disk.bytes > MAX_BYTES * 0.8 - lane.disk.bytes / 4 - 64 * 1024, `${lane.disk.bytes}`);
    await settle(lane);
    const received = new Set(lane.collector.received);
    assert.equal(received.size, lane.collector.received.length);
    const missing = names.filter((name) => !received.has(name));
    assert.equal(missing.length, lost);
    const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
    const perLevel = levels.map((level, i) => [
      level,
      missing.filter((name) => name.startsWith(`${SHARES[i]?.[0]}-`)).length,
    ]);
    const told = lane.spool.dropped.take();
    assert.deepEqual([told?.count, told?.levels], [lost, Object.fromEntries(perLevel)]);
    // The batch that was on its way stays in memory, and is not lost with its segment.
    const firstKept = names.findIndex((name, i) => i >= 20 && received.has(name));
    assert.ok(firstKept <= lost + 20, `${firstKept} of ${lost}`);
    assert.ok(names.slice(firstKept).every((name) => received.has(name)));
    const { delivered, pending, dropped } = lane.balance();
    assert.deepEqual([delivered, pending, dropped], [names.length - lost, 0, full.dropped]);
  });

  test('R5.6 fault 18 spill: first memory, then disk, and where both are full low levels go first; what was taken arrives', async () => {
    const queueBytes = 40_000;
    const lane = new DiskLane({ mode: 'spill', maxBytes: MAX_BYTES, queueBytes });
    lane.collector.down();
    const taken: string[] = [];
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      for (const [severity, share] of SHARES) {
        const [spoolBytes, memoryBytes] = [lane.spool.bytes, lane.queue.bytes];
        const fits = spoolBytes < Math.floor(MAX_BYTES * share) && memoryBytes < Math.floor(queueBytes * share);
        const name = padded(severity, round);
        assert.equal(lane.emit(name, severity), fits, `${severity} at ${spoolBytes} and ${memoryBytes} bytes`);
        if (fits) taken.push(name);
        else refused++;
      }
      await lane.timers.pass(60);
      if (round === 5) assert.equal(lane.disk.bytes, 0, 'the disk was used though memory had room');
      assert.ok(lane.disk.bytes <= MAX_BYTES);
    }
    assert.ok(lane.disk.bytes > MAX_BYTES * 0.95);
    assert.ok(refused > 0);
    const full = lane.balance();
    assert.equal(droppedIn(full.dropped), refused);
    const left = (severity: number): number => taken.filter((name) => name.startsWith(`${severity}-`)).length;
    const [trace = 0, debug = 0, info = 0, warn = 0, error = 0, fatal = 0] = SHARES.map(([severity]) => left(severity));
    const counts = [trace, debug, info, warn, error, fatal].join();
    assert.ok(Math.max(trace, debug) < info && info < warn && warn < Math.min(error, fatal), counts);
    await settle(lane);
    assert.deepEqual([...lane.collector.received].sort(), [...taken].sort());
    const { delivered, pending, dropped } = lane.balance();
    assert.deepEqual([delivered, pending, dropped], [taken.length, 0, full.dropped]);
  });

  test('R8.6 fault 18 what earlier processes left passes the cap: the oldest segments are dropped and counted, the rest arrives', async () => {
    const options: DiskLaneOptions = { mode: 'sync', maxBytes: 4 * MAX_BYTES, queueBytes: 20_000 };
    const before = new DiskLane(options);
    before.collector.down();
    const names = emitNumbered(before, 2_000);
    await before.timers.pass(100);
    const disk = before.disk.killed(() => 1);
    const paths = disk.paths(before.folder);
    assert.ok(paths.length > 10);
    let total = disk.bytes;
    const gone: string[] = [];
    for (const path of paths) {
      if (total <= MAX_BYTES) break;
      total -= disk.content(path).length;
      gone.push(...namesIn(disk, path, names));
    }
    const next = await before.successor({ ...options, ...elsewhere(), disk, maxBytes: MAX_BYTES });
    await settle(next);
    const { replayed, delivered, pending, dropped } = next.balance();
    assert.deepEqual([replayed, pending, dropped], [names.length, 0, { spool_full: gone.length }]);
    assert.equal(delivered, names.length - gone.length);
    assert.deepEqual(next.collector.received, names.slice(gone.length));
    assert.deepEqual(disk.paths(before.folder), []);
  });

  test('R8.6 fault 18 segments that waited longer than spool.maxAgeMs are dropped as expired and counted; younger ones arrive', async () => {
    const DAY_MS = 24 * 3_600_000;
    const options: DiskLaneOptions = { mode: 'sync', maxBytes: 4 * MAX_BYTES, queueBytes: 20_000, maxAgeMs: DAY_MS };
    const before = new DiskLane(options);
    before.collector.down();
    const names = emitNumbered(before, 1_000);
    await before.timers.pass(100);
    const disk = before.disk.killed(() => 1);
    const paths = disk.paths(before.folder);
    const old = paths.slice(0, 3);
    for (const path of paths) disk.age(path, Date.now() - DAY_MS + (old.includes(path) ? -1_000 : 60_000));
    const gone = old.flatMap((path) => namesIn(disk, path, names));
    const next = await before.successor({ ...options, ...elsewhere(), disk });
    await settle(next);
    const { replayed, delivered, pending, dropped } = next.balance();
    assert.deepEqual([replayed, pending, dropped], [names.length, 0, { spool_expired: gone.length }]);
    assert.equal(delivered, names.length - gone.length);
    assert.deepEqual(next.collector.received, names.slice(gone.length));
  });
});

describe('R8.6 spool.maxAgeMs while the process lives on', () => {
  const DAY_MS = 24 * 3_600_000;

  test('R8.6 what waited on disk for longer is dropped and counted; what is in memory and what is younger arrives', async () => {
    const lane = new DiskLane({ mode: 'sync', maxAgeMs: DAY_MS, queueBytes: 10_000 });
    lane.collector.down();
    const old = emitNumbered(lane, 100);
    await lane.timers.pass(100);
    const inMemory = lane.queue.records;
    assert.ok(inMemory > 0 && inMemory < 50, `${inMemory} in memory`);
    await lane.timers.pass(2 * DAY_MS);
    const young = lane.emitMany(30, 'young');
    await settle(lane);
    const { pending, delivered, dropped } = lane.balance();
    const expired = 100 - inMemory;
    assert.deepEqual([pending, delivered, dropped], [0, 130 - expired, { spool_expired: expired }]);
    assert.deepEqual(
      lane.collector.received.filter((name) => young.includes(name)),
      young,
    );
    // Memory gives its oldest batches to the disk, but for the one that was on its way.
    const kept = lane.collector.received.filter((name) => old.includes(name));
    assert.equal(kept.length, inMemory);
    lane.spool.tellNow();
    assert.equal(lane.disk.bytes, 0, 'what was dropped still takes room');
  });

  test('R8.6 what is dropped for its age makes room though the collector stays away, and holds up no flush', async () => {
    const lane = new DiskLane({ mode: 'sync', maxAgeMs: DAY_MS, maxBytes: 4 * MAX_BYTES, queueBytes: 10_000 });
    lane.collector.down();
    emitNumbered(lane, 400);
    await lane.timers.pass(100);
    const inMemory = lane.queue.records;
    let isFlushed = false;
    void lane.shipper.flush(3 * DAY_MS).then((inTime) => (isFlushed = inTime));
    await lane.timers.pass(DAY_MS + 1_000);
    const before = lane.disk.bytes;
    lane.backlog.expire();
    await lane.spool.tell();
    assert.ok(lane.disk.bytes < before, `${lane.disk.bytes} of ${before}`);
    assert.equal(lane.shipper.pending, inMemory);
    lane.collector.up();
    await lane.timers.pass(60_000);
    assert.equal(isFlushed, true);
    assert.deepEqual(lane.balance().dropped, { spool_expired: 400 - inMemory });
  });

  test('R8.6 what was taken over and waits for too long then is dropped and counted as well, the batch in hand too', async () => {
    const options: DiskLaneOptions = { mode: 'sync', maxAgeMs: DAY_MS, queueBytes: 20_000 };
    const before = new DiskLane(options);
    before.collector.down();
    const names = emitNumbered(before, 1_000);
    await before.timers.pass(100);
    const disk = before.disk.killed(() => 1);
    for (const path of disk.paths(before.folder)) disk.age(path, Date.now() - DAY_MS / 2);
    const collector = new Collector();
    collector.down();
    const next = await before.successor({ ...options, timers: new FakeTimers(), collector, disk });
    await next.timers.pass(DAY_MS);
    await settle(next);
    const { replayed, delivered, pending, dropped } = next.balance();
    assert.deepEqual([replayed, delivered, pending, dropped], [1_000, 0, 0, { spool_expired: names.length }]);
    assert.deepEqual(disk.paths(before.folder), []);
  });
});

describe('R5.6 fault 18: the cap in real processes', { concurrency: 2 }, () => {
  const LEVELS = 6;
  const COUNT = 4_000;
  for (const [onFull, durability] of [
    ['drop-lowest', 'disk'],
    ['drop-oldest', 'disk'],
    ['spill', 'memory'],
  ] as const) {
    test(`R5.6 fault 18 onFull ${onFull} with a spool of 1 MiB: what was not dropped arrives, the rest is counted`, async (t) => {
      const server = await startFaultyServer(t);
      server.otherwise(status(503));
      const app = startFaultApp('disk-cap', [COUNT], {
        env: {
          ...pointedTo(server.endpoint),
          SPANLOG_LEVEL: 'trace',
          SPANLOG_DURABILITY: durability,
          SPANLOG_ON_FULL: onFull,
          SPANLOG_SPOOL_DIRECTORY: tempDirectory(t),
          SPANLOG_SPOOL_MAX_BYTES: String(1024 * 1024),
          SPANLOG_LIMITS_QUEUE_BYTES: '400000',
          SPANLOG_LIMITS_BATCH_BYTES: '20000',
        },
      });
      await app.said('logged');
      server.otherwise(status(200));
      const outage = server.requests.length;
      app.kill('SIGUSR2');
      const end = await app.ended;
      assert.equal(end.stdout, 'logged\nflushed\n', end.stderr);
      const numbers = server.requests.slice(outage).flatMap((request) => request.numbers);
      const arrived = numbers.filter((i) => !Number.isNaN(i)).sort((a, b) => a - b);
      assert.equal(new Set(arrived).size, arrived.length);
      const notices = numbers.length - arrived.length;
      assert.ok(notices >= 1, 'nothing told of what was dropped');
      const { emitted, delivered, pending, dropped } = ledgerOf(end);
      assert.deepEqual([emitted, delivered, pending], [COUNT + notices, arrived.length + notices, 0]);
      assert.equal(droppedIn(dropped), COUNT - arrived.length);
      assert.ok(arrived.length < COUNT - 1_000 && arrived.length > 1_000, `${arrived.length} arrived`);
      const perLevel = Array.from({ length: LEVELS }, (_, level) => arrived.filter((i) => i % LEVELS === level).length);
      t.diagnostic(
        `${perLevel.join(' ')} of ${Math.round(COUNT / LEVELS)} each, trace to fatal; ${JSON.stringify(dropped)}`,
      );
      if (onFull === 'drop-oldest') {
        // Batches in memory at that moment may be kept, wherever they stand; behind the last loss all is there.
        assert.deepEqual(
          arrived.slice(-900),
          Array.from({ length: 900 }, (_, i) => COUNT - 900 + i),
        );
      } else {
        const [trace = 0, debug = 0, info = 0, warn = 0, error = 0, fatal = 0] = perLevel;
        // Two of a share take turns, so that one may have had some records more.
        const isInOrder = Math.max(trace, debug) <= info + 5 && info <= warn + 5 && warn + 100 < Math.min(error, fatal);
        assert.ok(isInOrder, perLevel.join());
      }
    });
  }
});
