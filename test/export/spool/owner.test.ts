import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { CONFIRM_MS, EXPIRY_MS, HEARTBEAT_MS } from '../../../src/export/spool/liveness.ts';
import { listSpool } from '../../../src/export/spool/list.ts';
import type { OwnedFolder } from '../../../src/export/spool/owner.ts';
import { SpoolFolderError } from '../../../src/export/spool/root.ts';
import { FakeTimers } from '../fake-timers.ts';
import { claim, GROUP, identityOf, putSegment, ShiftedClock, tempDirectory } from './actors.ts';

/** Where `owner`'s folder is once `adopter` has it. */
const inside = (adopter: OwnedFolder, owner: OwnedFolder): string =>
  join(adopter.path, `adopted-${basename(owner.path)}`);
const ownersIn = (folder: OwnedFolder): string[] =>
  fs.readdirSync(dirname(folder.path)).filter((name) => name !== 'group.json');
/** A process of its own, gone unless its pid is in `running`. */
const processOf = (pid: number, running: readonly number[] = []): ReturnType<typeof identityOf> =>
  identityOf({ pid }, new Set(running));

/** Waits for what the file system is to bring. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `it never came: ${String(condition)}`);
    await new Promise(setImmediate);
  }
}

function claimWithSegment(...args: Parameters<typeof claim>): OwnedFolder {
  const folder = claim(...args);
  putSegment(folder.path);
  return folder;
}

describe('R8.3 a released folder', () => {
  test('R8.3 is gone when nothing is in it', (t) => {
    const folder = claim(tempDirectory(t), identityOf());
    folder.release();
    assert.deepEqual(ownersIn(folder), []);
    folder.release();
  });

  test('R8.3 with records is adopted at once, though its process lives on', async (t) => {
    const directory = tempDirectory(t);
    const left = claimWithSegment(directory, processOf(1));
    left.release();
    const next = claim(directory, processOf(2, [1, 2]));
    assert.deepEqual(await next.adopt(), [inside(next, left)]);
    assert.deepEqual(fs.readdirSync(inside(next, left)).sort(), ['00000001-1-00000001.seg', 'left.json']);
    assert.deepEqual(await next.adopt(), []);
  });

  test('R8.3 takes along what it adopted and did not finish', async (t) => {
    const directory = tempDirectory(t);
    const first = claimWithSegment(directory, processOf(1));
    const second = claim(directory, processOf(2, [2]));
    await second.adopt();
    second.release();
    const third = claim(directory, processOf(3, [2, 3]));
    assert.deepEqual(await third.adopt(), [inside(third, first)]);
    assert.deepEqual(fs.readdirSync(third.path).sort(), [basename(inside(third, first)), 'owner.json']);
  });

  test('R8.3 is gone with the adopted folders that were emptied', async (t) => {
    const directory = tempDirectory(t);
    const first = claimWithSegment(directory, processOf(1));
    const second = claim(directory, processOf(2, [2]));
    const [adopted = ''] = await second.adopt();
    assert.equal(second.removeAdopted(adopted), false);
    fs.rmSync(join(adopted, '00000001-1-00000001.seg'));
    second.release();
    assert.deepEqual(ownersIn(first), []);
  });

  test('R8.3 beats no more, adopts nothing, and is not lost', async (t) => {
    const directory = tempDirectory(t);
    const timers = new FakeTimers();
    const folder = claim(directory, processOf(1), new ShiftedClock(), timers);
    folder.onLost = () => assert.fail('it was given up');
    claimWithSegment(directory, processOf(2));
    folder.release();
    assert.equal(timers.pending, 0);
    assert.equal(await folder.heartbeat(), false);
    assert.deepEqual(await folder.adopt(), []);
  });
});

describe('R8.3 adopting', () => {
  test('R8.3 the oldest comes first, those that an ended adopter had among them', async (t) => {
    const directory = tempDirectory(t);
    const clock = new ShiftedClock();
    const owners: OwnedFolder[] = [];
    for (const pid of [1, 2, 3, 4]) {
      clock.pass(1_000);
      owners.push(claimWithSegment(directory, processOf(pid), clock));
    }
    const [one, two, three, four] = owners as [OwnedFolder, OwnedFolder, OwnedFolder, OwnedFolder];
    const living = [1, 3, 9];
    clock.pass(1_000);
    const between = claimWithSegment(directory, processOf(5, [...living, 2]), clock);
    assert.deepEqual(await between.adopt(), [inside(between, four)]);
    clock.pass(1_000);
    const last = claim(directory, processOf(9, living), clock);
    assert.deepEqual(await last.adopt(), [inside(last, two), inside(last, four), inside(last, between)]);
    assert.deepEqual(fs.readdirSync(inside(last, between)).sort(), ['00000001-1-00000001.seg', 'owner.json']);
    assert.deepEqual(ownersIn(last).sort(), [one, three, last].map(({ path }) => basename(path)).sort());
  });

  test('R8.3 through any number of adopters that died over it', async (t) => {
    const directory = tempDirectory(t);
    let newest = claimWithSegment(directory, processOf(1));
    const expected: OwnedFolder[] = [];
    for (let pid = 2; pid < 12; pid++) {
      expected.push(newest);
      newest = claimWithSegment(directory, processOf(pid, [pid]));
      // What a crash between the rename and the lifting leaves: the folders one in the other.
      fs.renameSync((expected.at(-1) as OwnedFolder).path, inside(newest, expected.at(-1) as OwnedFolder));
    }
    expected.push(newest);
    const last = claim(directory, processOf(99, [99]));
    const adopted = await last.adopt();
    assert.deepEqual(adopted.toSorted(), expected.map((owner) => inside(last, owner)).toSorted());
    for (const path of adopted) {
      assert.deepEqual(fs.readdirSync(path).sort(), ['00000001-1-00000001.seg', 'owner.json']);
    }
  });

  test('R8.3 never across groups', async (t) => {
    const directory = tempDirectory(t);
    for (const other of [{ service: 'bank' }, { destination: 'audit' }]) {
      claimWithSegment(directory, processOf(1), undefined, undefined, { ...GROUP, ...other });
    }
    assert.deepEqual(await claim(directory, processOf(2)).adopt(), []);
  });

  test('R8.3 an empty folder is removed instead', async (t) => {
    const directory = tempDirectory(t);
    claim(directory, processOf(1));
    const next = claim(directory, processOf(2));
    assert.deepEqual(await next.adopt(), []);
    assert.deepEqual(ownersIn(next), [basename(next.path)]);
    assert.deepEqual(fs.readdirSync(next.path), ['owner.json']);
  });

  test('R8.3 an adopted folder is removed when it was emptied, and no other one ever', async (t) => {
    const directory = tempDirectory(t);
    const dead = claimWithSegment(directory, processOf(1));
    const next = claim(directory, processOf(2, [2, 3]));
    const other = claim(directory, processOf(3, [2, 3]));
    const [adopted = ''] = await next.adopt();
    assert.equal(adopted, inside(next, dead));
    assert.equal(next.removeAdopted(other.path), false);
    assert.equal(next.removeAdopted(adopted), false);
    fs.rmSync(join(adopted, '00000001-1-00000001.seg'));
    assert.equal(next.removeAdopted(adopted), true);
    assert.equal(fs.existsSync(adopted), false);
    assert.equal(fs.existsSync(other.path), true);
  });

  test('R8.6 links, files and other users’ folders are left where they are', async (t) => {
    const directory = tempDirectory(t);
    const outside = join(directory, 'outside');
    fs.mkdirSync(join(outside, 'adopted-precious'), { recursive: true });
    putSegment(join(outside, 'adopted-precious'));
    const dead = claimWithSegment(directory, processOf(1));
    fs.symlinkSync(outside, join(dead.path, 'adopted-link'));
    const group = dirname(dead.path);
    fs.symlinkSync(outside, join(group, 'link'));
    fs.writeFileSync(join(group, 'file'), '');
    if (process.geteuid?.() === 0) {
      fs.mkdirSync(join(group, 'foreign'));
      fs.chownSync(join(group, 'foreign'), 65_534, 65_534);
    }
    const clock = new ShiftedClock();
    clock.pass(EXPIRY_MS * 10);
    const before = fs.readdirSync(group).filter((name) => name !== basename(dead.path));
    const next = claim(directory, processOf(2), clock);
    assert.deepEqual(await next.adopt(), [inside(next, dead)]);
    assert.deepEqual(fs.readdirSync(group).sort(), [...before, basename(next.path)].sort());
    assert.deepEqual(fs.readdirSync(outside), ['adopted-precious']);
  });

  test('R8.6 what a claim left that died over it is removed after a minute', async (t) => {
    const directory = tempDirectory(t);
    const clock = new ShiftedClock();
    const folder = claim(directory, processOf(1, [1]), clock);
    const group = dirname(folder.path);
    fs.mkdirSync(join(group, '.a-1-1-00.tmp'));
    fs.writeFileSync(join(group, '.a-1-1-00.tmp', 'owner.json'), '{');
    fs.mkdirSync(join(group, '.b-1-1-00.tmp'));
    fs.writeFileSync(join(group, '.group-00.tmp'), '');
    await folder.adopt();
    assert.equal(fs.readdirSync(group).filter((name) => name.endsWith('.tmp')).length, 3);
    clock.pass(EXPIRY_MS + 1_000);
    await folder.adopt();
    assert.deepEqual(fs.readdirSync(group).sort(), ['group.json', basename(folder.path)].sort());
  });

  test('R8.6 an owner on another machine only after two looks, whatever its clock says', async (t) => {
    const directory = tempDirectory(t);
    const away = identityOf({ bootId: 'boot-2', host: 'elsewhere' });
    const owner = claimWithSegment(directory, away);
    const clock = new ShiftedClock();
    // An hour off, though all the while it lives.
    clock.wallShiftMs = 3_600_000;
    const next = claim(directory, processOf(2, [2]), clock);
    for (let i = 0; i < 10; i++) {
      assert.deepEqual(await next.adopt(), []);
      clock.pass(CONFIRM_MS);
      assert.equal(await owner.heartbeat(), true);
    }
    assert.deepEqual(await next.adopt(), []);
    clock.pass(CONFIRM_MS - 1_000);
    assert.deepEqual(await next.adopt(), []);
    clock.pass(1_000);
    assert.deepEqual(await next.adopt(), [inside(next, owner)]);
  });

  test('R8.6 two calls at once return each folder once', async (t) => {
    const directory = tempDirectory(t);
    const dead = [1, 2, 3].map((pid) => claimWithSegment(directory, processOf(pid)));
    const next = claim(directory, processOf(9));
    const returned = (await Promise.all([next.adopt(), next.adopt()])).flat();
    assert.deepEqual(returned.toSorted(), dead.map((owner) => inside(next, owner)).toSorted());
  });

  test('R8.6 a release in the middle of it leaves every folder whole, for the next', async (t) => {
    const directory = tempDirectory(t);
    const dead = [1, 2, 3, 4, 5].map((pid) => claimWithSegment(directory, processOf(pid)));
    // Some turns of the loop later each time.
    for (let turns = 0; turns < 40; turns++) {
      const folder = claim(directory, processOf(9, [9]));
      const adopting = folder.adopt();
      for (let i = 0; i < turns; i++) await new Promise(setImmediate);
      folder.release();
      await adopting;
    }
    const last = claim(directory, processOf(9, [9]));
    const adopted = await last.adopt();
    assert.deepEqual(adopted.toSorted(), dead.map((owner) => inside(last, owner)).toSorted());
    assert.deepEqual(ownersIn(last), [basename(last.path)]);
  });
});

describe('R8.6 the heartbeat', () => {
  test('R8.6 comes every five seconds, and keeps no process alive', async (t) => {
    const timers = new FakeTimers();
    const clock = new ShiftedClock();
    const { path } = claim(tempDirectory(t), identityOf(), clock, timers);
    const beat = (): number => (JSON.parse(fs.readFileSync(join(path, 'owner.json'), 'utf8')) as { beat: number }).beat;
    for (let i = 0; i < 3; i++) {
      const before = beat();
      clock.pass(HEARTBEAT_MS);
      await timers.pass(HEARTBEAT_MS);
      await until(() => beat() !== before);
      assert.ok(beat() - before >= HEARTBEAT_MS);
      assert.equal(timers.keepingAlive, 0);
      await until(() => timers.pending > 0);
    }
    assert.equal(fs.statSync(join(path, 'owner.json')).size, 2_048);
  });

  const LOSSES: readonly (readonly [fact: string, lose: (folder: OwnedFolder) => void])[] = [
    ['taken', ({ path }) => fs.renameSync(path, `${path}-2`)],
    ['deleted', ({ path }) => fs.rmSync(path, { recursive: true })],
    ['deleted with all of the spool', ({ path }) => fs.rmSync(dirname(dirname(path)), { recursive: true })],
  ];
  for (const [fact, lose] of LOSSES) {
    test(`R8.6 finds that the folder was ${fact}, says so once, and a new claim helps`, async (t) => {
      const directory = tempDirectory(t);
      const timers = new FakeTimers();
      const folder = claim(directory, identityOf(), new ShiftedClock(), timers);
      let lost = 0;
      folder.onLost = () => lost++;
      lose(folder);
      await timers.pass(HEARTBEAT_MS);
      await until(() => lost > 0);
      assert.equal(await folder.heartbeat(), false);
      await timers.pass(HEARTBEAT_MS * 3);
      assert.deepEqual([lost, timers.pending], [1, 0]);
      assert.deepEqual(await folder.adopt(), []);
      folder.release();
      assert.equal(fs.existsSync(folder.path), false);
      assert.equal(await claim(directory, identityOf()).heartbeat(), true);
    });
  }

  test('R8.6 writes owner.json anew when a cleaner of old files took that alone', async (t) => {
    const folder = claim(tempDirectory(t), identityOf());
    const before = JSON.parse(fs.readFileSync(join(folder.path, 'owner.json'), 'utf8')) as { pid: number };
    fs.unlinkSync(join(folder.path, 'owner.json'));
    folder.onLost = () => assert.fail('it was given up');
    assert.equal(await folder.heartbeat(), true);
    const after = JSON.parse(fs.readFileSync(join(folder.path, 'owner.json'), 'utf8')) as { pid: number };
    assert.equal(after.pid, before.pid);
  });
});

test('R8.6 a heartbeat keeps cleaners of old files from the marker and group.json, and makes anew what they took', async (t) => {
  const directory = tempDirectory(t);
  const owner = claim(directory, identityOf());
  const group = dirname(owner.path);
  const files = [join(dirname(group), 'spanlog-format'), join(group, 'group.json')];
  const before = files.map((path) => fs.readFileSync(path, 'utf8'));
  const old = new Date(Date.now() - 864_000_000);
  for (const path of files) fs.utimesSync(path, old, old);
  assert.equal(await owner.heartbeat(), true);
  for (const path of files) assert.ok(Date.now() - fs.statSync(path).mtimeMs < 60_000, path);
  for (const path of files) {
    fs.rmSync(path);
    assert.equal(await owner.heartbeat(), true);
    assert.deepEqual(
      files.map((file) => fs.readFileSync(file, 'utf8')),
      before,
    );
  }
});

test('R8.3 the spool lists its groups, and what lies in them of which owner', async (t) => {
  const directory = tempDirectory(t);
  const dead = claim(directory, processOf(1));
  putSegment(dead.path, 100);
  const clock = new ShiftedClock();
  const owner = claim(directory, processOf(2, [2]), clock);
  putSegment(owner.path, 20);
  await owner.adopt();
  const left = claim(directory, processOf(3));
  putSegment(left.path, 3);
  left.release();
  const ended = claim(directory, processOf(4));
  fs.symlinkSync('owner.json', join(ended.path, '00000001-1-00000001.seg'));
  fs.symlinkSync(dead.path, join(dirname(ended.path), 'link'));
  const silent = claim(directory, identityOf({ bootId: 'boot-2', host: 'elsewhere' }));
  clock.pass(EXPIRY_MS * 2);

  const listed = await listSpool(directory, processOf(9, [2]), clock);
  const expected = [
    { path: owner.path, state: 'running', bytes: 120, segments: 2 },
    { path: left.path, state: 'left', bytes: 3, segments: 1 },
    { path: ended.path, state: 'ended', bytes: 0, segments: 0 },
    { path: silent.path, state: 'ended', bytes: 0, segments: 0 },
  ];
  expected.sort((a, b) => (a.path < b.path ? -1 : 1));
  assert.deepEqual(listed, [{ group: GROUP, groupPath: dirname(owner.path), owners: expected }]);
});

test('R8.6 a claim that is swept away while it is made is made again', (t) => {
  const directory = tempDirectory(t);
  let sweeps = 0;
  const swept = (times: number): ShiftedClock =>
    // The clock is asked between the folder and its file.
    Object.assign(new ShiftedClock(), {
      bootMs(): number {
        if (sweeps++ < times) fs.rmSync(join(directory, fs.readdirSync(directory)[0] ?? ''), { recursive: true });
        return 0;
      },
    });
  const folder = claim(directory, identityOf(), swept(2));
  assert.deepEqual(fs.readdirSync(folder.path), ['owner.json']);
  sweeps = 0;
  assert.throws(() => claim(directory, identityOf(), swept(3)), SpoolFolderError);
});

test('R8.6 a claim that fails leaves nothing behind', (t) => {
  const directory = tempDirectory(t);
  const other = claim(directory, identityOf());
  // Asked for when the folder is made and its file is not.
  const failing = Object.assign(new ShiftedClock(), { bootMs: () => assert.fail('no clock') });
  assert.throws(() => claim(directory, identityOf(), failing), SpoolFolderError);
  assert.deepEqual(ownersIn(other), [basename(other.path)]);
});
