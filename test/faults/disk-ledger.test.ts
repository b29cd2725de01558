import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DiskLane } from '../export/spool/disk-lane.ts';
import type { DiskLaneOptions } from '../export/spool/disk-lane.ts';
import { FakeTimers } from '../export/fake-timers.ts';
import { delivered, refused, retry, tooLarge } from '../export/lane.ts';

/** What happens to a process, its collector and its disk. */
type Event =
  | { readonly do: 'log'; readonly count: number; readonly severity: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'collector'; readonly is: CollectorState }
  | { readonly do: 'disk'; readonly is: string }
  | { readonly do: 'hold' | 'release' | 'flush' | 'save' | 'kill' | 'end' }
  | { readonly do: 'finish'; readonly which: number };

type CollectorState = 'up' | 'down' | 'slow' | 'forgetful' | 'narrow' | 'strict';

const PACE: Event[] = [{ do: 'pass', ms: 1_000 }];
const BATCH_RECORDS = 10;

const log = fc.record({
  do: fc.constant('log' as const),
  count: fc.integer({ min: 1, max: 35 }),
  severity: fc.constantFrom(5, 9, 17),
});
const pass = fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 20, 60, 1_000, 5_000, 40_000) });
const collector = (...states: CollectorState[]): fc.Arbitrary<Event> =>
  fc.record({ do: fc.constant('collector' as const), is: fc.constantFrom(...states) });
const plain = (...names: ('hold' | 'release' | 'flush' | 'save' | 'kill' | 'end')[]): fc.Arbitrary<Event> =>
  fc.record({ do: fc.constantFrom(...names) });
const finish = fc.record({ do: fc.constant('finish' as const), which: fc.nat(5) });
const disk = fc.record({ do: fc.constant('disk' as const), is: fc.constantFrom('sound', 'ENOSPC', 'EIO', 'EMFILE') });

const padding = fc.constantFrom(0, 0, 500, 6_000);

/** Processes that follow one another on one disk, each taking over what the one before left. */
class Lives {
  lane: DiskLane;
  /** Every name that was logged. */
  readonly logged: string[] = [];
  /** Those that have to arrive. */
  readonly promised: string[] = [];
  kills = 0;
  readonly #options: DiskLaneOptions;
  readonly #random: () => number;
  readonly #padding: string;
  /** Records that earlier lives counted as lost. */
  lost = 0;
  #isHealthy = true;

  /** @param padding bytes that make each record so much longer, and segments more */
  constructor(options: DiskLaneOptions, random: () => number, padding: number) {
    this.#options = { batchRecords: BATCH_RECORDS, ...options };
    this.#random = random;
    this.#padding = '.'.repeat(padding);
    this.lane = new DiskLane(this.#options);
  }

  async run(event: Event): Promise<void> {
    const { lane } = this;
    switch (event.do) {
      case 'log':
        for (let i = 0; i < event.count; i++) {
          const name = `r${this.logged.length}${this.#padding}`;
          this.logged.push(name);
          const wasTaken = lane.emit(name, event.severity);
          if (wasTaken && this.#options.mode === 'sync' && this.#isHealthy) this.promised.push(name);
        }
        break;
      case 'pass':
        await lane.timers.pass(event.ms);
        break;
      case 'collector':
        this.#become(event.is);
        break;
      case 'disk':
        this.#isHealthy = event.is === 'sound';
        lane.disk.failing = ({ name }) =>
          event.is === 'sound' || (event.is === 'ENOSPC' && !/create|^write/.test(name)) ? undefined : event.is;
        break;
      case 'hold':
        lane.disk.hold();
        break;
      case 'finish':
        lane.disk.finish(event.which % Math.max(1, lane.disk.held));
        break;
      case 'release':
        lane.disk.release();
        break;
      case 'flush':
        void lane.shipper.flush(10_000);
        break;
      case 'save':
        lane.shipper.flushSync(100);
        break;
      case 'kill':
        this.kills++;
        this.#next(lane.disk.killed(this.#random));
        break;
      case 'end': {
        lane.disk.release();
        const ended = lane.shipper.shutdown(1_000);
        await lane.timers.pass(60_000);
        await ended;
        lane.balance();
        assert.equal(lane.disk.openFiles, 0, 'files are open after the end');
        this.#next(lane.disk.killed(this.#random));
        break;
      }
    }
    await this.lane.timers.pass(0);
    this.lane.balance();
    assert.ok(this.lane.spool.bytes <= (this.#options.maxBytes ?? Infinity));
  }

  /** Everything works again for as long as it takes. */
  async settle(): Promise<void> {
    this.#become('up');
    this.lane.disk.failing = () => undefined;
    this.lane.disk.release();
    for (let i = 0; i < 100 && (i < 3 || this.lane.shipper.pending > 0 || this.lane.backlog.hasMore); i++) {
      await this.lane.timers.pass(40_000);
    }
    const { pending } = this.lane.balance();
    assert.equal(pending, 0, 'something is pending though everything works');
    assert.equal(this.lane.backlog.hasMore, false);
  }

  #become(state: CollectorState): void {
    const { collector } = this.lane;
    switch (state) {
      case 'up':
        collector.answer = () => delivered;
        break;
      case 'down':
        collector.answer = () => retry();
        break;
      case 'slow':
        collector.answer = () => new Promise((resolve) => this.lane.timers.after(300, () => resolve(delivered), false));
        break;
      case 'forgetful':
        collector.answer = (names) => {
          if (this.#random() < 0.5) return delivered;
          collector.received.push(...names);
          return retry('disconnected');
        };
        break;
      case 'narrow':
        collector.answer = (names) => (names.length > 3 ? tooLarge : delivered);
        break;
      case 'strict':
        collector.answer = (names) => (names.some((name) => /7\.*$/.test(name)) ? refused('http_400') : delivered);
        break;
    }
  }

  #next(disk: DiskLane['disk']): void {
    const { lane } = this;
    this.lost += Object.values(lane.balance().dropped).reduce((sum, count) => sum + count, 0);
    this.#isHealthy = true;
    const next = new DiskLane({
      ...this.#options,
      disk,
      collector: lane.collector,
      timers: new FakeTimers(),
      folder: `${lane.folder}+`,
    });
    const folders = new Set(disk.paths().map((path) => path.slice(0, path.lastIndexOf('/'))));
    folders.delete('/spool/quarantine');
    this.lane = next;
    void next.backlog.adopt([...folders].sort());
  }

  /** Asserts that nothing came from nowhere, and returns how many records arrived more than once. */
  arrived(): number {
    const { received } = this.lane.collector;
    const once = new Set(received);
    const logged = new Set(this.logged);
    for (const name of once) assert.ok(logged.has(name), `${name} arrived, and nobody logged it`);
    return received.length - once.size;
  }
}

function eventsOf(
  ...kinds: { readonly arbitrary: fc.Arbitrary<Event>; readonly weight: number }[]
): fc.Arbitrary<Event[]> {
  return fc.array(fc.oneof(...kinds), { minLength: 5, maxLength: 60 });
}

/** Small enough for a test that runs with all others; the second for whoever looks for more. */
const RUNS = Number(process.env.SPANLOG_PROPERTY_RUNS ?? 150);

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('R8.1 the ledger balances at every moment', () => {
  test('R8.3 with a sound disk: what was promised arrives, at most one batch twice at each kill', async () => {
    const events = eventsOf(
      { arbitrary: log, weight: 6 },
      { arbitrary: pass, weight: 5 },
      { arbitrary: collector('up', 'up', 'down', 'slow', 'narrow'), weight: 2 },
      { arbitrary: plain('hold', 'release', 'flush', 'kill'), weight: 3 },
      { arbitrary: finish, weight: 3 },
    );
    await fc.assert(
      fc.asyncProperty(events, fc.nat(), padding, async (list, seed, bytes) => {
        const lives = new Lives({ mode: 'sync', queueBytes: 100_000 + 35 * 60 * bytes }, seeded(seed), bytes);
        for (const event of [...list, ...PACE]) await lives.run(event);
        await lives.settle();
        const twice = lives.arrived();
        const received = new Set(lives.lane.collector.received);
        for (const name of lives.promised) assert.ok(received.has(name), `${name} was promised and has not arrived`);
        assert.ok(twice <= lives.kills * BATCH_RECORDS, `${twice} arrived twice after ${lives.kills} kills`);
      }),
      { numRuns: RUNS },
    );
  });

  test('R8.6 with everything failing in turn: nothing is lost that is not counted', async () => {
    const events = eventsOf(
      { arbitrary: log, weight: 8 },
      { arbitrary: pass, weight: 6 },
      { arbitrary: collector('up', 'up', 'down', 'slow', 'narrow', 'forgetful', 'strict'), weight: 3 },
      { arbitrary: disk, weight: 2 },
      { arbitrary: plain('hold', 'release', 'flush', 'end'), weight: 3 },
      { arbitrary: finish, weight: 3 },
    );
    const options: fc.Arbitrary<DiskLaneOptions> = fc.record({
      mode: fc.constantFrom('disk' as const, 'sync' as const, 'spill' as const),
      fsync: fc.constantFrom('never' as const, 'interval' as const, 'always' as const),
      dropOldest: fc.boolean(),
      maxBytes: fc.constantFrom(20_000, 100_000, 1_000_000),
      queueBytes: fc.constantFrom(150, 1_000, 100_000),
    });
    await fc.assert(
      fc.asyncProperty(events, options, fc.nat(), padding, async (list, chosen, seed, bytes) => {
        const queueBytes = (chosen.queueBytes ?? 0) + bytes * 40;
        const lives = new Lives({ ...chosen, queueBytes }, seeded(seed), bytes);
        for (const event of [...list, ...PACE]) await lives.run(event);
        await lives.settle();
        const { dropped } = lives.lane.balance();
        const lost = lives.lost + Object.values(dropped).reduce((sum, count) => sum + count, 0);
        const missing = lives.logged.length - new Set(lives.lane.collector.received).size;
        assert.ok(missing <= lost, `${missing} have not arrived, and ${lost} are counted as lost`);
      }),
      { numRuns: RUNS },
    );
  });
});
