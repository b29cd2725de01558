import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskLane } from './disk-lane.ts';

const PAGE_BYTES = 4_096;

/** What the next process delivers when that page of the only segment is damaged. */
async function deliveredWithout(lane: DiskLane, page: number): Promise<string[]> {
  const [path] = lane.disk.paths(lane.folder) as [string];
  const damaged = lane.disk.killed(() => 0);
  const content = Buffer.from(damaged.content(path));
  damaged.put(path, content.fill(0x5a, page * PAGE_BYTES, Math.min(content.length, (page + 1) * PAGE_BYTES)));
  const next = new DiskLane({ disk: damaged, folder: '/spool/2' });
  await Promise.all([next.backlog.adopt([lane.folder]), next.timers.pass(40_000)]);
  next.balance();
  return next.collector.received;
}

for (const mode of ['disk', 'sync'] as const) {
  test(`R8.6 a page that is damaged takes its own records, not those of the others: ${mode}`, async () => {
    const lane = new DiskLane({ mode });
    lane.collector.down();
    const names: string[] = [];
    for (let i = 0; i < 300; i++) {
      names.push(...lane.emitMany(1, `record ${i} ${'.'.repeat(50)}`));
      if (i % 100 === 99) await lane.timers.pass(50);
    }
    const [path] = lane.disk.paths(lane.folder) as [string];
    const pages = Math.ceil(lane.disk.content(path).length / PAGE_BYTES);
    assert.ok(pages > 4, String(pages));
    for (let page = 1; page < pages; page++) {
      const arrived = await deliveredWithout(lane, page);
      assert.ok(arrived.length >= names.length - PAGE_BYTES / 80, `page ${page}: ${arrived.length} are left`);
    }
  });
}

test('R8.6 the first copy of the origin may be damaged: another stands behind the first write', async () => {
  const lane = new DiskLane();
  lane.collector.down();
  const names = lane.emitMany(3);
  await lane.timers.pass(50);
  const [path] = lane.disk.paths(lane.folder) as [string];
  const damaged = lane.disk.killed(() => 0);
  const content = Buffer.from(damaged.content(path));
  content[PAGE_BYTES + 30] = (content[PAGE_BYTES + 30] as number) ^ 0xff;
  damaged.put(path, content);
  const next = new DiskLane({ disk: damaged, folder: '/spool/2' });
  await Promise.all([next.backlog.adopt([lane.folder]), next.timers.pass(40_000)]);
  assert.deepEqual(next.collector.received, names);
});
