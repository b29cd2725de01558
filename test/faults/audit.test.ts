import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { brokenIn, linesOf, notedIn, trailFolder, verify } from '../export/audit/audit-lane.ts';
import { ledgerOf, REGISTER } from '../process/app.ts';
import { noticesOf, runChild, startChild } from '../support/child-process.ts';

const APPS = join(import.meta.dirname, 'apps');
const IS_ROOT = process.geteuid?.() === 0;
const CAN_MOUNT = IS_ROOT && spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /tmp']).status === 0;
const MOUNTS = { skip: !CAN_MOUNT && !(IS_ROOT && process.env.CI === 'true') && 'file systems can’t be mounted here' };

interface Line {
  readonly event: string;
  readonly i: number;
  readonly opening?: string;
  readonly count?: number;
  readonly reason?: string;
}

const read = (path: string): Line[] => linesOf(path).map((line) => JSON.parse(line) as Line);

describe('R12.2 an audit trail when things go wrong', () => {
  test('R12.2 kill -9 in the middle of a load, four times: each record whose call returned is there, and the chain is sound', async (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const lives: number[] = [];
    for (const fsync of ['always', 'never', 'never', 'interval']) {
      const progress = join(folder, 'progress');
      const app = startChild({
        args: [...REGISTER, join(APPS, 'audit-kill.ts'), progress],
        env: {
          SPANLOG_AUDIT_LOGGERS: 'audit',
          SPANLOG_AUDIT_FILE_PATH: path,
          SPANLOG_AUDIT_FILE_FSYNC: fsync,
          SPANLOG_AUDIT_FILE_MAX_BYTES: '400000',
          SPANLOG_DESTINATIONS: 'none',
        },
      });
      await app.said('logging');
      await delay(Math.random() * 60);
      app.kill('SIGKILL');
      assert.equal((await app.ended).signal, 'SIGKILL');
      lives.push(readFileSync(progress).readUInt32LE(0));
    }
    const files = readdirSync(folder).filter((name) => name.startsWith('audit.') && !name.endsWith('.lock'));
    const paths = files.map((name) => join(folder, name));
    assert.deepEqual(
      files.filter((name) => !name.startsWith('audit.jsonl')),
      [],
      'who is gone is taken over',
    );
    const report = verify(paths);
    assert.deepEqual(brokenIn(report), []);
    // A file that is put aside is named by its last line; the one in use comes last.
    const lines = [...paths.toSorted().slice(1), path].flatMap(read);
    for (const [life, returned] of lives.entries()) {
      const starts = lines.flatMap(({ event, i }, at) => (event === 'granted' && i === 0 ? [at] : []));
      const own = lines.slice(starts[life], starts[life + 1]).filter(({ event }) => event === 'granted');
      // The last one may have been written while its call had not returned yet.
      assert.ok(own.length === returned || own.length === returned + 1, `${own.length} of ${returned}`);
      assert.deepEqual(
        own.map(({ i }) => i),
        [...own.keys()],
      );
    }
    t.diagnostic(`${lives.join(', ')} records in ${files.length} files; ${notedIn(report).join()}`);
  });

  test('R12.2 two processes of one path at the same time have a sound chain each, with all their records', async (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const start = (i: number): ReturnType<typeof startChild> =>
      startChild({
        args: [...REGISTER, join(APPS, 'audit-kill.ts'), join(folder, `progress-${i}`)],
        env: { SPANLOG_AUDIT_LOGGERS: 'audit', SPANLOG_AUDIT_FILE_PATH: path, SPANLOG_DESTINATIONS: 'none' },
      });
    const apps = [start(0), start(1)];
    await Promise.all(apps.map((app) => app.said('logging')));
    for (const app of apps) app.kill('SIGKILL');
    const ends = await Promise.all(apps.map((app) => app.ended));
    const files = [path, join(folder, 'audit.2.jsonl')];
    assert.deepEqual(brokenIn(verify(files)), []);
    const counts = files.map((file) => read(file).filter(({ event }) => event === 'granted').length);
    const returned = [0, 1].map((i) => readFileSync(join(folder, `progress-${i}`)).readUInt32LE(0));
    assert.ok(
      counts.reduce((a, b) => a + b) - returned.reduce((a, b) => a + b) <= 2,
      JSON.stringify([counts, returned]),
    );
    assert.ok(Math.min(...counts) >= 20);
    assert.equal(ends.flatMap(noticesOf).filter((line) => /is written by process \d+/.test(line)).length, 1);
  });

  test(
    'R12.2 a disk that is full: drops are counted, said and told of in the chain; the others get all',
    MOUNTS,
    async (t) => {
      const folder = trailFolder(t);
      const kept = trailFolder(t);
      const app = join(APPS, 'audit-full.ts');
      const end = await runChild({
        command: 'unshare',
        args: [
          '-m',
          'sh',
          '-c',
          'mount -t tmpfs -o size=1m tmpfs "$1" && "$2" "$3" "$1"; code=$?; cp "$1/audit.jsonl" "$4"; exit $code',
          'sh',
          folder,
          process.execPath,
          app,
          kept,
        ],
      });
      assert.equal(end.code, 0, end.stderr);
      const path = join(kept, 'audit.jsonl');
      const report = verify([path]);
      assert.deepEqual([brokenIn(report), notedIn(report)], [[], ['gap']]);
      const { destinations } = ledgerOf(end);
      const lost = destinations.audit?.dropped.audit_not_written ?? 0;
      // What is left of the last page of the file takes a record or two.
      assert.ok(lost >= 5 && lost <= 10, JSON.stringify(destinations.audit));
      assert.deepEqual([destinations.audit?.delivered, destinations.audit?.pending], [30 - lost, 0]);
      const lines = read(path);
      const gap = lines.find(({ event }) => event === 'spanlog.audit_gap');
      assert.deepEqual([gap?.count, gap?.reason], [lost, 'ENOSPC']);
      assert.equal(lines.filter(({ event }) => event === 'after').length, 10);
      assert.equal(end.stdout.match(/"event":"(before|while_full|after)"/g)?.length, 30);
      assert.match(end.stdout, /"event":"spanlog.records_dropped".*"destination":"audit","reason":"audit_not_written"/);
      assert.match(noticesOf(end).join('\n'), /ENOSPC.*The disk is full: free space/);
    },
  );
});
