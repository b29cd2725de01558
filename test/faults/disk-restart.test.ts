import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startDiskCollector } from './disk-collector.ts';
import type { CollectorState } from './disk-collector.ts';
import { BATCH_RECORDS, DiskLives } from './disk-lives.ts';
import { upTo } from './fault-app.ts';

/** One batch is on its way when the shutdown begins, and more wait behind it. */
const COUNT = 2 * BATCH_RECORDS + 20;

/** The end of a process has nothing to wait for behind a shutdown: if it did, the test would run into its time limit. */
const PATIENT = { SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '120000' };

/** How the batch in flight fails, all after the shutdown has begun. */
const FAILURES: { readonly durability: 'disk' | 'sync'; readonly state: CollectorState; readonly what: string }[] = [
  { durability: 'disk', state: 'away', what: 'is answered with 503' },
  { durability: 'disk', state: 'gone', what: 'loses its connection' },
  { durability: 'disk', state: 'deaf', what: 'is never answered' },
  { durability: 'sync', state: 'deaf', what: 'is never answered' },
];

describe('R8.3 fault 4 shutdown while a batch in flight fails', () => {
  for (const { durability, state, what } of FAILURES) {
    test(`R8.3 fault 4 ${durability}: a batch that ${what} is on disk, and arrives after the restart`, async (t) => {
      const collector = await startDiskCollector(t);
      const lives = new DiskLives(t, collector, { durability, env: PATIENT });
      collector.state = undefined;
      const first = lives.start('disk-restart', 1, COUNT);
      await first.said('logged');
      await collector.requested(1);
      const ended = lives.end(first);
      await first.said('ending');
      collector.become(state);
      const { otlp, stdout } = await ended;
      // Nothing is lost by it: what is pending at the end is what the spool keeps.
      assert.match(stdout, new RegExp(`{"status":"timeout","pending":${COUNT},"lost":0}`));
      assert.deepEqual(
        { emitted: otlp.emitted, pending: otlp.pending, delivered: otlp.delivered, dropped: otlp.dropped },
        { emitted: COUNT, pending: COUNT, delivered: 0, dropped: {} },
      );
      assert.equal(collector.arrivals.length, 0);

      collector.become('up');
      const second = await lives.drain(2, 10);
      const counts = collector.counts();
      for (const i of upTo(COUNT)) assert.equal(counts.get(`1:${i}`), 1, `record ${i}`);
      assert.equal(collector.arrivals.length, COUNT + 10);
      assert.deepEqual(
        { replayed: second.otlp.replayed, delivered: second.otlp.delivered, dropped: second.otlp.dropped },
        { replayed: COUNT, delivered: COUNT + 10, dropped: {} },
      );
      assert.deepEqual(lives.segments(), []);
    });
  }

  test('R8.3 fault 4 a batch that is refused meanwhile is dropped and counted, and only those behind it are on disk', async (t) => {
    const collector = await startDiskCollector(t);
    const lives = new DiskLives(t, collector, { durability: 'sync', env: PATIENT });
    collector.state = undefined;
    const first = lives.start('disk-restart', 1, COUNT);
    await first.said('logged');
    await collector.requested(1);
    const refused = collector.requests[0] ?? 0;
    const ended = lives.end(first);
    await first.said('ending');
    collector.next('strict', 'away');
    const { otlp } = await ended;
    assert.ok(refused > 0 && refused <= BATCH_RECORDS);
    assert.deepEqual(otlp.dropped, { http_400: refused });
    // With the record that tells of it.
    const kept = otlp.emitted - refused;
    assert.equal(otlp.pending, kept);

    collector.become('up');
    const second = await lives.drain(2);
    assert.deepEqual(
      { replayed: second.otlp.replayed, delivered: second.otlp.delivered, dropped: second.otlp.dropped },
      { replayed: kept, delivered: kept, dropped: {} },
    );
    const counts = collector.counts();
    for (const i of upTo(COUNT)) assert.equal(counts.get(`1:${i}`), i < refused ? undefined : 1, `record ${i}`);
  });
});
