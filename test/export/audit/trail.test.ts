import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemIdentity } from '../../../src/export/spool/identity.ts';
import { AuditLane, brokenIn, eventsOf, linesOf, notedIn, trailFolder, verify } from './audit-lane.ts';

const KEY = { id: 'k1', secret: 'correct-horse-battery-staple' };

describe('R12.2 an audit trail', () => {
  test('R12.2 a record is in the file when the call returns, and nothing is ever pending', (t) => {
    const path = join(trailFolder(t), 'deep', 'er', 'audit.jsonl');
    const lane = new AuditLane(path, { fsync: 'always' });
    for (let i = 1; i <= 3; i++) {
      lane.write(1);
      assert.equal(eventsOf(path).length, i);
      assert.equal(lane.counts().delivered, i);
    }
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
    assert.deepEqual(brokenIn(verify([path])), []);
  });

  test('R12.2 a process that writes nothing leaves no file, and one that never audits no lock', async (t) => {
    const folder = trailFolder(t);
    const lane = new AuditLane(join(folder, 'audit.jsonl'));
    await lane.sink.shutdown(0);
    assert.deepEqual(readdirSync(folder), []);
    lane.write(1);
    assert.deepEqual(lane.counts().dropped, { after_shutdown: 1 });
  });

  test('R12.2 a restart goes on with the chain, with a key and without', (t) => {
    for (const key of [undefined, KEY]) {
      const path = join(trailFolder(t), 'audit.jsonl');
      for (let i = 0; i < 3; i++) {
        const lane = new AuditLane(path, { key });
        lane.write(2);
        lane.sink.end();
      }
      const report = verify([path], { keys: key === undefined ? [] : [key] });
      assert.deepEqual([brokenIn(report), report.files[0]?.last?.seq], [[], 9]);
    }
  });

  test('R12.2 a line that a crash tore stays, is marked, and the chain goes on behind it', (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    const first = new AuditLane(path);
    first.write(3);
    first.sink.end();
    const torn = '{"time":"2026-01-01T00:00:00Z","event":"half';
    appendFileSync(path, torn);
    assert.deepEqual(brokenIn(verify([path])), ['cut']);
    new AuditLane(path).write(1, 'after_');
    const report = verify([path]);
    assert.deepEqual([brokenIn(report), notedIn(report)], [[], ['torn']]);
    assert.equal(linesOf(path)[4], torn);

    // What the writer says of it is true of these bytes alone.
    writeFileSync(path, readFileSync(path, 'utf8').replace('half', 'held'));
    assert.deepEqual(brokenIn(verify([path])), ['foreign']);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/.*held\n/, ''));
    assert.deepEqual(brokenIn(verify([path])), ['missing']);
  });

  test('R12.2 the very first line torn, and a last one that lacks its line break alone', (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    writeFileSync(path, '{"time":"2026');
    const first = new AuditLane(path);
    first.write(2);
    first.sink.end();
    truncateSync(path, statSync(path).size - 1);
    new AuditLane(path).write(1, 'after_');
    const report = verify([path]);
    assert.deepEqual([brokenIn(report), notedIn(report)], [[], ['torn']]);
    const whole = readFileSync(path, 'utf8');
    assert.equal(whole.match(/"event":"record_\d"/g)?.length, 2);
  });

  test('R12.2 a file that logrotate moves away or copies and cuts: the next one follows it', (t) => {
    for (const rotate of [
      (from: string, to: string) => renameSync(from, to),
      (from: string, to: string) => {
        copyFileSync(from, to);
        truncateSync(from);
      },
    ]) {
      const path = join(trailFolder(t), 'audit.jsonl');
      const lane = new AuditLane(path);
      lane.write(2, 'old_');
      rotate(path, `${path}.1`);
      lane.write(2, 'new_');
      assert.deepEqual(eventsOf(`${path}.1`, path), ['old_0', 'old_1', 'new_0', 'new_1']);
      assert.deepEqual(brokenIn(verify([path, `${path}.1`])), []);
      assert.deepEqual(brokenIn(verify([path])), ['file_missing']);
      const alone = verify([path], { isPartial: true });
      assert.deepEqual([brokenIn(alone), notedIn(alone)], [[], ['continues']]);
    }
  });

  test('R12.2 a file that somebody empties or removes is missed, while the process runs and while it does not', (t) => {
    const empty = (path: string): void => truncateSync(path);
    for (const remove of [empty, (path: string) => rmSync(path)]) {
      for (const isRunning of [true, false]) {
        const path = join(trailFolder(t), 'audit.jsonl');
        let lane = new AuditLane(path);
        lane.write(2);
        if (!isRunning) lane.sink.end();
        remove(path);
        if (!isRunning) lane = new AuditLane(path);
        lane.write(2);
        assert.deepEqual(brokenIn(verify([path])), ['file_missing']);
      }
    }
  });

  test('R12.2 a file that is moved away while no process runs: the next one follows it', (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    const first = new AuditLane(path);
    first.write(2);
    first.sink.end();
    renameSync(path, `${path}.1`);
    new AuditLane(path).write(2);
    assert.deepEqual(brokenIn(verify([path, `${path}.1`])), []);
    assert.deepEqual(notedIn(verify([path], { isPartial: true })), ['continues']);
  });

  test('R12.2 a full file is put aside, nothing is removed, and one that is missing between them is found', (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const lane = new AuditLane(path, { maxBytes: 65_536 });
    lane.write(600);
    const files = readdirSync(folder).filter((name) => !name.endsWith('.lock'));
    assert.ok(files.length >= 3, files.join());
    const paths = files.map((name) => join(folder, name));
    assert.deepEqual(brokenIn(verify(paths)), []);
    assert.equal(
      paths.reduce((sum, file) => sum + eventsOf(file).length, 0),
      600,
    );
    const [, , second] = paths.toSorted();
    assert.deepEqual(brokenIn(verify(paths.filter((file) => file !== second))), ['file_missing']);
  });

  test('R12.2 a file is keyed or it is not: a key that comes or goes begins another one', (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const said = [undefined, KEY, undefined].map((key) => {
      const lane = new AuditLane(path, { key });
      lane.write(2);
      lane.sink.end();
      return lane.said.join();
    });
    assert.match(said.join('|'), /^\|\|[^|]*had a key, and goes on without one[^|]*$/);
    const files = readdirSync(folder)
      .filter((name) => !name.endsWith('.lock'))
      .map((name) => join(folder, name));
    assert.equal(files.length, 3);
    for (const file of files) {
      const isKeyed = readFileSync(file, 'utf8').includes('"audit.key":"k1"');
      const isPartial = true;
      assert.deepEqual(brokenIn(verify([file], { keys: isKeyed ? [KEY] : [], isPartial })), []);
      assert.deepEqual(brokenIn(verify([file], { keys: isKeyed ? [] : [KEY], isPartial })), ['key']);
    }
  });

  test('R12.2 keys follow one another in a file, and lines of both are checked', (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    const next = { id: 'k2', secret: 'another-secret-of-some-length' };
    for (const key of [KEY, next]) {
      const lane = new AuditLane(path, { key });
      lane.write(2);
      lane.sink.end();
    }
    assert.deepEqual(brokenIn(verify([path], { keys: [next, KEY] })), []);
    assert.deepEqual(brokenIn(verify([path], { keys: [next] })), ['key']);
    const wrong = verify([path], { keys: [next, { ...KEY, secret: next.secret }] });
    assert.deepEqual(new Set(brokenIn(wrong)), new Set(['altered']));
  });

  test('R12.2 a second writer has a chain of its own beside the first, and loses nothing', (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const first = new AuditLane(path);
    const second = new AuditLane(path);
    const third = new AuditLane(path);
    for (let i = 0; i < 3; i++) for (const lane of [first, second, third]) lane.write(1, `round_${i}_`);
    const files = [path, join(folder, 'audit.2.jsonl'), join(folder, 'audit.3.jsonl')];
    for (const file of files) assert.equal(eventsOf(file).length, 3);
    assert.deepEqual(brokenIn(verify(files)), []);
    assert.match(
      second.said.join(),
      new RegExp(`is written by process ${process.pid}, .* audit\\.2\\.jsonl|audit.2.jsonl`),
    );
    second.sink.end();
    new AuditLane(path).write(1, 'later_');
    assert.deepEqual(eventsOf(files[1] as string).at(-1), 'later_0');
  });

  test('R12.2 the file of a process that is gone is taken over at once, of one elsewhere after a minute without life', (t) => {
    const here = systemIdentity();
    for (const [identity, ageS, name] of [
      [{ ...here, isRunning: () => false }, 0, 'audit.jsonl'],
      [{ ...here, bootId: 'other' }, 5, 'audit.2.jsonl'],
      [{ ...here, bootId: 'other' }, 65, 'audit.jsonl'],
    ] as const) {
      const folder = trailFolder(t);
      const path = join(folder, 'audit.jsonl');
      new AuditLane(path).write(1, 'before_');
      const seconds = Date.now() / 1_000 - ageS;
      utimesSync(`${path}.lock`, seconds, seconds);
      new AuditLane(path, { identity }).write(1, 'after_');
      assert.deepEqual(eventsOf(join(folder, name)).at(-1), 'after_0');
      const files = [path, join(folder, 'audit.2.jsonl')].filter((file) => existsSync(file));
      assert.deepEqual(brokenIn(verify(files)), []);
    }
  });

  test('R12.2 a writer that was taken for dead finds out before it writes, and goes elsewhere', (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const stopped = new AuditLane(path);
    stopped.write(2, 'old_');
    new AuditLane(path, { identity: { ...systemIdentity(), isRunning: () => false } }).write(2, 'new_');
    stopped.write(2, 'back_');
    assert.deepEqual(eventsOf(path), ['old_0', 'old_1', 'new_0', 'new_1']);
    assert.deepEqual(eventsOf(join(folder, 'audit.2.jsonl')), ['back_0', 'back_1']);
    assert.deepEqual(brokenIn(verify([path, join(folder, 'audit.2.jsonl')])), []);
  });

  test('R12.2 what somebody else writes into the file is found, and does not end the chain', (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    const lane = new AuditLane(path);
    lane.write(1);
    appendFileSync(path, '{"event":"forged"}\n{"event":"forged"}\n');
    lane.write(2, 'after_');
    const report = verify([path]);
    assert.deepEqual(brokenIn(report), ['foreign']);
    assert.equal(report.files[0]?.last?.seq, 5);
  });

  test('R12.2 a file that holds something else is not added to', (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'app.log');
    writeFileSync(path, 'an ordinary log\n');
    const lane = new AuditLane(path);
    lane.write(1);
    assert.equal(readFileSync(path, 'utf8'), 'an ordinary log\n');
    assert.deepEqual(eventsOf(join(folder, 'app.2.log')), ['record_0']);
    assert.match(lane.said.join(), /no audit trail/);
  });

  test('R12.2 what can’t be written is counted, said, told of in the chain and to the other destinations', async (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'sub', 'audit.jsonl');
    writeFileSync(join(folder, 'sub'), 'a file where the folder should be');
    const lane = new AuditLane(path);
    lane.write(3);
    assert.deepEqual(lane.counts().dropped, { audit_not_written: 3 });
    assert.match(lane.said[0] ?? '', /can't be written to .* go to the other destinations alone/);
    unlinkSync(join(folder, 'sub'));
    await lane.timers.pass(1_000);
    lane.write(2, 'after_');
    await lane.timers.pass(1_000);
    assert.deepEqual([lane.counts().delivered, lane.drops[0]?.count], [2, 3]);
    const gap = JSON.parse(linesOf(path)[1] ?? '') as Record<string, unknown>;
    assert.deepEqual([gap.event, gap.level, gap.count, gap.reason], ['spanlog.audit_gap', 'WARN', 3, 'EEXIST']);
    const report = verify([path]);
    assert.deepEqual([brokenIn(report), notedIn(report)], [[], ['gap']]);
    assert.match(lane.said.at(-1) ?? '', /written again/);
  });

  test('R12.2 a gap that nothing comes after is written at the end', (t) => {
    const folder = trailFolder(t);
    const path = join(folder, 'audit.jsonl');
    const lane = new AuditLane(path);
    lane.write(1);
    renameSync(path, `${path}.1`);
    mkdirSync(path);
    lane.write(2);
    rmSync(path, { recursive: true });
    lane.sink.end();
    assert.deepEqual(notedIn(verify([path, `${path}.1`])), ['gap']);
    assert.deepEqual(lane.counts().dropped, { audit_not_written: 2 });
  });

  test('R12.2 a link is not followed', (t) => {
    const folder = trailFolder(t);
    writeFileSync(join(folder, 'elsewhere'), '');
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'audit.jsonl'));
    const lane = new AuditLane(join(folder, 'audit.jsonl'));
    lane.write(1);
    assert.deepEqual(lane.counts().dropped, { audit_not_written: 1 });
    assert.match(lane.said.join(), /ELOOP.*A link stands there/);
    assert.equal(readFileSync(join(folder, 'elsewhere'), 'utf8'), '');
  });

  test('R12.2 anchors tell where the chain stands: after a minute, a thousand records, and at the end', async (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    const lane = new AuditLane(path);
    const seqs = (): number[] => lane.anchors.map(({ seq }) => seq);
    lane.write(5);
    await lane.timers.pass(59_000);
    assert.deepEqual(seqs(), []);
    await lane.timers.pass(1_000);
    assert.deepEqual(seqs(), [6]);
    await lane.timers.pass(600_000);
    assert.deepEqual(seqs(), [6]);
    lane.write(1_000);
    await lane.timers.pass(0);
    lane.write(1);
    lane.sink.tellDrops();
    assert.deepEqual(seqs(), [6, 1_006, 1_007]);
    for (const { seq, head } of lane.anchors) assert.deepEqual(brokenIn(verify([path], { seq, head })), []);
    lane.sink.end();
    assert.equal(lane.timers.keepingAlive, 0);
    assert.equal(lane.timers.pending, 0);
  });

  test('R12.2 with fsync interval the medium is asked once a second', async (t) => {
    const path = join(trailFolder(t), 'audit.jsonl');
    const lane = new AuditLane(path, { fsync: 'interval' });
    lane.write(3);
    const before = lane.timers.pending;
    await lane.timers.pass(1_000);
    assert.equal(lane.timers.pending, before - 1);
    assert.deepEqual(lane.said, []);
  });
});
