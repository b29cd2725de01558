import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, statfsSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DiskLane } from '../export/spool/disk-lane.ts';
import { tempDirectory } from '../export/spool/actors.ts';
import { ledgerOf, REGISTER } from '../process/app.ts';
import { noticesOf, startChild } from '../support/child-process.ts';
import type { Child } from '../support/child-process.ts';
import { pointedTo, upTo } from './fault-app.ts';
import { startFaultyServer, status } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';

const APP = join(import.meta.dirname, 'apps', 'disk-full.ts');
const MIB = 1024 * 1024;
const PADDING = '.'.repeat(300);
const IS_ROOT = process.geteuid?.() === 0;
const CAN_MOUNT = IS_ROOT && spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /tmp']).status === 0;
/** In CI a root that can't mount is a broken CI, and no reason to skip. */
const MOUNTS = { skip: !CAN_MOUNT && !(IS_ROOT && process.env.CI === 'true') && 'file systems can’t be mounted here' };

describe('R8.6 fault 15: a disk that is full', () => {
  for (const mode of ['disk', 'sync', 'spill'] as const) {
    test(`R8.6 fault 15 a full disk, with ${mode}: drops are bounded and exact, what is settled is told and removed, it resumes with room`, async () => {
      const queueBytes = 60_000;
      const lane = new DiskLane({ mode, queueBytes, maxBytes: 16 * MIB });
      lane.disk.capacity = 512 * 1024;
      lane.collector.down();
      const taken: string[] = [];
      let refused = 0;
      const log = async (prefix: string, rounds: number): Promise<void> => {
        for (let round = 0; round < rounds; round++) {
          for (let i = 0; i < 10; i++) {
            const name = `<${prefix} ${round} ${i}>${PADDING}`;
            if (lane.emit(name)) taken.push(name);
            else refused++;
          }
          await lane.timers.pass(60);
          lane.balance();
        }
      };
      await log('first', 300);
      assert.ok(refused > 100);
      assert.deepEqual(lane.balance().dropped, { queue_full: refused });
      assert.ok(lane.queue.bytes <= queueBytes);
      // Nearly all of the disk is used, and memory on top of that.
      const bytes = taken.reduce((sum, name) => sum + name.length, 0);
      assert.ok(bytes > lane.disk.capacity * 0.7 + queueBytes * 0.8, `${bytes}`);

      // Not a byte more can be written anywhere, but over what is there.
      lane.disk.capacity = 0;
      const files = lane.disk.paths().length;
      lane.collector.up();
      await lane.timers.pass(120_000);
      assert.deepEqual([...lane.collector.received].sort(), taken.toSorted());
      assert.ok(lane.disk.paths().length < files, 'nothing was removed');
      const { delivered, pending, dropped } = lane.balance();
      assert.deepEqual([delivered, pending, dropped], [taken.length, 0, { queue_full: refused }]);

      // Room again: what is logged now is on disk again, and survives.
      lane.disk.capacity = 512 * 1024;
      lane.collector.down();
      const before = taken.length;
      await log('second', 20);
      assert.equal(taken.length, before + 200);
      const again = taken
        .slice(before)
        .filter((name) => lane.disk.paths().some((path) => lane.disk.content(path).includes(name)));
      if (mode === 'spill') assert.ok(again.length > 20, `${again.length}`);
      else assert.equal(again.length, 200);
      const lines = lane.said.filter((line) => line.includes('the spool in'));
      assert.equal(lines.length, 1, lane.said.join('\n'));
      assert.match(lines[0] ?? '', /The disk is full: free space, or lower spool\.maxBytes/);

      lane.collector.up();
      await lane.timers.pass(120_000);
      const end = lane.balance();
      assert.deepEqual([end.delivered, end.pending, end.dropped], [taken.length, 0, { queue_full: refused }]);
    });
  }
});

describe('R8.6 fault 15: a tmpfs that is full', MOUNTS, () => {
  const FILLER = 'filler';

  /** Starts the application with a tmpfs of its own on `directory`. */
  function start(directory: string, server: FaultyServer, args: readonly number[], durability: string): Child {
    const script = `mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"`;
    const app = [process.execPath, ...REGISTER, APP, ...args.map(String)];
    return startChild({
      command: 'unshare',
      args: ['-m', 'sh', '-c', script, directory, ...app],
      env: {
        ...pointedTo(server.endpoint),
        OTEL_SERVICE_NAME: 'shop',
        SPANLOG_DURABILITY: durability,
        SPANLOG_SPOOL_DIRECTORY: directory,
        SPANLOG_SPOOL_MAX_BYTES: String(64 * MIB),
        SPANLOG_LIMITS_QUEUE_BYTES: '400000',
        SPANLOG_LIMITS_BATCH_BYTES: '50000',
        SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '5000',
      },
    });
  }

  /** Takes all that is left of that file system. */
  function fill(directory: string): void {
    const fd = openSync(join(directory, FILLER), 'w');
    const block = Buffer.alloc(4_096, 1);
    try {
      for (;;) writeSync(fd, block);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    } finally {
      closeSync(fd);
    }
    assert.equal(statfsSync(directory).bavail, 0);
  }

  function segments(directory: string): string[] {
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.seg')).map((name) => join(directory, name));
  }

  /** One that is deleted meanwhile has none. */
  const bytesOf = (paths: readonly string[]): number =>
    paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);

  const numbersOf = (server: FaultyServer, from: number): number[] =>
    server.requests
      .slice(from)
      .flatMap(({ numbers }) => numbers.filter((i) => !Number.isNaN(i)))
      .sort((a, b) => a - b);

  for (const durability of ['disk', 'sync']) {
    test(`R8.6 fault 15 a real tmpfs of 3 MiB, with ${durability}: bounded drops, deletions while full, and writing again with room`, async (t) => {
      const COUNT = 6_000;
      const MORE = 200;
      const directory = tempDirectory(t);
      const server = await startFaultyServer(t);
      server.otherwise(status(503));
      const app = start(directory, server, [0, COUNT, MORE], durability);
      await app.said('full');
      // The file system as that process sees it.
      const inside = join(`/proc/${app.pid}/root`, directory);
      fill(inside);
      const held = bytesOf(segments(inside));
      assert.ok(held > 2.5 * MIB, `${held} bytes`);

      server.otherwise(status(200));
      const outage = server.requests.length;
      app.kill('SIGUSR2');
      await app.said('flushed');
      const arrived = numbersOf(server, outage);
      assert.equal(new Set(arrived).size, arrived.length);
      // Three MiB on disk, and the share of INFO of what memory may hold.
      assert.ok(arrived.length > 4_000 && arrived.length < COUNT - 500, `${arrived.length}`);
      const left = bytesOf(segments(inside));
      assert.ok(left < held / 2, `${left} of ${held} bytes are still there`);

      // Room again, nobody there again.
      server.otherwise(status(503));
      unlinkSync(join(inside, FILLER));
      await app.said('waiting');
      const deadline = performance.now() + 10_000;
      const isWritten = (): boolean => bytesOf(segments(inside)) > MORE * 600;
      while (!isWritten()) {
        assert.ok(performance.now() < deadline, 'it does not write again');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      server.otherwise(status(200));
      app.kill('SIGUSR2');
      const end = await app.ended;
      assert.deepEqual([end.code, end.stdout], [0, 'full\nflushed\nwaiting\nflushed\n'], end.stderr);
      const all = numbersOf(server, 0);
      const unique = new Set(all);
      for (const i of upTo(MORE)) assert.ok(unique.has(COUNT + i), `${COUNT + i}`);
      const { emitted, delivered, pending, dropped } = ledgerOf(end);
      // Besides the numbered ones, those that tell of the drops.
      const told = emitted - COUNT - MORE;
      t.diagnostic(`${arrived.length} of ${COUNT} arrived while full; ${told} tell of ${JSON.stringify(dropped)}`);
      assert.deepEqual([pending, dropped], [0, { queue_full: COUNT - arrived.length }]);
      assert.equal(delivered, arrived.length + MORE + told);
      const said = noticesOf(end).filter((line) => line.includes('the spool in'));
      assert.equal(said.length, 1, end.stderr);
      assert.match(said[0] ?? '', /ENOSPC.*The disk is full: free space/);
    });
  }
});
