import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DiskLane } from '../export/spool/disk-lane.ts';
import type { DiskLaneOptions } from '../export/spool/disk-lane.ts';
import { FakeTimers } from '../export/fake-timers.ts';

/** What happens to a machine. After a `cut` of the power a new process starts on what the medium has. */
type Event =
  | { readonly do: 'log'; readonly count: number; readonly bytes: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'finish'; readonly which: number }
  | { readonly do: 'up' | 'down' | 'hold' | 'release' | 'save' | 'cut' };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('log' as const),
      count: fc.integer({ min: 1, max: 30 }),
      // Several to a sector, several sectors to one, and enough for a second segment.
      bytes: fc.constantFrom(0, 0, 90, 700, 5_000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 20, 60, 500, 1_100) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(4) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('up', 'down', 'down', 'hold', 'release', 'save', 'cut', 'cut') }),
  },
);
const events = fc.array(event, { minLength: 5, maxLength: 50 });

/** Small enough for a test that runs with all others; more for whoever looks for more. */
const RUNS = Number(process.env.SPANLOG_PROPERTY_RUNS ?? 150);
const WINDOW_MS = 50;
const INTERVAL_MS = 1_000;

/** Machines that lose power, and processes that start on what is left. */
class Machine {
  lane: DiskLane;
  readonly logged = new Set<string>();
  /** Those that have to survive. */
  readonly synced = new Set<string>();
  cuts = 0;
  readonly #options: DiskLaneOptions;
  readonly #random: () => number;
  /** Logged by the running process, and when. */
  #recent: { readonly name: string; readonly atMs: number }[] = [];
  /** Since then every operation was finished at once. */
  #freeSinceMs = 0;

  constructor(options: DiskLaneOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
    this.lane = new DiskLane(options);
    this.#freeSinceMs = this.lane.timers.now();
  }

  async run(step: Event): Promise<void> {
    const { lane } = this;
    switch (step.do) {
      case 'log':
        for (let i = 0; i < step.count; i++) this.#log(`r${this.logged.size}${'.'.repeat(step.bytes)}`);
        break;
      case 'pass':
        await lane.timers.pass(step.ms);
        break;
      case 'finish':
        lane.disk.finish(step.which % Math.max(1, lane.disk.held));
        break;
      case 'up':
        lane.collector.up();
        break;
      case 'down':
        lane.collector.down();
        break;
      case 'hold':
        lane.disk.hold();
        this.#freeSinceMs = Infinity;
        break;
      case 'release':
        lane.disk.release();
        if (this.#freeSinceMs === Infinity) this.#freeSinceMs = lane.timers.now();
        break;
      case 'save':
        lane.shipper.flushSync(100);
        break;
      case 'cut':
        this.#cut();
        break;
    }
    await this.lane.timers.pass(0);
    this.#promiseOld();
    this.lane.balance();
  }

  /** Everything works again for as long as it takes. */
  async settle(): Promise<void> {
    this.lane.collector.up();
    this.lane.disk.release();
    for (let i = 0; i < 100 && (i < 3 || this.lane.shipper.pending > 0 || this.lane.backlog.hasMore); i++) {
      await this.lane.timers.pass(40_000);
    }
  }

  #log(name: string): void {
    const { lane } = this;
    this.logged.add(name);
    assert.ok(lane.emit(name), 'there is room for all');
    this.#recent.push({ name, atMs: lane.timers.now() });
    if (this.#options.mode === 'sync' && this.#options.fsync === 'always') this.synced.add(name);
  }

  /**
   * By then they are on the medium: the window, or two, for one that just missed its turn, and what `interval` waits.
   * A disk that is slow promises nothing.
   */
  #promiseOld(): void {
    const { mode, fsync } = this.#options;
    const windowMs = mode === 'sync' ? 0 : 2 * WINDOW_MS;
    if (fsync === 'never') return;
    const marginMs = fsync === 'always' ? windowMs : windowMs + INTERVAL_MS + 2 * WINDOW_MS;
    const now = this.lane.timers.now();
    this.#recent = this.#recent.filter(({ name, atMs }) => {
      if (now - Math.max(atMs, this.#freeSinceMs) < marginMs) return true;
      this.synced.add(name);
      return false;
    });
  }

  #cut(): void {
    const { lane } = this;
    this.cuts++;
    this.#recent = [];
    const timers = new FakeTimers();
    const disk = lane.disk.cut(this.#random);
    const folders = new Set(disk.paths().map((path) => path.slice(0, path.lastIndexOf('/'))));
    folders.delete('/spool/quarantine');
    this.lane = new DiskLane({
      ...this.#options,
      disk,
      collector: lane.collector,
      timers,
      folder: `/spool/${this.cuts + 1}`,
    });
    this.#freeSinceMs = timers.now();
    void this.lane.backlog.adopt([...folders].sort());
  }
}

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function cutAndReplay(mode: 'disk' | 'sync', fsync: 'never' | 'interval' | 'always'): Promise<void> {
  const options = { mode, fsync, batchRecords: 10 };
  return fc.assert(
    fc.asyncProperty(events, fc.nat(), async (list, seed) => {
      const machine = new Machine(options, seeded(seed));
      for (const step of [...list, { do: 'cut' as const }]) await machine.run(step);
      await machine.settle();
      const { received } = machine.lane.collector;
      const arrived = new Set(received);
      const lost = [...machine.synced].filter((name) => !arrived.has(name));
      assert.deepEqual(lost, [], 'synced, and has not arrived');
      for (const name of arrived) assert.ok(machine.logged.has(name), `${name} arrived, and nobody logged it`);
      const { pending, replayed, delivered, dropped } = machine.lane.balance();
      assert.equal(pending, 0, 'something is pending though everything works');
      // What stood on the medium in part, or behind what did not come to stand there, is counted and not sent.
      const reasons = Object.keys(dropped).filter((reason) => !/^spool_(damaged|missing)$/.test(reason));
      assert.deepEqual(reasons, []);
      assert.equal(replayed, delivered + Object.values(dropped).reduce((sum, count) => sum + count, 0));
      assert.equal(machine.lane.disk.openFiles, 0, 'files are open though nothing is in them');
    }),
    { numRuns: RUNS },
  );
}

describe('fault 9 the power is cut: writes that were not synced are dropped, reordered, torn at 512 bytes', () => {
  test('R8.3 fault 9 sync, fsync always: each record whose call returned survives', () =>
    cutAndReplay('sync', 'always'));

  test('R8.3 fault 9 disk, fsync always: each record older than the window survives', () =>
    cutAndReplay('disk', 'always'));

  test('R8.3 fault 9 sync, fsync interval: each record but those of the last second survives', () =>
    cutAndReplay('sync', 'interval'));

  test('R8.3 fault 9 disk, fsync interval: each record but those of the last second survives', () =>
    cutAndReplay('disk', 'interval'));

  test('R8.3 fault 9 fsync never: whatever survives arrives whole, and what is found damaged is counted', () =>
    cutAndReplay('sync', 'never'));
});
