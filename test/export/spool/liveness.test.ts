import assert from 'node:assert/strict';
import { readFileSync, renameSync, symlinkSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Identity } from '../../../src/export/spool/identity.ts';
import { EXPIRY_MS, judge } from '../../../src/export/spool/liveness.ts';
import type { OwnerState } from '../../../src/export/spool/liveness.ts';
import { claim, identityOf, ShiftedClock, tempDirectory } from './actors.ts';

const DAY_MS = 86_400_000;
const EXPIRED_MS = EXPIRY_MS + 1_000;
const FRESH_MS = EXPIRY_MS - 5_000;

interface Row {
  readonly fact: string;
  readonly owner?: Partial<Identity>;
  readonly observer?: Partial<Identity>;
  /** Whether the observer finds a process of the owner's pid. */
  readonly found: boolean;
  /** What passed since the last heartbeat. */
  readonly wallMs: number;
  readonly bootMs: number;
  readonly state: OwnerState;
}

const after = (ms: number): { wallMs: number; bootMs: number } => ({ wallMs: ms, bootMs: ms });
const OTHER_CONTAINER = { host: 'box', pidNamespace: 'pid:[2]' };
const OTHER_BOOT = { bootId: 'boot-2' };
const OTHER_MACHINE = { bootId: 'boot-2', host: 'elsewhere' };
const NO_PROC = { bootId: null, pidNamespace: null, startTime: null };

const ROWS: readonly Row[] = [
  { fact: 'whose process is gone has ended at once', found: false, ...after(0), state: 'ended' },
  { fact: 'whose process runs is alive a day after its heartbeat', found: true, ...after(DAY_MS), state: 'running' },
  {
    fact: 'that is another thread of a living process is alive',
    owner: { threadId: 3 },
    found: true,
    ...after(DAY_MS),
    state: 'running',
  },
  {
    fact: 'in another container is alive, though its pid is not ours',
    observer: OTHER_CONTAINER,
    found: false,
    ...after(FRESH_MS),
    state: 'running',
  },
  {
    fact: 'in another container has ended when silent, though its pid is ours',
    observer: OTHER_CONTAINER,
    found: true,
    ...after(EXPIRED_MS),
    state: 'ended',
  },
  {
    fact: 'in another container survives a clock that jumps ahead',
    observer: OTHER_CONTAINER,
    found: false,
    wallMs: DAY_MS,
    bootMs: 3_000,
    state: 'running',
  },
  {
    fact: 'in another container survives a clock that jumps back',
    observer: OTHER_CONTAINER,
    found: false,
    wallMs: -DAY_MS,
    bootMs: 3_000,
    state: 'running',
  },
  {
    fact: 'in another container has ended though the clock jumped back',
    observer: OTHER_CONTAINER,
    found: false,
    wallMs: -DAY_MS,
    bootMs: DAY_MS,
    state: 'ended',
  },
  {
    fact: 'of an earlier boot has ended when silent',
    observer: OTHER_BOOT,
    found: true,
    ...after(EXPIRED_MS),
    state: 'ended',
  },
  {
    fact: 'of an earlier boot is alive while its heartbeat is young',
    observer: OTHER_BOOT,
    found: false,
    ...after(FRESH_MS),
    state: 'running',
  },
  {
    fact: 'of an earlier boot does not live for good by a heartbeat in the future',
    observer: OTHER_BOOT,
    found: true,
    ...after(-EXPIRED_MS),
    state: 'ended',
  },
  {
    fact: 'on another machine is to be looked at twice when silent',
    observer: OTHER_MACHINE,
    found: false,
    ...after(EXPIRED_MS),
    state: 'silent',
  },
  {
    fact: 'on another machine whose clock is ahead is to be looked at twice',
    observer: OTHER_MACHINE,
    found: false,
    ...after(-EXPIRED_MS),
    state: 'silent',
  },
  {
    fact: 'on another machine is alive while its heartbeat is young',
    observer: OTHER_MACHINE,
    found: false,
    ...after(FRESH_MS),
    state: 'running',
  },
  {
    fact: 'without /proc has ended at once when its pid is gone',
    owner: NO_PROC,
    observer: NO_PROC,
    found: false,
    ...after(0),
    state: 'ended',
  },
  {
    fact: 'without /proc is alive while its pid is there',
    owner: NO_PROC,
    observer: NO_PROC,
    found: true,
    ...after(DAY_MS),
    state: 'running',
  },
  {
    fact: 'without /proc on another host is alive while its heartbeat is young',
    owner: NO_PROC,
    observer: { ...NO_PROC, host: 'mac' },
    found: false,
    ...after(FRESH_MS),
    state: 'running',
  },
  {
    fact: 'without /proc on another host is to be looked at twice when silent',
    owner: NO_PROC,
    observer: { ...NO_PROC, host: 'mac' },
    found: false,
    ...after(EXPIRED_MS),
    state: 'silent',
  },
];

describe('R8.6 fault 10 who lives and who has ended', () => {
  for (const { fact, owner, observer, found, wallMs, bootMs, state } of ROWS) {
    test(`R8.6 an owner ${fact}`, async (t) => {
      const clock = new ShiftedClock();
      const { path } = claim(tempDirectory(t), identityOf(owner), clock);
      clock.wallShiftMs = wallMs;
      clock.bootShiftMs = bootMs;
      const judged = await judge(path, identityOf(observer, new Set(found ? [100] : [])), clock);
      assert.equal(judged?.state, state);
    });
  }
});

const DAMAGES: readonly (readonly [fact: string, damage: (file: string) => void])[] = [
  ['missing', (file) => unlinkSync(file)],
  ['empty', (file) => truncateSync(file)],
  ['cut', (file) => truncateSync(file, 40)],
  ['no JSON', (file) => writeFileSync(file, '\0'.repeat(2_048))],
  ['null', (file) => writeFileSync(file, 'null')],
  ['of other types', (file) => writeFileSync(file, '{"format":1,"host":7,"pid":"1"}')],
];

describe('R8.6 an owner.json that tells nothing', () => {
  for (const [fact, damage] of DAMAGES) {
    test(`R8.6 one that is ${fact}: its folder is ended once it did not change for a minute`, async (t) => {
      const clock = new ShiftedClock();
      const { path } = claim(tempDirectory(t), identityOf(), clock);
      damage(join(path, 'owner.json'));
      const states: (OwnerState | undefined)[] = [];
      for (const shift of [0, FRESH_MS, EXPIRED_MS, -EXPIRED_MS]) {
        clock.wallShiftMs = shift;
        states.push((await judge(path, identityOf(), clock))?.state);
      }
      assert.deepEqual(states, ['running', 'running', 'ended', 'ended']);
    });
  }

  test('R8.6 one that cannot be read just now: its owner is alive', async (t) => {
    const clock = new ShiftedClock();
    const { path } = claim(tempDirectory(t), identityOf(), clock);
    unlinkSync(join(path, 'owner.json'));
    symlinkSync('owner.json', join(path, 'owner.json'));
    clock.pass(DAY_MS);
    assert.equal((await judge(path, identityOf(), clock))?.state, 'running');
  });

  test('R8.6 one of a newer version: its owner is alive, as far as this one knows', async (t) => {
    const clock = new ShiftedClock();
    const { path } = claim(tempDirectory(t), identityOf(), clock);
    const file = join(path, 'owner.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"format":1', '"format":2'));
    assert.equal((await judge(path, identityOf(), clock))?.state, 'running');
    renameSync(file, join(path, 'left.json'));
    assert.equal((await judge(path, identityOf(), clock))?.state, 'running');
  });
});

test('R8.6 a folder that was left is so whatever else is known of its owner', async (t) => {
  const clock = new ShiftedClock();
  const { path } = claim(tempDirectory(t), identityOf(), clock);
  renameSync(join(path, 'owner.json'), join(path, 'left.json'));
  assert.equal((await judge(path, identityOf({}, new Set([100])), clock))?.state, 'left');
  truncateSync(join(path, 'left.json'));
  assert.equal((await judge(path, identityOf({}, new Set([100])), clock))?.state, 'left');
});

test('R8.6 what is no folder is not judged', async (t) => {
  const directory = tempDirectory(t);
  const { path } = claim(directory, identityOf());
  symlinkSync(path, join(directory, 'link'));
  writeFileSync(join(directory, 'file'), '');
  for (const name of ['link', 'file', 'nothing']) {
    assert.equal(await judge(join(directory, name), identityOf(), new ShiftedClock()), undefined, name);
  }
});

test('R8.6 a heartbeat that could only touch the file still counts', async (t) => {
  const clock = new ShiftedClock();
  const { path } = claim(tempDirectory(t), identityOf(), clock);
  clock.pass(EXPIRED_MS);
  utimesSync(join(path, 'owner.json'), clock.wallMs() / 1_000, clock.wallMs() / 1_000);
  assert.equal((await judge(path, identityOf(OTHER_CONTAINER), clock))?.state, 'running');
});
