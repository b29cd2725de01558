import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { OnceDiag } from '../../../src/core/diag.ts';
import { Account } from '../../../src/core/ledger.ts';
import { openDisk } from '../../../src/export/spool/disk.ts';
import type { Disk, DiskParts, DiskSettings } from '../../../src/export/spool/disk.ts';
import { Queue } from '../../../src/export/queue.ts';
import { createShipper } from '../../../src/export/shipper.ts';
import type { Shipper } from '../../../src/export/shipper.ts';
import { SYSTEM_FILES } from '../../../src/export/spool/files.ts';
import { listSpool } from '../../../src/export/spool/list.ts';
import { spoolRoot } from '../../../src/export/spool/root.ts';
import { Collector } from './disk-lane.ts';
import { FakeTimers } from '../fake-timers.ts';
import { SCOPE } from '../lane.ts';
import { pushRecord } from '../push-record.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { GROUP, tempDirectory } from './actors.ts';

const NOTHING = { head: Buffer.alloc(0), tail: Buffer.alloc(0) };
const LIMITS = { batchRecords: 100, batchBytes: 100_000 };
const SETTINGS: Omit<DiskSettings, 'directory'> = {
  maxBytes: 1e7,
  maxAgeMs: 1e9,
  fsync: 'never',
  windowMs: 50,
  mode: 'disk',
  dropOldest: false,
  drainBytesPerSecond: 1e7,
};

/** A destination whose folder is a real one. Its files are real as well, unless others are given. */
class Opened {
  readonly timers = new FakeTimers();
  readonly collector = new Collector();
  readonly account = new Account();
  readonly said: string[] = [];
  readonly directory: string;
  readonly disk: Disk;
  readonly shipper: Shipper;
  readonly #queue: Queue;

  constructor(t: TestContext, options: Pick<DiskParts, 'files'> & Partial<DiskSettings> = {}) {
    const directory = tempDirectory(t);
    const { files, ...settings } = options;
    const { timers, account } = this;
    this.directory = directory;
    this.#queue = new Queue({ ...LIMITS, maxBytes: 1e6, maxRecords: Infinity }, account);
    const parts = {
      name: 'otlp',
      account,
      queue: this.#queue,
      diag: new OnceDiag((line) => this.said.push(line)),
      timers,
    };
    const disk = openDisk({
      ...parts,
      ...(files !== undefined && { files }),
      group: GROUP,
      limits: LIMITS,
      envelope: { contentType: 'application/x-protobuf', frame: () => NOTHING, scopeFrame: () => NOTHING },
      settings: { ...SETTINGS, ...settings, directory },
    });
    assert.ok(disk);
    this.disk = disk;
    const { spool, backlog } = disk;
    this.shipper = createShipper({ ...parts, spool, backlog, transport: this.collector, batchDelayMs: 1_000 });
    t.after(() => disk.release());
  }

  log(name: string): void {
    this.account.emitted++;
    this.disk.admits(9);
    pushRecord(this.#queue, Buffer.from(name), SCOPE, 9);
    if (this.disk.isSync) this.disk.write();
  }

  /** Segments of all owners, and folders of owners. */
  left(): { segments: string[]; owners: number } {
    const names = readdirSync(spoolRoot(this.directory), { recursive: true, encoding: 'utf8' });
    const owners = new Set(names.filter((name) => /(owner|left)\.json$/.test(name)).map((name) => dirname(name)));
    return {
      segments: names.filter((name) => name.endsWith('.seg')).map((name) => basename(name)),
      owners: owners.size,
    };
  }
}

describe('R8.3 the first segment is made at the start', () => {
  test('R8.3 of the first record nothing is left to do within the window but one write', async (t) => {
    const simulated = new SimulatedDisk();
    const opened = new Opened(t, { files: simulated.files });
    await opened.timers.pass(0);
    const before = simulated.log.length;
    opened.log('first');
    await opened.timers.pass(50);
    assert.deepEqual(
      simulated.log.slice(before).map(({ name }) => name),
      ['write'],
    );
  });

  test('R8.3 with sync the first call is one write', async (t) => {
    const simulated = new SimulatedDisk();
    const opened = new Opened(t, { files: simulated.files, mode: 'sync', fsync: 'interval' });
    await opened.timers.pass(0);
    const before = simulated.log.length;
    opened.log('first');
    assert.deepEqual(
      simulated.log.slice(before).map(({ name }) => name),
      ['writeSync'],
    );
  });

  for (const fsync of ['never', 'interval', 'always'] as const) {
    test(`R8.3 the names of the folders around it are synced with it: fsync ${fsync}`, (t) => {
      const synced: string[] = [];
      const files = {
        ...SYSTEM_FILES,
        syncFolderSync: (path: string): void => {
          synced.push(path);
          SYSTEM_FILES.syncFolderSync(path);
        },
      };
      const { directory } = new Opened(t, { files, fsync });
      const [group = '', root, top, owner = '', ...others] = synced;
      if (fsync === 'never') assert.deepEqual(synced, []);
      else assert.deepEqual([dirname(owner), dirname(group), root, top, others], [group, root, spoolRoot(directory), directory, []]); // prettier-ignore
    });
  }

  test('R8.3 what spills only makes none before it is needed', (t) => {
    const simulated = new SimulatedDisk();
    new Opened(t, { files: simulated.files, mode: 'spill' });
    assert.deepEqual(simulated.paths(), []);
  });

  test('R8.6 a disk that fails then is said, and asked again at the first records', async (t) => {
    const simulated = new SimulatedDisk();
    simulated.failing = () => 'ENOSPC';
    const opened = new Opened(t, { files: simulated.files });
    assert.equal(opened.said.length, 1);
    assert.match(opened.said[0] as string, /The disk is full/);
    simulated.failing = () => undefined;
    opened.collector.down();
    opened.log('first');
    await opened.timers.pass(2_000);
    assert.equal(simulated.paths().length, 1);
  });

  for (const mode of ['disk', 'sync'] as const) {
    test(`R8.3 nothing is left behind where nothing was logged, or all of it was delivered: ${mode}`, async (t) => {
      const idle = new Opened(t, { mode });
      assert.equal(idle.left().segments.length, 1);
      idle.disk.release();
      assert.deepEqual(idle.left(), { segments: [], owners: 0 });

      const busy = new Opened(t, { mode });
      busy.log('first');
      const flushed = busy.shipper.flush(1_000);
      await busy.timers.pass(1_000);
      await flushed;
      assert.deepEqual(busy.collector.received, ['first']);
      busy.disk.release();
      assert.deepEqual(busy.left(), { segments: [], owners: 0 });
    });
  }

  test('R8.3 nothing is left behind where the disk is slow to remove what was delivered', async (t) => {
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let asked = 0;
    const remove = async (path: string): Promise<void> => {
      asked++;
      await held;
      await SYSTEM_FILES.remove(path);
    };
    const opened = new Opened(t, { files: { ...SYSTEM_FILES, remove }, mode: 'sync', maxBytes: 1e8 });
    // More than a segment may hold that is kept for what comes.
    for (const round of ['first', 'second']) {
      for (let i = 0; i < 8; i++) opened.log(`${round} ${i}`.padEnd(90_000, '.'));
      void opened.shipper.flush(1_000);
      await opened.timers.pass(1_000);
    }
    for (let i = 0; i < 50 && asked === 0; i++) {
      void opened.shipper.flush(1_000);
      await opened.timers.pass(1_000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.equal(opened.collector.received.length, 16);
    opened.disk.release();
    assert.deepEqual(opened.left(), { segments: [], owners: 0 });
    goOn();
    assert.deepEqual(opened.said, []);
  });

  test('R8.3 nothing is left behind where a write is under way of what was delivered meanwhile', async (t) => {
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const write: typeof SYSTEM_FILES.write = async (...args) => {
      await held;
      await SYSTEM_FILES.write(...args);
    };
    const opened = new Opened(t, { files: { ...SYSTEM_FILES, write }, maxBytes: 1e8 });
    for (let i = 0; i < 9; i++) opened.log(String(i).padEnd(90_000, '.'));
    await opened.timers.pass(50);
    for (let i = 0; i < 9; i++) {
      void opened.shipper.flush(1_000);
      await opened.timers.pass(100);
    }
    const shut = opened.shipper.shutdown(1_000).then(() => opened.disk.rest());
    await opened.timers.pass(10);
    assert.equal(opened.account.counts().delivered, 9);
    goOn();
    await shut;
    opened.disk.release();
    assert.deepEqual(opened.left(), { segments: [], owners: 0 });
  });

  test('R8.3 an idle process, and one that died idle, have no records that wait', async (t) => {
    const opened = new Opened(t);
    const owners = async (): Promise<number[]> =>
      (await listSpool(opened.directory)).flatMap((group) => group.owners.map(({ bytes }) => bytes));
    assert.deepEqual(await owners(), [0]);
    opened.collector.down();
    opened.log('first');
    opened.disk.spool.writeNow();
    assert.ok(((await owners())[0] as number) > 0);
  });

  test('R8.3 a record behind the end of the process is kept on disk, though the folder was removed', (t) => {
    const opened = new Opened(t);
    opened.disk.release();
    opened.collector.down();
    opened.log('last words');
    opened.shipper.flushSync(100);
    assert.deepEqual([opened.account.counts().dropped, opened.left().segments.length], [{}, 1]);
    assert.equal(opened.shipper.pending, 1);
    assert.deepEqual(opened.said, ['spanlog: otlp: http://collector: nobody there.']);
  });
});
