import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { KINDS, startUnread } from './unread-child.ts';
import type { Kind, UnreadChild } from './unread-child.ts';
import type { TestContext } from 'node:test';

const MANY = 400_000;
const ALL = Array.from({ length: MANY }, (_, i) => `line ${i}\n`).join('');
const DELIVERED = { kind: 'delivered', rejected: 0, message: '' };

function start(t: TestContext, kind: Kind, ...args: string[]): UnreadChild {
  return startUnread(t, kind, 'fd-child.ts', args);
}

/** Compares without printing 5 MB when they differ. */
function assertSame(text: string, expected: string): void {
  assert.equal(text.length, expected.length);
  assert.ok(text === expected, 'the same length but not the same text');
}

for (const kind of KINDS) {
  describe(`stdout is a ${kind}`, () => {
    test('R7.5 a reader that does not read keeps nobody waiting, and gets every byte in the end', async (t) => {
      const child = start(t, kind, 'unread');
      assert.deepEqual(await child.message(), { turns: 20 });
      const text = child.read();
      assert.deepEqual(await child.message(), DELIVERED);
      assertSame(await text, ALL);
      assert.equal(await child.ended, 0);
    });

    test('R7.5 a send that is stopped settles, and the batch goes on where it stopped', async (t) => {
      const child = start(t, kind, 'resumed');
      assert.equal(((await child.message()) as { kind: string }).kind, 'retry');
      const text = child.read();
      assert.deepEqual(await child.message(), DELIVERED);
      assertSame(await text, ALL);
    });

    test('R7.5 after a batch that was given up in the middle of a line the next begins a line of its own', async (t) => {
      const child = start(t, kind, 'abandoned');
      assert.equal(((await child.message()) as { kind: string }).kind, 'retry');
      const text = child.read();
      assert.deepEqual(await child.message(), DELIVERED);
      const lines = (await text).split('\n');
      const torn = lines.at(-3) ?? '';
      assert.deepEqual(lines.slice(-2), ['next 0', '']);
      assert.ok(`abandoned ${lines.length - 3}`.startsWith(torn), torn);
      assert.ok(lines.slice(0, -3).every((line, i) => line === `abandoned ${i}`));
    });

    test('R8.1 a reader that has gone is a reason to refuse, not to crash', async (t) => {
      const child = start(t, kind, 'gone');
      await child.message();
      child.stopReading();
      child.proceed();
      const refused = { kind: 'refused', reason: 'epipe', message: 'the reader of stdout has gone.' };
      assert.deepEqual(await child.message(), refused);
      assert.deepEqual(await child.message(), refused);
      assert.equal(await child.ended, 0);
    });

    test('R8.4 at process.exit the rest is written in the same tick, once, and the exit code stays', async (t) => {
      const child = start(t, kind, 'exit', '20000');
      await child.message();
      const text = await child.read();
      assertSame(text, `${ALL}last 0\n`);
      assert.deepEqual(await child.message(), [DELIVERED, DELIVERED]);
      assert.equal(await child.ended, 7);
    });

    test('R8.4 at process.exit a reader that does not read is given up at the deadline', async (t) => {
      const child = start(t, kind, 'exit', '50');
      await child.message();
      const outcomes = (await child.message()) as { kind: string }[];
      assert.deepEqual(
        outcomes.map((outcome) => outcome.kind),
        ['retry', 'retry'],
      );
      assert.equal(await child.ended, 7);
    });

    test('what comes after close is refused', async (t) => {
      const child = start(t, kind, 'closed');
      const text = child.read();
      assert.equal(((await child.message()) as { reason: string }).reason, 'closed');
      assert.equal(await text, 'line 0\n');
    });
  });
}

test('R7.5 a child that inherits the pipe and makes it blocking again changes nothing', async (t) => {
  const child = start(t, 'pipe', 'inherited');
  assert.deepEqual(await child.message(), { turns: 20 });
  const text = child.read();
  assert.deepEqual(await child.message(), DELIVERED);
  assertSame(await text, `first 0\n${ALL}`);
});

describe('stdout is a file', () => {
  const script = join(import.meta.dirname, 'fd-child.ts');
  const toFile = (t: TestContext, ...args: string[]): string => {
    const folder = mkdtempSync(join(tmpdir(), 'spanlog-file-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'out');
    spawnSync('sh', ['-c', 'exec "$@" > "$OUT"', 'sh', process.execPath, script, ...args], {
      env: { ...process.env, OUT: file },
      timeout: 30_000,
    });
    return readFileSync(file, 'utf8');
  };

  test('R7.1 it gets every byte', (t) => assertSame(toFile(t, 'send'), ALL));

  test('R8.4 process.exit with a write on its way loses nothing and writes nothing twice', (t) => {
    assertSame(toFile(t, 'exit', '1000'), `${ALL}last 0\n`);
  });
});

test('R8.1 a full disk is a reason to try again', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, (t) => {
  const script = `
    import { Batch } from '${join(import.meta.dirname, '../../src/core/batch.ts')}';
    import { createFdTransport } from '${join(import.meta.dirname, '../../src/destinations/fd-transport.ts')}';
    const batch = new Batch(16);
    batch.append(Buffer.from('line\\n'), 0, 5);
    batch.commit(0, 9);
    const outcome = await createFdTransport(1).send(batch, new AbortController().signal);
    process.stderr.write(JSON.stringify([outcome, createFdTransport(1).sendSync([batch], 10)]));
  `;
  const { stderr } = spawnSync(
    'sh',
    ['-c', 'exec "$@" > /dev/full', 'sh', process.execPath, '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
  t.diagnostic(stderr);
  const [sent, [sentSync]] = JSON.parse(stderr) as [
    { kind: string; reason: string },
    [{ kind: string; reason: string }],
  ];
  assert.deepEqual([sent.kind, sent.reason], ['retry', 'enospc']);
  assert.deepEqual([sentSync.kind, sentSync.reason], ['retry', 'enospc']);
});
