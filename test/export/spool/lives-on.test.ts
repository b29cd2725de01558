import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeTimers } from '../fake-timers.ts';
import { Collector, DiskLane } from './disk-lane.ts';
import { delivered, tooLarge } from '../lane.ts';

describe('R8.4 a process that lives on after what looked like its end', () => {
  for (const mode of ['disk', 'sync'] as const) {
    test(`R8.4 sends again what its spool keeps, once and in order: ${mode}`, async () => {
      const lane = new DiskLane({ mode });
      lane.collector.down();
      const names = lane.emitMany(25);
      lane.shipper.flushSync(100);
      lane.shipper.flushSync(100);
      assert.deepEqual([lane.balance().pending, lane.balance().dropped], [25, {}]);
      lane.collector.up();
      await lane.timers.pass(40_000);
      assert.deepEqual(lane.collector.received, names);
      assert.equal(lane.balance().pending, 0);
    });
  }

  test('R8.4 sends the part of a batch that was on disk, the rest is counted', async () => {
    const lane = new DiskLane({ mode: 'disk' });
    lane.collector.down();
    const names = lane.emitMany(4);
    lane.spool.writeNow();
    lane.disk.failing = () => 'ENOSPC';
    lane.emitMany(3, 'unwritten');
    lane.shipper.flushSync(100);
    assert.deepEqual([lane.balance().pending, lane.balance().dropped], [4, { exit: 3 }]);
    lane.disk.failing = () => undefined;
    lane.collector.up();
    await lane.timers.pass(40_000);
    assert.deepEqual(lane.collector.received, names);
    assert.equal(lane.balance().pending, 0);
  });

  test('R8.4 goes on with what it had to leave on disk', async () => {
    const lane = new DiskLane({ queueBytes: 100, batchRecords: 5 });
    lane.collector.down();
    const names: string[] = [];
    for (let i = 0; i < 12; i++) {
      names.push(...lane.emitMany(5, `${i}/`));
      await lane.timers.pass(60);
    }
    assert.ok(lane.backlog.records > 0);
    lane.shipper.flushSync(100);
    lane.collector.up();
    await lane.timers.pass(40_000);
    assert.deepEqual([...lane.collector.received].sort(), [...names].sort());
    assert.equal(lane.balance().pending, 0);
  });

  test('R8.4 a flush after it waits for what was kept', async () => {
    const lane = new DiskLane();
    lane.collector.down();
    lane.emitMany(3);
    lane.shipper.flushSync(100);
    lane.collector.up();
    const flushed = lane.shipper.flush(10_000);
    await lane.timers.pass(1_000);
    await flushed;
    assert.deepEqual([lane.balance().delivered, lane.balance().pending], [3, 0]);
  });
});

test('R8.6 a folder that can’t be listed when it is taken over is listed at the next look', async () => {
  const before = new DiskLane({ mode: 'sync' });
  before.collector.down();
  const names = before.emitMany(50);
  await before.timers.pass(100);
  const disk = before.disk.killed(() => 1);
  before.collector.up();
  disk.failing = ({ name }) => (name === 'list' ? 'EMFILE' : undefined);
  const next = await before.successor({ disk, timers: new FakeTimers(), collector: new Collector() });
  assert.equal(next.backlog.hasMore, false);
  disk.failing = () => undefined;
  await next.backlog.adopt([]);
  await next.timers.pass(60_000);
  assert.deepEqual(next.collector.received, names);
  assert.deepEqual(next.removedFolders, [before.folder]);
  next.balance();
});

test('R8.2 the size that the other side takes is remembered for what is read back from disk, too', async () => {
  const lane = new DiskLane({ mode: 'sync', queueBytes: 2_000, batchRecords: 64, batchBytes: 500 });
  lane.collector.down();
  const names = lane.emitMany(1_000, 'record');
  await lane.timers.pass(100);
  assert.ok(lane.backlog.records > 500);
  lane.collector.attempts.length = 0;
  lane.collector.answer = (batch) => (batch.length > 4 ? tooLarge : delivered);
  await lane.timers.pass(600_000);
  assert.deepEqual([...lane.collector.received].sort(), [...names].sort());
  const refused = lane.collector.attempts.filter((batch) => batch.length > 4).length;
  assert.ok(refused < 20, `${refused} of ${lane.collector.attempts.length} requests were too large`);
});
