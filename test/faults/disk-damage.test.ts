import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FRAME_HEADER_BYTES, FRAME_KIND, HEAD_BYTES } from '../../src/export/spool/frame.ts';
import { noticesOf } from '../support/child-process.ts';
import { startDiskCollector } from './disk-collector.ts';
import type { DiskCollector } from './disk-collector.ts';
import { BATCH_RECORDS, DiskLives } from './disk-lives.ts';
import { upTo } from './fault-app.ts';

/** Segments of 64 KiB, the smallest there are. */
const SMALL_SEGMENTS = { SPANLOG_SPOOL_MAX_BYTES: String(4 * 1024 * 1024) };
const RECORD_BYTES = 1_000;
const COUNT = 300;

/** Where the records of a segment stand in it, in their order. */
function recordsIn(segment: Buffer): { readonly from: number; readonly to: number }[] {
  const records: { from: number; to: number }[] = [];
  for (let from = HEAD_BYTES; from < segment.length;) {
    const to = from + FRAME_HEADER_BYTES + segment.readUInt32LE(from + 8);
    if (segment[from + 12] === FRAME_KIND.record) records.push({ from, to });
    from = to;
  }
  return records;
}

/** Changes one byte of the file. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

function keysOf(life: number, numbers: readonly number[]): string[] {
  return numbers.map((i) => `${life}:${i}`);
}

/** Asserts that these records arrived, each so often, and no others. */
function assertArrived(collector: DiskCollector, once: readonly string[], twice: readonly string[] = []): void {
  const counts = collector.counts();
  assert.deepEqual(once.filter((key) => counts.get(key) !== 1), []); // prettier-ignore
  assert.deepEqual(twice.filter((key) => counts.get(key) !== 2), []); // prettier-ignore
  assert.equal(collector.arrivals.length, once.length + 2 * twice.length);
}

describe('fault 13 what tells of a spool is missing', { concurrency: 2 }, () => {
  test('R8.6 fault 13 the head of a segment is zeroed: replayed whole, and never overwritten', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync' });
    collector.state = undefined;
    const first = lives.start('disk-restart', 1, COUNT);
    await first.said('logged');
    await collector.requested(1);
    collector.next('up', 'away');
    // By then it stands in the head that the first batch has arrived.
    await collector.requested(2);
    await lives.kill(first);
    const settled = collector.arrivals.length;
    assert.ok(settled > 0 && settled <= BATCH_RECORDS);
    const before = new Map<string, Buffer>();
    for (const path of lives.segments()) {
      const bytes = readFileSync(path);
      bytes.fill(0, 0, HEAD_BYTES);
      writeFileSync(path, bytes);
      before.set(basename(path), bytes.subarray(HEAD_BYTES));
    }

    // A life that has to wait with it leaves all of it as it is, beside its own.
    await lives.leave(2, 50);
    const found = lives.segments();
    for (const [name, bytes] of before) {
      const path = found.find((other) => basename(other) === name);
      assert.ok(path !== undefined, `${name} is gone`);
      assert.ok(readFileSync(path).subarray(HEAD_BYTES).equals(bytes), `${name} was overwritten`);
    }
    assert.ok(found.length > before.size);

    collector.become('up');
    const { otlp } = await lives.drain(3);
    const again = keysOf(1, upTo(settled));
    assertArrived(collector, [...keysOf(1, upTo(COUNT).slice(settled)), ...keysOf(2, upTo(50))], again);
    // Whoever gets them twice can tell: they have one uid.
    assert.equal(new Set(collector.arrivals.map(({ uid }) => uid)).size, COUNT + 50);
    const { replayed, delivered, pending, dropped } = otlp;
    assert.deepEqual({ replayed, delivered, pending, dropped }, { replayed: COUNT + 50, delivered: COUNT + 50, pending: 0, dropped: {} }); // prettier-ignore
  });

  test('R8.6 fault 13 owner.json and group.json are missing: replayed', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync' });
    collector.become('away');
    await lives.leave(1, COUNT);
    const owner = dirname(lives.segments()[0] ?? '');
    rmSync(join(owner, 'owner.json'));
    rmSync(join(dirname(owner), 'group.json'));
    // Nobody knows whose it was: it has to lie there for a minute.
    const old = new Date(Date.now() - 120_000);
    utimesSync(owner, old, old);

    collector.become('up');
    const { otlp } = await lives.drain(2);
    assertArrived(collector, keysOf(1, upTo(COUNT)));
    const { replayed, delivered, pending, dropped } = otlp;
    assert.deepEqual({ replayed, delivered, pending, dropped }, { replayed: COUNT, delivered: COUNT, pending: 0, dropped: {} }); // prettier-ignore
  });

  test('R8.6 fault 13 a cleaner of old files took spanlog-format and group.json: what lies there is replayed', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync' });
    collector.become('away');
    await lives.leave(1, COUNT);
    const group = dirname(dirname(lives.segments()[0] ?? ''));
    rmSync(join(group, 'group.json'));
    rmSync(join(dirname(group), 'spanlog-format'));

    collector.become('up');
    const { otlp } = await lives.drain(2);
    assertArrived(collector, keysOf(1, upTo(COUNT)));
    const { replayed, delivered, pending, dropped } = otlp;
    assert.deepEqual({ replayed, delivered, pending, dropped }, { replayed: COUNT, delivered: COUNT, pending: 0, dropped: {} }); // prettier-ignore
  });

  test('R8.6 fault 13 spanlog-format is missing and something foreign is there: nothing is touched, and that is said', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync' });
    collector.become('away');
    await lives.leave(1, COUNT);
    const [segment = ''] = lives.segments();
    const before = readFileSync(segment);
    const root = dirname(dirname(dirname(segment)));
    rmSync(join(root, 'spanlog-format'));
    writeFileSync(join(root, 'thesis.tex'), '');

    collector.become('up');
    const child = lives.start('disk-restart', 2, 10);
    await child.said('logged');
    const end = await lives.end(child);
    const notices = noticesOf(end).filter((line) => line.includes('is not used'));
    const expected = /^[^\n]*thesis\.tex\) and no spanlog-format\. Records wait in memory alone\. Move it away[^\n]*$/;
    assert.match(notices.join('\n'), expected);
    assertArrived(collector, keysOf(2, upTo(10)));
    const { emitted, replayed, delivered, pending, dropped } = end.otlp;
    assert.deepEqual({ emitted, replayed, delivered, pending, dropped }, { emitted: 10, replayed: 0, delivered: 10, pending: 0, dropped: {} }); // prettier-ignore
    assert.ok(readFileSync(segment).equals(before));
  });
});

describe('fault 14 a segment is missing', () => {
  test('R8.6 fault 14 segments missing in the middle are skipped and counted, and all others arrive', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync', env: SMALL_SEGMENTS });
    collector.become('away');
    await lives.leave(1, COUNT, RECORD_BYTES);
    const segments = lives.segments();
    assert.ok(segments.length >= 4, segments.join(', '));
    const missing = new Set<number>();
    let i = 0;
    for (const [place, path] of segments.entries()) {
      const { length } = recordsIn(readFileSync(path));
      if (place === 1 || place === 2) {
        for (const at of upTo(length)) missing.add(i + at);
        rmSync(path);
      }
      i += length;
    }
    assert.equal(i, COUNT);

    collector.become('up');
    const end = await lives.drain(2, 10);
    const others = upTo(COUNT).filter((number) => !missing.has(number));
    assertArrived(collector, [...keysOf(1, others), ...keysOf(2, upTo(10))]);
    const { replayed, pending, dropped } = end.otlp;
    assert.deepEqual({ replayed, pending, dropped }, { replayed: COUNT, pending: 0, dropped: { spool_missing: missing.size } }); // prettier-ignore
    assert.match(noticesOf(end).join('\n'), new RegExp(`${missing.size} records behind .* are missing`));
    assert.deepEqual(lives.segments(), []);
  });
});

describe('a record is damaged', { concurrency: true }, () => {
  test('R8.6 fault 12 it is counted, its file kept in quarantine, and its neighbours arrive', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync', env: SMALL_SEGMENTS });
    collector.become('away');
    await lives.leave(1, COUNT, RECORD_BYTES);
    const [first = '', second = ''] = lives.segments();
    const inFirst = recordsIn(readFileSync(first));
    const inSecond = recordsIn(readFileSync(second));
    // In the middle of a payload, in a magic, and in the length of one that is the last of its segment.
    flip(first, (inFirst[5]?.to ?? 0) - 100);
    flip(second, inSecond[0]?.from ?? 0);
    flip(second, (inSecond.at(-1)?.from ?? 0) + 8);
    const lost = [5, inFirst.length, inFirst.length + inSecond.length - 1];

    collector.become('up');
    const end = await lives.drain(2, 10);
    const others = upTo(COUNT).filter((i) => !lost.includes(i));
    assertArrived(collector, [...keysOf(1, others), ...keysOf(2, upTo(10))]);
    const { replayed, pending, dropped } = end.otlp;
    assert.deepEqual({ replayed, pending, dropped }, { replayed: COUNT, pending: 0, dropped: { spool_damaged: 3 } });
    assert.match(noticesOf(end).join('\n'), /1 records in .* were damaged; they are dropped \(spool_damaged\)/);
    assert.deepEqual(lives.quarantined().map((path) => basename(path)), [first, second].map((path) => basename(path))); // prettier-ignore
  });

  test('R8.6 fault 11 the last segment is cut within a record: that one is counted, those before it arrive', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync', env: SMALL_SEGMENTS });
    collector.become('away');
    await lives.leave(1, COUNT, RECORD_BYTES);
    const last = lives.segments().at(-1) ?? '';
    const records = recordsIn(readFileSync(last));
    truncateSync(last, (records.at(-1)?.to ?? 0) - 1);

    collector.become('up');
    const { otlp } = await lives.drain(2);
    assertArrived(collector, keysOf(1, upTo(COUNT - 1)));
    const { replayed, pending, dropped } = otlp;
    assert.deepEqual({ replayed, pending, dropped }, { replayed: COUNT, pending: 0, dropped: { spool_damaged: 1 } });
  });
});

/** Where the spool is noticed to be gone: within a heartbeat, five seconds. */
const NOTICED_MS = 15_000;

/** Resolves when files are in the spool, written and all. */
async function spooled(lives: DiskLives): Promise<void> {
  const deadline = performance.now() + NOTICED_MS;
  while (!lives.segments().some((path) => sizeOf(path) > HEAD_BYTES)) {
    assert.ok(performance.now() < deadline, 'nothing is written to the spool');
    await delay(20);
  }
}

function sizeOf(path: string): number {
  try {
    return readFileSync(path).length;
  } catch {
    // It is gone since it was listed, as they are in these tests.
    return 0;
  }
}

describe('the spool is deleted while the application runs', { concurrency: true }, () => {
  for (const durability of ['disk', 'sync'] as const) {
    test(`R8.6 deleted folder, ${durability}: it goes on in a new one and says so once; nothing is lost`, async (t) => {
      const collector = await startDiskCollector(t);
      const lives = new DiskLives(t, collector, { durability });
      collector.become('away');
      const child = lives.start('disk-damage', 1, 500);
      await child.said('100 logged');
      await spooled(lives);
      rmSync(lives.spool, { recursive: true });
      await spooled(lives);
      collector.become('up');
      const end = await lives.end(child);
      assert.match(end.stdout, /"status":"success","pending":0,"lost":0/);
      const { emitted, delivered, pending, dropped } = end.otlp;
      assert.deepEqual({ delivered, pending, dropped }, { delivered: emitted, pending: 0, dropped: {} });
      assertArrived(collector, keysOf(1, upTo(emitted)));
      assert.equal(noticesOf(end).filter((line) => line.includes('the spool in')).length, 1, end.stderr);
      assert.deepEqual(lives.segments(), []);
    });
  }

  test('R8.3 fault 1 deleted folder: what was logged before and after is in the new one, and survives a kill', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync' });
    collector.become('away');
    const child = lives.start('disk-damage', 1, 500);
    await child.said('100 logged');
    rmSync(lives.spool, { recursive: true });
    await spooled(lives);
    await delay(300);
    const { stdout } = await lives.kill(child);
    const logged = Number(/(\d+) logged\n[^\n]*$/.exec(stdout)?.[1]);
    assert.ok(logged >= 100);

    collector.become('up');
    const { otlp } = await lives.drain(2);
    const counts = collector.counts();
    assert.deepEqual(keysOf(1, upTo(logged)).filter((key) => counts.get(key) !== 1), []); // prettier-ignore
    assert.deepEqual([otlp.pending, otlp.dropped], [0, {}]);
    assert.equal(otlp.replayed, collector.arrivals.length);
  });

  test('R8.6 deleted folder: what was on disk alone is counted as missing, and all else arrives', async (t) => {
    const collector = await startDiskCollector(t);
    const env = { SPANLOG_LIMITS_QUEUE_BYTES: String(128 * 1024) };
    const lives = new DiskLives(t, collector, { durability: 'disk', env });
    collector.become('away');
    const child = lives.start('disk-damage', 1, 1_000, 500);
    // Memory holds the newest 100 or 200 of them.
    await child.said('600 logged');
    rmSync(lives.spool, { recursive: true });
    collector.become('up');
    await delay(200);
    const end = await lives.end(child);
    const { emitted, delivered, pending, dropped } = end.otlp;
    // Until the next heartbeat there may be nowhere to write to, and memory fills.
    const { spool_missing: missing = 0, queue_full: refused = 0, ...others } = dropped;
    assert.deepEqual(others, {});
    assert.ok(missing > 0);
    assert.equal(pending, 0);
    assert.equal(delivered, emitted - missing - refused);
    assert.equal(delivered, collector.arrivals.length + collector.notices.length);
    assert.equal(noticesOf(end).filter((line) => line.includes('(spool_missing)')).length, 1, end.stderr);
  });
});
