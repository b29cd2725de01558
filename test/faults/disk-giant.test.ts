import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Outcome } from '../../src/core/transport.ts';
import { Collector, DiskLane } from '../export/spool/disk-lane.ts';
import { FakeTimers } from '../export/fake-timers.ts';
import { delivered, tooLarge } from '../export/lane.ts';
import { tempDirectory } from '../export/spool/actors.ts';
import { ledgerOf } from '../process/app.ts';
import { startChild } from '../support/child-process.ts';
import { leaveSpool, recordsIn, startCountingCollector } from './disk-left.ts';
import type { LeftSpool } from './disk-left.ts';

const APP = join(import.meta.dirname, 'apps', 'disk-giant.ts');
const MIB = 1024 * 1024;
/** Small enough to run with all others; 1024 is what the fault is about. */
const SPOOL_MIB = Number(process.env.SPANLOG_SPOOL_MIB ?? 64);
const MAX_GROWTH_MIB = 64;
/** A process that starts with an empty spool blocks for less, one that reads everything at once for many times as long. */
const MAX_STALL_MS = 250;
/** It reads modules as well, which a busy machine takes its time for; what it must not do is read the spool. */
const MAX_REGISTER_MS = 1_000;

interface Run {
  readonly registerMs: number;
  readonly longestStallMs: number;
  readonly grownMib: number;
  readonly tookMs: number;
  readonly logged: number;
}

/** Starts a process on that spool; every record of it has to arrive once. */
async function startedOn(t: TestContext, spool: Omit<LeftSpool, 'directory'>, timeoutMs: number): Promise<Run> {
  const directory = tempDirectory(t);
  const records = recordsIn(spool);
  const bytes = leaveSpool({ directory, ...spool });
  const collector = await startCountingCollector(t, records);
  const end = await startChild({
    args: [APP, String(records)],
    timeoutMs,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_SERVICE_NAME: 'shop',
      SPANLOG_DURABILITY: 'disk',
      SPANLOG_SPOOL_DIRECTORY: directory,
      SPANLOG_SPOOL_MAX_BYTES: String(2 * bytes),
      SPANLOG_LIMITS_DRAIN_BYTES_PER_SECOND: String(1024 * MIB),
    },
  }).ended;
  assert.deepEqual([end.code, end.stderr], [0, '']);
  const run = JSON.parse(end.stdout) as Run;
  t.diagnostic(`${Math.round(bytes / MIB)} MiB in ${spool.segments} segments: ${end.stdout.trim()}`);
  assert.ok(
    collector.seen.every((times) => times === 1),
    'not every record arrived once',
  );
  assert.equal(collector.others, run.logged);
  const { emitted, replayed, delivered, pending, dropped } = ledgerOf(end);
  assert.deepEqual(
    [emitted, replayed, delivered, pending, dropped],
    [run.logged, records, records + run.logged, 0, {}],
  );
  return run;
}

describe('R8.6 large spools at start', { concurrency: 2 }, () => {
  test(`R8.6 fault 17 a spool of ${SPOOL_MIB} MiB at start: less than ${MAX_GROWTH_MIB} MiB of memory, all arrive, new records flow`, async (t) => {
    const SEGMENT_MIB = 16;
    const spool = {
      segments: Math.ceil(SPOOL_MIB / SEGMENT_MIB),
      recordsEach: SEGMENT_MIB * 1_024,
      recordBytes: 1_024,
    };
    const run = await startedOn(t, spool, 30_000 + SPOOL_MIB * 300);
    assert.ok(run.grownMib < MAX_GROWTH_MIB, `${run.grownMib} MiB`);
    assert.ok(run.longestStallMs < MAX_STALL_MS, `${run.longestStallMs} ms`);
    assert.ok(run.logged >= 2);
  });

  test('R8.6 fault 20 10,000 segments at start: the event loop is not held up, all arrive', async (t) => {
    const run = await startedOn(t, { segments: 10_000, recordsEach: 2, recordBytes: 200, every: 5 }, 60_000);
    assert.ok(run.longestStallMs < MAX_STALL_MS, `${run.longestStallMs} ms`);
    assert.ok(run.registerMs < MAX_REGISTER_MS, `${run.registerMs} ms`);
  });
});

describe('R8.6 fault 19: one record that is larger than all bounds', () => {
  const MAX_BYTES = 4 * MIB;
  /** The smallest there is, as 64 of them are more than the spool. */
  const SEGMENT_BYTES = 64 * 1024;

  for (const mode of ['disk', 'sync', 'spill'] as const) {
    test(`R8.6 fault 19 a record larger than a segment, with ${mode}: it is whole on disk, and arrives after a restart`, async () => {
      const before = new DiskLane({ mode, maxBytes: MAX_BYTES, queueBytes: mode === 'spill' ? 1_000 : 10 * MIB });
      before.collector.down();
      const giant = `giant${'.'.repeat(3 * SEGMENT_BYTES)}`;
      const names = [...before.emitMany(25, 'a'), giant];
      assert.ok(before.emit(giant));
      await before.timers.pass(100);
      names.push(...before.emitMany(25, 'b'));
      // Its own batch, and memory half full, so that a spool of what spills has it too.
      await before.timers.pass(2_000);
      const onDisk = before.balance();
      assert.deepEqual(onDisk.pending, names.length);
      if (mode === 'spill') {
        before.shipper.flushSync(0);
        assert.equal(before.balance().pending, names.length);
      }
      const collector = new Collector();
      const disk = before.disk.killed(() => 1);
      const next = await before.successor({ disk, collector, timers: new FakeTimers() });
      await next.timers.pass(60_000);
      assert.deepEqual([...collector.received].sort(), names.toSorted());
      const { replayed, delivered: count, pending, dropped } = next.balance();
      assert.deepEqual([replayed, count, pending, dropped], [names.length, names.length, 0, {}]);
    });
  }

  test('R8.6 fault 19 a record larger than the whole spool: it is sent from memory, and only it is lost when the process dies', async () => {
    for (const dies of [false, true]) {
      const before = new DiskLane({ mode: 'sync', maxBytes: 1024 * 1024, queueBytes: 10 * MIB });
      before.collector.down();
      const giant = 'g'.repeat(2 * MIB);
      const names = before.emitMany(25, 'a');
      assert.ok(before.emit(giant));
      names.push(...before.emitMany(25, 'b'));
      await before.timers.pass(100);
      assert.ok(before.disk.bytes < 1024 * 1024);
      assert.deepEqual([before.balance().pending, before.balance().dropped], [51, {}]);
      if (!dies) {
        before.collector.up();
        await before.timers.pass(60_000);
        assert.deepEqual([...before.collector.received].sort(), [...names, giant].sort());
        const { delivered: count, pending, dropped } = before.balance();
        assert.deepEqual([count, pending, dropped], [51, 0, {}]);
        continue;
      }
      const ended = before.shipper.shutdown(0);
      await before.timers.pass(1_000);
      await ended;
      const { pending, dropped } = before.balance();
      assert.deepEqual([pending, dropped], [50, { shutdown: 1 }]);
      const collector = new Collector();
      const next = await before.successor({ disk: before.disk.killed(() => 1), collector, timers: new FakeTimers() });
      await next.timers.pass(60_000);
      assert.deepEqual(collector.received.toSorted(), names.toSorted());
      const after = next.balance();
      assert.deepEqual([after.replayed, after.delivered, after.dropped], [50, 50, {}]);
    }
  });

  test('R8.6 fault 19 a record larger than a request: the batch is halved down to it, only it is dropped, from memory and from disk', async () => {
    for (const fromDisk of [false, true]) {
      const lane = new DiskLane({ mode: 'sync', maxBytes: MAX_BYTES });
      const giant = 'g'.repeat(100_000);
      const small = Array.from({ length: 30 }, (_, i) => `r${i}`);
      const answer = (names: readonly string[]): Outcome => (names.join('').length > 50_000 ? tooLarge : delivered);
      if (fromDisk) lane.collector.down();
      else lane.collector.answer = answer;
      for (const [i, name] of small.entries()) {
        if (i === 13) lane.emit(giant);
        lane.emit(name);
      }
      await lane.timers.pass(100);
      let judged = lane;
      if (fromDisk) {
        const collector = new Collector();
        collector.answer = answer;
        judged = await lane.successor({ disk: lane.disk.killed(() => 1), collector, timers: new FakeTimers() });
      }
      await judged.timers.pass(60_000);
      assert.deepEqual(judged.collector.received.toSorted(), small.toSorted());
      assert.equal(judged.collector.received.includes(giant), false);
      assert.ok(judged.collector.attempts.some((names) => names.length === 1 && names[0] === giant));
      const { emitted, replayed, delivered: count, pending, dropped } = judged.balance();
      assert.deepEqual([emitted + replayed, count, pending, dropped], [31, 30, 0, { too_large: 1 }]);
    }
  });
});
