import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Collector, DiskLane } from '../export/spool/disk-lane.ts';
import type { DiskLaneOptions } from '../export/spool/disk-lane.ts';
import { FakeTimers } from '../export/fake-timers.ts';
import type { SimulatedDisk } from '../export/spool/simulated-disk.ts';

const CODES = ['EIO', 'EROFS', 'EMFILE', 'EACCES'] as const;
/** Operations that fail together, since the same ones of a disk do. */
const OPERATIONS: Readonly<Record<string, RegExp>> = {
  create: /^create/,
  open: /^open$/,
  write: /^write/,
  fsync: /^sync/,
  rename: /^(rename|makeFolder)$/,
  unlink: /^remove/,
  everything: /./,
};
const TELL_AGAIN_S = 30;
const PADDING = '.'.repeat(300);

/** One disk, and what was said about it by the second. */
class Story {
  readonly lane: DiskLane;
  readonly logged: string[] = [];
  /** Names that were refused, and are counted. */
  readonly refused: string[] = [];
  readonly lines: { readonly second: number; readonly line: string }[] = [];
  #second = 0;

  constructor(lane: DiskLane) {
    this.lane = lane;
  }

  /** Logs so many records a second. The call never throws, or the test fails. */
  async seconds(count: number, perSecond = 5): Promise<void> {
    const { lane } = this;
    for (let i = 0; i < count; i++) {
      const before = lane.said.length;
      for (let n = 0; n < perSecond; n++) {
        const name = `<${this.logged.length}>${PADDING}`;
        this.logged.push(name);
        if (!lane.emit(name)) this.refused.push(name);
      }
      await lane.timers.pass(1_000);
      for (const line of lane.said.slice(before)) this.lines.push({ second: this.#second, line });
      this.#second++;
      lane.balance();
    }
  }

  /** Lines that tell of the disk's failing. */
  get failures(): readonly { readonly second: number; readonly line: string }[] {
    return this.lines.filter(({ line }) => /the spool in .* fails|can't/.test(line));
  }

  /** Everything works until nothing is left to send; returns what arrived. */
  async settle(): Promise<readonly string[]> {
    const { lane } = this;
    lane.disk.failing = () => undefined;
    lane.collector.up();
    for (let i = 0; i < 50 && (i < 3 || lane.shipper.pending > 0 || lane.backlog.hasMore); i++) {
      await lane.timers.pass(40_000);
    }
    return lane.collector.received;
  }
}

/** Returns how often it failed so far. */
function failWith(disk: SimulatedDisk, operations: RegExp, code: string): () => number {
  let failed = 0;
  disk.failing = ({ name }) => {
    if (!operations.test(name)) return undefined;
    failed++;
    return code;
  };
  return () => failed;
}

/** A disk with what two processes left: whole segments, and one with a damaged record in it. */
async function leftovers(): Promise<{ readonly disk: SimulatedDisk; readonly names: string[] }> {
  const before = new DiskLane({ mode: 'sync', folder: '/spool/0', maxBytes: 1024 * 1024 });
  before.collector.down();
  const names = Array.from({ length: 400 }, (_, i) => `<left ${i}>${PADDING}`);
  for (const name of names) before.emit(name);
  await before.timers.pass(100);
  const disk = before.disk.killed(() => 1);
  const [path = ''] = disk.paths('/spool/0');
  const content = Buffer.from(disk.content(path));
  const damaged = names[7] ?? '';
  const at = content.indexOf(damaged);
  content[at + 10] = (content[at + 10] ?? 0) ^ 1;
  disk.put(path, content);
  return { disk, names: names.filter((name) => name !== damaged) };
}

describe('R8.6 fault 16: a disk that fails', () => {
  for (const [what, operations] of Object.entries(OPERATIONS)) {
    for (const mode of ['disk', 'sync'] as const) {
      test(`R8.6 fault 16 EIO, EROFS, EMFILE and EACCES at ${what} with ${mode}: said once in 30 s, and nothing is lost`, async () => {
        for (const code of CODES) {
          const { disk, names } = await leftovers();
          const options: DiskLaneOptions = { mode, fsync: 'always', maxBytes: 1024 * 1024, queueBytes: 200_000 };
          const lane = new DiskLane({ ...options, disk, folder: '/spool/1', collector: new Collector() });
          const story = new Story(lane);
          // It works, with the collector there; then the disk fails while the collector goes and comes.
          await story.seconds(3);
          const failed = failWith(disk, operations, code);
          void lane.backlog.adopt(['/spool/0']);
          await story.seconds(20);
          lane.collector.down();
          await story.seconds(30);
          lane.collector.up();
          await story.seconds(40);
          assert.ok(failed() > 0, `nobody asked for ${what}`);
          const { failures } = story;
          for (const matter of [/the spool in .* fails/, /can't be read/, /can't note/]) {
            const seconds = failures.filter(({ line }) => matter.test(line)).map(({ second }) => second);
            for (let i = 1; i < seconds.length; i++) {
              const gap = (seconds[i] ?? 0) - (seconds[i - 1] ?? 0);
              assert.ok(gap >= TELL_AGAIN_S, `${code}: ${matter} after ${gap} s`);
            }
          }
          // What has no fix of its own says at least what the system says.
          for (const { line } of failures) assert.match(line, new RegExp(code));

          const received = await story.settle();
          const sent = new Set(received);
          for (const name of story.logged) assert.ok(sent.has(name), `${code}: ${name} has not arrived`);
          const { emitted, replayed, delivered, pending, dropped } = lane.balance();
          // Where not even the folder can be listed, it is for the next process.
          const isAdopted = what !== 'everything';
          assert.equal(emitted, story.logged.length);
          assert.deepEqual(story.refused, []);
          assert.equal(pending, 0);
          // The damaged record of the earlier process is the only one that is gone.
          assert.deepEqual([dropped, replayed], isAdopted ? [{ spool_damaged: 1 }, names.length + 1] : [{}, 0]);
          assert.deepEqual([delivered, received.length], [emitted + replayed - (isAdopted ? 1 : 0), delivered]);
          if (isAdopted) for (const name of names) assert.ok(sent.has(name), `${code}: ${name} has not arrived`);
        }
      });
    }
  }

  for (const code of [...CODES, 'ENOSPC']) {
    test(`R8.6 fault 16 ${code} for ten minutes with nobody there: one line with the fix, memory is bounded and takes over, exact`, async () => {
      for (const mode of ['disk', 'sync'] as const) {
        const queueBytes = 100_000;
        const lane = new DiskLane({ mode, queueBytes, maxBytes: 1024 * 1024 });
        const story = new Story(lane);
        lane.collector.down();
        failWith(lane.disk, /^(create|write)/, code);
        await story.seconds(600);
        assert.deepEqual(story.failures.map(({ second }) => second), [0]); // prettier-ignore
        assert.match(story.failures[0]?.line ?? '', /Records wait in memory alone meanwhile\./);
        if (code !== 'EIO') assert.match(story.failures[0]?.line ?? '', /meanwhile\. [A-Z].+\.$/);
        assert.ok(lane.queue.bytes <= queueBytes);
        // A disk that fails is not asked at each call, nor at each tick.
        const asked = lane.disk.log.filter(({ name }) => /^(create|write)/.test(name)).length;
        assert.ok(asked > 5 && asked < 600 / 15, `${asked} attempts in ten minutes`);
        const { dropped } = lane.balance();
        assert.ok(story.refused.length > 1_000);
        assert.deepEqual(dropped, { queue_full: story.refused.length });
        const received = await story.settle();
        const refused = new Set(story.refused);
        const kept = story.logged.filter((name) => !refused.has(name));
        assert.deepEqual([...received].sort(), kept.sort());
        const { emitted, delivered, pending } = lane.balance();
        assert.deepEqual([emitted, delivered, pending], [story.logged.length, received.length, 0]);
      }
    });
  }

  test('R8.6 fault 16 a disk that fails and works every second: one line in 30 s, nothing is lost', async () => {
    for (const code of CODES) {
      const lane = new DiskLane({ mode: 'disk', queueBytes: 200_000, fsync: 'interval' });
      const story = new Story(lane);
      for (let round = 0; round < 120; round++) {
        if (round % 20 === 0) lane.collector.down();
        if (round % 20 === 15) lane.collector.up();
        failWith(lane.disk, round % 2 === 0 ? /./ : /^never$/, code);
        await story.seconds(1 + (round % 3));
      }
      const seconds = story.failures.filter(({ line }) => line.includes('fails')).map(({ second }) => second);
      assert.ok(seconds.length >= 1);
      for (let i = 1; i < seconds.length; i++) assert.ok((seconds[i] ?? 0) - (seconds[i - 1] ?? 0) >= TELL_AGAIN_S);
      const received = await story.settle();
      assert.deepEqual([...received].sort(), [...story.logged].sort());
      const { emitted, delivered, pending, dropped } = lane.balance();
      assert.deepEqual([emitted, delivered, pending, dropped], [story.logged.length, story.logged.length, 0, {}]);
    }
  });

  test('R8.6 fault 16 a disk that works again for 30 s says so, and the next failure is news', async () => {
    const timers = new FakeTimers();
    const lane = new DiskLane({ mode: 'disk', timers, queueBytes: 200_000 });
    const story = new Story(lane);
    lane.collector.down();
    for (let i = 0; i < 3; i++) {
      failWith(lane.disk, /^(create|write)/, 'EIO');
      await story.seconds(40, 1);
      lane.disk.failing = () => undefined;
      await story.seconds(80, 1);
    }
    assert.equal(story.failures.length, 3, JSON.stringify(story.lines));
    assert.equal(story.lines.filter(({ line }) => line.includes('the spool works again')).length, 3);
    const received = await story.settle();
    assert.deepEqual([...received].sort(), [...story.logged].sort());
    const { emitted, delivered, dropped } = lane.balance();
    assert.deepEqual([emitted, delivered, dropped], [360, 360, {}]);
  });
});
