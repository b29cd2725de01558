import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import * as fc from 'fast-check';
import { AUDIT } from '../../src/cli/audit.ts';
import { UsageError } from '../../src/cli/command.ts';
import { AuditLane, brokenIn, trailFolder, verify } from '../export/audit/audit-lane.ts';
import { runChild } from '../support/child-process.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const KEY = { id: 'k1', secret: 'correct-horse-battery-staple' };
const RECORDS = 12;

/** A sound trail of two lives, and where it ends. */
function makeTrail(t: TestContext, key = false): { path: string; bytes: Buffer; head: string } {
  const path = join(trailFolder(t), 'audit.jsonl');
  for (let life = 0; life < 2; life++) {
    const lane = new AuditLane(path, { key: key ? KEY : undefined });
    lane.write(RECORDS / 2);
    lane.sink.end();
  }
  const head = verify([path], { keys: key ? [KEY] : [] }).files[0]?.last?.head;
  assert.ok(head !== undefined);
  return { path, bytes: readFileSync(path), head };
}

/** The lines, each with its line break. */
function split(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = bytes.indexOf(0x0a, from) + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}

function spanlog(args: readonly string[], env: Record<string, string> = {}): ReturnType<typeof runChild> {
  return runChild({ args: [MAIN, 'audit', ...args], env });
}

describe('spanlog audit --verify', () => {
  for (const key of [false, true]) {
    const keys = key ? [KEY] : [];
    const title = key ? 'with a key' : 'without a key';

    test(`R12.2 ${title}: any byte that is changed, removed or inserted is found`, (t) => {
      const { path, bytes } = makeTrail(t, key);
      const edit = fc.record({
        at: fc.nat(bytes.length - 1),
        byte: fc.nat(255),
        how: fc.constantFrom('change', 'remove', 'insert'),
      });
      fc.assert(
        fc.property(edit, ({ at, byte, how }) => {
          fc.pre(how !== 'change' || bytes[at] !== byte);
          const middle = how === 'remove' ? Buffer.alloc(0) : Buffer.of(byte);
          const rest = bytes.subarray(how === 'insert' ? at : at + 1);
          writeFileSync(path, Buffer.concat([bytes.subarray(0, at), middle, rest]));
          assert.notDeepEqual(brokenIn(verify([path], { keys })), []);
        }),
        { numRuns: 150 },
      );
    });

    test(`R12.2 ${title}: lines that are removed, swapped, doubled or brought from another trail are found`, (t) => {
      const { path, bytes, head } = makeTrail(t, key);
      const lines = split(bytes);
      const foreign = split(makeTrail(t, key).bytes);
      const place = fc.nat(lines.length - 1);
      const edit = fc.tuple(place, place, fc.constantFrom('remove', 'swap', 'double', 'bring', 'replace'));
      const cut = (edited: readonly Buffer[]): void => writeFileSync(path, Buffer.concat(edited));
      fc.assert(
        fc.property(edit, ([a, b, how]) => {
          const edited = [...lines];
          if (how === 'remove') edited.splice(Math.min(a, b), Math.abs(a - b) + 1);
          if (how === 'swap') [edited[a], edited[b]] = [lines[b] as Buffer, lines[a] as Buffer];
          if (how === 'double') edited.splice(b, 0, lines[a] as Buffer);
          if (how === 'bring') edited.splice(b, 0, foreign[a] as Buffer);
          if (how === 'replace') edited[b] = foreign[b] as Buffer;
          fc.pre(how !== 'swap' || a !== b);
          cut(edited);
          // The end shows against what is known from elsewhere.
          assert.notDeepEqual(brokenIn(verify([path], { keys, head })), []);
        }),
        { numRuns: 100 },
      );
      for (let kept = 0; kept < lines.length; kept++) {
        cut(lines.slice(0, kept));
        assert.notDeepEqual(brokenIn(verify([path], { keys, head })), [], `${kept} lines`);
        assert.notDeepEqual(brokenIn(verify([path], { keys, seq: lines.length })), [], `${kept} lines`);
      }
      cut(lines);
      assert.deepEqual(brokenIn(verify([path], { keys, head, seq: lines.length })), []);
    });
  }

  test('R12.2 a chain that was made anew without the key is found, whoever made it', (t) => {
    const { path } = makeTrail(t, true);
    writeFileSync(path, makeTrail(t, false).bytes);
    assert.deepEqual(brokenIn(verify([path], { keys: [KEY] })), ['key']);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/("audit.prev":"\w+")/g, '$1,"audit.key":"k1"'));
    assert.ok(brokenIn(verify([path], { keys: [KEY] })).includes('altered'));
  });

  test('R12.2 a chain without a key that was made anew differs from the anchor', (t) => {
    const { path, head } = makeTrail(t);
    const other = makeTrail(t);
    writeFileSync(path, other.bytes);
    assert.deepEqual(brokenIn(verify([path])), []);
    assert.deepEqual(brokenIn(verify([path], { head })), ['head']);
    assert.deepEqual(brokenIn(verify([path], { head: other.head, seq: 3 })), ['head']);
  });

  test('R12.2 the program says what is broken, at which line, and exits with 0, 1 or 2', async (t) => {
    const { path, bytes, head } = makeTrail(t, true);
    const env = { SPANLOG_AUDIT_KEY: `new:${'x'.repeat(22)},${KEY.id}:${KEY.secret}` };
    const sound = await spanlog(['--verify', path, '--expect-head', head], env);
    assert.equal(sound.code, 0, sound.stdout + sound.stderr);
    assert.match(sound.stdout, /audit\.jsonl: 14 lines, seq 1–14, ends with [0-9a-f]{64}\nsound/);

    writeFileSync(path, bytes.toString().replace('user-3', 'user-4'));
    const broken = await spanlog(['--verify', path], env);
    assert.deepEqual([broken.code, broken.stderr], [1, '']);
    assert.match(broken.stdout, /BROKEN line 5 \(seq 5\): the line was changed/);
    const json = JSON.parse((await spanlog(['--verify', '--json', path], env)).stdout) as Record<string, unknown>;
    assert.equal(json.ok, false);

    const keyless = await spanlog(['--verify', path]);
    assert.deepEqual([keyless.code, keyless.stdout.match(/BROKEN .*"k1", which SPANLOG_AUDIT_KEY/g)?.length], [1, 1]);
    const usage = await spanlog(['--verify'], env);
    assert.deepEqual([usage.code, usage.stdout], [2, '']);
    assert.match(usage.stderr, /usage: spanlog audit --verify/);
    for (const args of [[], ['--verify', `${path}.lock`], ['--verify', path, '--expect-head', 'x'], ['--scan']]) {
      await assert.rejects(AUDIT.run(args), UsageError, args.join(' '));
    }
    await assert.rejects(AUDIT.run(['--verify', join(path, 'missing')]), { code: 'ENOTDIR' });
    const badKey = await spanlog(['--verify', path], { SPANLOG_AUDIT_KEY: 'hunter2' });
    assert.deepEqual([badKey.code, badKey.stderr.includes('hunter2')], [2, false]);
  });

  test('R12.2 the ten lines of Python in the documentation come to the same result', (t) => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'audit.md'), 'utf8');
    const script = /```python\n([^`]+)```/.exec(page)?.[1] ?? '';
    const python = (path: string, env: Record<string, string> = {}): string => {
      const { stdout, stderr, error } = spawnSync('python3', ['-c', script, path], { env: { ...process.env, ...env } });
      if (error !== undefined) t.skip('there is no Python here');
      return `${String(stdout)}${String(stderr)}`.trim();
    };
    const plain = makeTrail(t);
    assert.equal(python(plain.path), `sound, ends with ${plain.head}`);
    const keyed = makeTrail(t, true);
    assert.equal(python(keyed.path, { AUDIT_SECRET: KEY.secret }), `sound, ends with ${keyed.head}`);
    writeFileSync(plain.path, plain.bytes.toString().replace('user-3', 'user-4'));
    assert.match(python(plain.path), /AssertionError: line 5/);
  });

  test('R12.2 a line of many megabytes is read whole, and a file grows no memory', (t) => {
    const path = join(trailFolder(t), 'big.jsonl');
    const fd = openSync(path, 'w');
    const line = `${'x'.repeat(199)}\n`.repeat(5_000);
    for (let i = 0; i < 64; i++) writeSync(fd, line);
    closeSync(fd);
    const before = process.memoryUsage().rss;
    const [file] = verify([path]).files;
    assert.deepEqual([file?.lines, file?.problems.length], [0, 1]);
    assert.ok(process.memoryUsage().rss - before < 40_000_000);
  });
});
