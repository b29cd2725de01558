import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startDiskCollector } from './disk-collector.ts';
import type { CollectorState, DiskCollector } from './disk-collector.ts';
import { BATCH_RECORDS, DiskLives } from './disk-lives.ts';
import { upTo } from './fault-app.ts';

/** Kills for each durability. Small enough for a test that runs with all others; 200 for whoever wants to be sure. */
const ROUNDS = Number(process.env.SPANLOG_KILL_ROUNDS ?? 5);
const STATES = ['up', 'slow', 'slow', 'away', 'gone', 'deaf'] as const;
/** What `docs/delivery.md` says may be lost, as long as the event loop turns. */
const WINDOW_MS = 100;
/** A turn of the loop that takes longer counts as this: nothing is promised for a loop that does not turn. */
const LONGEST_TURN_MS = 10;

/** What an application noted of itself: see apps/disk-kill.ts. */
interface Progress {
  /** Calls that returned. */
  readonly returned: number;
  /** Records that were older than the window when it was killed. */
  readonly older: number;
}

function progressOf(file: string): Progress {
  const notes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (notes.length < 4 + 12) return { returned: 0, older: 0 };
  let turnedMs = 0;
  let later = Infinity;
  for (let at = notes.length - ((notes.length - 4) % 12) - 12; at >= 4; at -= 12) {
    const atMs = notes.readDoubleLE(at);
    if (later !== Infinity) turnedMs += Math.min(LONGEST_TURN_MS, later - atMs);
    if (turnedMs >= WINDOW_MS) return { returned: notes.readUInt32LE(0), older: notes.readUInt32LE(at + 8) };
    later = atMs;
  }
  return { returned: notes.readUInt32LE(0), older: 0 };
}

/** One life that ends at a random moment, now and then while it starts. */
async function live(lives: DiskLives, life: number): Promise<Progress> {
  const { collector, directory } = lives;
  const file = join(directory, `progress-${life}`);
  const child = lives.start('disk-kill', life, file);
  if (Math.random() < 0.15) await delay(Math.random() * 400);
  else {
    await child.said('started');
    await delay(Math.random() * 150);
    collector.become(anyState());
    await delay(Math.random() * 250);
  }
  await lives.kill(child);
  collector.become(anyState());
  return progressOf(file);
}

function anyState(): CollectorState {
  return STATES[Math.floor(Math.random() * STATES.length)] as CollectorState;
}

/** Asserts that no uid is of two records, and no record has two, however often it arrives. */
function assertOneUidEach({ arrivals }: DiskCollector): void {
  const uids = new Map<string, string>();
  const keys = new Map<string, string>();
  for (const { key, uid } of arrivals) {
    assert.match(uid, /^[0-9A-Z]{26}$/);
    assert.equal(uids.get(key) ?? uid, uid, `${key} has arrived with two uids`);
    assert.equal(keys.get(uid) ?? key, key, `the uid ${uid} is of two records`);
    uids.set(key, uid);
    keys.set(uid, key);
  }
}

async function killAndReplay(
  t: TestContext,
  durability: 'disk' | 'sync',
  promisedOf: (progress: Progress) => number,
): Promise<void> {
  const collector = await startDiskCollector(t);
  const lives = new DiskLives(t, collector, { durability });
  const progress: Progress[] = [];
  for (let life = 0; life < ROUNDS; life++) progress.push(await live(lives, life));

  collector.become('up');
  const arrivedBefore = collector.arrivals.length;
  const { otlp } = await lives.drain(ROUNDS, 100);
  const counts = collector.counts();
  const twice = collector.arrivals.length - counts.size;
  const logged = progress.reduce((sum, { returned }) => sum + returned, 100);
  const promised = progress.flatMap((noted, life) => upTo(promisedOf(noted)).map((i) => `${life}:${i}`));
  const lost = promised.filter((key) => !counts.has(key));
  t.diagnostic(
    `${durability}: ${ROUNDS} kills, ${logged} logged, ${promised.length} promised, ${lost.length} of them lost, ` +
      `${counts.size} arrived, ${twice} twice; dropped by the last life: ${JSON.stringify(otlp.dropped)}`,
  );

  assert.deepEqual(lost, [], 'promised, and did not arrive');
  assert.ok(twice <= ROUNDS * BATCH_RECORDS, `${twice} arrived twice after ${ROUNDS} kills`);
  assertOneUidEach(collector);
  for (const i of upTo(100)) assert.equal(counts.get(`${ROUNDS}:${i}`), 1, 'the last life was not killed');
  // Every record that was sent has one account or another: this one's is of what the last life sent.
  const { emitted, replayed, delivered, pending, rejected, dropped } = otlp;
  const damaged = dropped.spool_damaged ?? 0;
  assert.deepEqual({ pending, rejected, dropped }, { pending: 0, rejected: 0, dropped: damaged > 0 ? { spool_damaged: damaged } : {} }); // prettier-ignore
  assert.ok(damaged <= ROUNDS, 'a kill can tear the one record that is being written');
  assert.equal(delivered, collector.arrivals.length - arrivedBefore + (emitted - 100));
  assert.equal(replayed + emitted, delivered + damaged);
}

describe(
  `R8.3 fault 1 kill -9 at ${ROUNDS} random moments, and a collector that comes and goes`,
  { concurrency: true },
  () => {
    test('R8.3 fault 1 sync: each record whose call returned arrives, at most one batch twice for each kill', (t) =>
      killAndReplay(t, 'sync', ({ returned }) => returned));

    test('R8.3 fault 1 disk: each record older than the window arrives, at most one batch twice for each kill', (t) =>
      killAndReplay(t, 'disk', ({ older }) => older));
  },
);
