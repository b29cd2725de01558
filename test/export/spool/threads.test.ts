import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { runFault, WITHOUT_DELAY_ENDING } from '../../faults/exit-app.ts';
import { ledgerOf } from '../../process/app.ts';
import { unusedUrl } from '../../process/receiving.ts';
import { noticesOf } from '../../support/child-process.ts';
import { DiskLane } from './disk-lane.ts';
import { tempDirectory } from './actors.ts';

/** What the main thread logs. */
const MAIN = 100;

describe('R8.4 what outlives a thread is known to the others at any moment', () => {
  test('R8.4 fault 7 a worker that is terminated loses nothing of what is on disk', async (t: TestContext) => {
    const env = {
      ...WITHOUT_DELAY_ENDING,
      OTEL_EXPORTER_OTLP_ENDPOINT: await unusedUrl(),
      SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '100',
      SPANLOG_DURABILITY: 'sync',
      SPANLOG_SPOOL_DIRECTORY: tempDirectory(t),
    };
    const end = await runFault('threads', ['terminate'], { env });
    assert.equal(end.code, 0, end.stderr);
    const { emitted, pending, dropped } = ledgerOf(end);
    assert.deepEqual({ emitted, pending, dropped }, { emitted: MAIN, pending: MAIN, dropped: {} });
    assert.equal(noticesOf(end).filter((notice) => notice.includes('were not delivered')).length, 0, end.stderr);
  });

  test('R8.4 it is what the last window has written', async () => {
    const lane = new DiskLane();
    lane.collector.down();
    lane.emitMany(5);
    assert.equal(lane.account.spooled, 0);
    await lane.timers.pass(50);
    assert.equal(lane.account.spooled, 5);
    lane.emitMany(2);
    assert.equal(lane.account.spooled, 5);
    lane.spool.writeNow();
    assert.equal(lane.account.spooled, 7);
    lane.collector.up();
    await lane.timers.pass(40_000);
    assert.deepEqual([lane.account.spooled, lane.balance().delivered], [0, 7]);
  });

  test('R8.4 it is what had to leave memory too, and what earlier processes left', async () => {
    const lane = new DiskLane({ queueBytes: 100, batchRecords: 5 });
    lane.collector.down();
    for (let i = 0; i < 12; i++) {
      lane.emitMany(5, `${i}/`);
      await lane.timers.pass(60);
      assert.equal(lane.account.spooled, lane.account.pending);
    }
    assert.ok(lane.backlog.records > 0);
    const ended = lane.shipper.shutdown(0);
    await lane.timers.pass(1_000);
    await ended;
    assert.equal(lane.account.spooled, lane.account.pending);

    const next = await lane.successor({ disk: lane.disk });
    for (let i = 0; i < 10; i++) {
      assert.equal(next.account.spooled, next.account.pending);
      await next.timers.pass(1_000);
    }
    lane.collector.up();
    await next.timers.pass(60_000);
    assert.deepEqual([next.account.spooled, next.balance().pending, next.balance().delivered], [0, 0, 60]);
  });

  test('R8.4 it is less when the oldest segment makes room, or the folder is gone', () => {
    const lane = new DiskLane({ maxBytes: 200_000, dropOldest: true });
    lane.collector.down();
    for (let i = 0; i < 200; i++) {
      lane.emit(`${i}${'.'.repeat(2_000)}`);
      lane.spool.writeNow();
    }
    const spooled = (): number => lane.account.spooled;
    const onDisk = spooled();
    assert.ok(onDisk > 0 && onDisk < 200, String(onDisk));
    lane.spool.moveTo('/spool/2');
    assert.equal(spooled(), 0);
    lane.spool.writeNow();
    assert.ok(spooled() > 0);
  });
});
