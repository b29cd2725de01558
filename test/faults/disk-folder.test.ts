import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { spoolRoot } from '../../src/export/spool/root.ts';
import { tempDirectory } from '../export/spool/actors.ts';
import { assertAllDelivered, ledgerOf } from '../process/app.ts';
import { noticesOf, otherErrorsOf, startChild } from '../support/child-process.ts';
import type { Child, Ended } from '../support/child-process.ts';
import { pointedTo, upTo } from './fault-app.ts';
import { startFaultyServer, status } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';

const APP = join(import.meta.dirname, 'apps', 'disk-folder.ts');
const OTHER_UID = 65_534;
const COUNT = 40;
const IS_ROOT = process.geteuid?.() === 0;
const ROOT_ONLY = { skip: !IS_ROOT && 'only root can be another user' };
/** Root, here or in a user namespace of its own. */
const UNSHARE = ['-m', '-rm'].find(
  (flag) => spawnSync('unshare', [flag, 'sh', '-c', mountingOn('/tmp', '')]).status === 0,
);
const MOUNTS = {
  // In CI a root that can't mount is a broken CI, and no reason to skip.
  skip: UNSHARE === undefined && !(IS_ROOT && process.env.CI === 'true') && 'file systems can’t be mounted here',
};

function mountingOn(path: string, options: string): string {
  return `mount -t tmpfs ${options} tmpfs ${path}`;
}

interface Options {
  readonly server: FaultyServer;
  readonly uid?: number;
  /** Waits for SIGUSR2 before its second half. */
  readonly pause?: boolean;
  /** Ends only when what an earlier process left is sent. */
  readonly drain?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Done as root to the directory, in a mount namespace of the application's. */
  readonly mount?: string;
}

function start(directory: string, { server, uid = 0, pause = false, drain = false, env = {}, mount }: Options): Child {
  const args = [APP, String(uid), String(COUNT), ...(pause ? ['pause'] : []), ...(drain ? ['drain'] : [])];
  const options = {
    env: {
      ...pointedTo(server.endpoint),
      OTEL_SERVICE_NAME: 'shop',
      SPANLOG_DURABILITY: 'disk',
      SPANLOG_SPOOL_DIRECTORY: directory,
      ...env,
    },
  };
  if (mount === undefined) return startChild({ args, ...options });
  const script = `${mount} && exec "$0" "$@"`;
  return startChild({
    command: 'unshare',
    args: [UNSHARE ?? '-m', 'sh', '-c', script, process.execPath, ...args],
    ...options,
  });
}

/** Asserts that all was delivered once and in order, and the process was none the worse for it. */
function assertUnharmed(end: Ended, server: FaultyServer): void {
  assert.deepEqual([end.code, end.signal, end.stdout], [0, null, 'registered\nsuccess\n'], end.stderr);
  assertAllDelivered(end, COUNT);
  assert.deepEqual(server.requests.flatMap(({ numbers }) => numbers), upTo(COUNT)); // prettier-ignore
  assert.equal(otherErrorsOf(end), '');
}

interface Bad {
  readonly fact: string;
  readonly prepare: (t: TestContext, directory: string) => Omit<Options, 'server'> & { readonly directory?: string };
  readonly message: RegExp;
  readonly fix: RegExp;
  readonly only?: { readonly skip: string | false };
}

const BAD: readonly Bad[] = [
  {
    fact: 'a folder that this user may not write to',
    prepare: (_t, directory) => {
      fs.chmodSync(directory, 0o555);
      return { uid: OTHER_UID };
    },
    message: /EACCES/,
    fix: /Let user 65534 write there/,
    only: ROOT_ONLY,
  },
  {
    fact: 'the folder of another user',
    prepare: (_t, directory) => {
      fs.chmodSync(directory, 0o777);
      const root = spoolRoot(directory).replace(/\d+$/, String(OTHER_UID));
      fs.mkdirSync(root);
      return { uid: OTHER_UID };
    },
    message: /it belongs to user 0/,
    fix: /Move it away/,
    only: ROOT_ONLY,
  },
  {
    fact: 'a read-only file system',
    prepare: (_t, directory) => ({ mount: mountingOn(`'${directory}'`, '-o ro') }),
    message: /EROFS/,
    fix: /Mount a writable volume there/,
    only: MOUNTS,
  },
  {
    fact: 'a disk without an inode left',
    prepare: (_t, directory) => ({ mount: mountingOn(`'${directory}'`, '-o nr_inodes=4') }),
    message: /ENOSPC/,
    fix: /Free some space/,
    only: MOUNTS,
  },
  {
    fact: 'a folder of other things',
    prepare: (_t, directory) => {
      fs.mkdirSync(spoolRoot(directory));
      fs.writeFileSync(join(spoolRoot(directory), 'photo.jpg'), 'mine');
      return {};
    },
    message: /holds other things \(such as photo\.jpg\)/,
    fix: /Move it away/,
  },
  {
    fact: 'the spool of a newer version',
    prepare: (_t, directory) => {
      fs.mkdirSync(spoolRoot(directory));
      fs.writeFileSync(join(spoolRoot(directory), 'spanlog-format'), '2\n');
      return {};
    },
    message: /has format 2, of a newer version/,
    fix: /Use that version/,
  },
  {
    fact: 'a spool whose marker is damaged',
    prepare: (_t, directory) => {
      fs.mkdirSync(spoolRoot(directory));
      fs.writeFileSync(join(spoolRoot(directory), 'spanlog-format'), Buffer.from([0, 255, 0]));
      return {};
    },
    message: /spanlog-format is damaged/,
    fix: /Move it away/,
  },
  {
    fact: 'a file where the spool would be',
    prepare: (_t, directory) => {
      fs.writeFileSync(spoolRoot(directory), 'mine');
      return {};
    },
    message: /it is no folder/,
    fix: /Move it away/,
  },
  {
    fact: 'a file in the place of the directory',
    prepare: (_t, directory) => {
      fs.writeFileSync(join(directory, 'file'), 'mine');
      return { directory: join(directory, 'file') };
    },
    message: /EEXIST|ENOTDIR/,
    fix: /is a file: move it away/,
  },
];

function tree(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

describe('R8.6 bad input: a spool that can’t be used', { concurrency: 2 }, () => {
  for (const { fact, prepare, message, fix, only } of BAD) {
    test(
      `R8.6 ${fact}: the application starts, says so once with the fix, and delivers out of memory`,
      only ?? {},
      async (t) => {
        const server = await startFaultyServer(t);
        const directory = tempDirectory(t);
        const { directory: chosen = directory, ...options } = prepare(t, directory);
        const before = tree(directory);
        const end = await start(chosen, { ...options, server }).ended;
        assertUnharmed(end, server);
        const notices = noticesOf(end);
        assert.equal(notices.length, 1, end.stderr);
        assert.match(notices[0] ?? '', message);
        assert.match(notices[0] ?? '', /Records wait in memory alone\./);
        assert.match(notices[0] ?? '', fix);
        assert.deepEqual(tree(directory), before);
      },
    );
  }

  test('R8.6 strict makes no difference to a folder that can’t be used: it is no bad setting, and may be mended tomorrow', async (t) => {
    const server = await startFaultyServer(t);
    const directory = tempDirectory(t);
    fs.writeFileSync(spoolRoot(directory), 'mine');
    const end = await start(directory, { server, env: { SPANLOG_STRICT: 'true' } }).ended;
    assertUnharmed(end, server);
    assert.equal(noticesOf(end).length, 1);
  });

  test('R8.6 strict throws for a spool setting that is none, and without it the default is used and said', async (t) => {
    const server = await startFaultyServer(t);
    const directory = tempDirectory(t);
    const env = { SPANLOG_SPOOL_MAX_BYTES: 'much' };
    const strict = await start(directory, { server, env: { ...env, SPANLOG_STRICT: 'true' } }).ended;
    assert.equal(strict.code, 1);
    assert.match(strict.stderr, /SettingError: [^]*SPANLOG_SPOOL_MAX_BYTES/);
    assert.deepEqual(fs.readdirSync(directory), []);
    const end = await start(directory, { server, env }).ended;
    assertUnharmed(end, server);
    assert.match(noticesOf(end).join(), /SPANLOG_SPOOL_MAX_BYTES/);
  });
});

describe('R8.6 bad input: a spool that goes bad', { concurrency: 2 }, () => {
  /** What is in the spool's segments, as paths. */
  function segments(directory: string): string[] {
    return tree(directory)
      .filter((path) => path.endsWith('.seg') && !path.includes('quarantine'))
      .map((path) => join(directory, path));
  }

  test('R8.6 a damaged record that an earlier process left: it is counted, its neighbours arrive, the file is kept', async (t) => {
    const server = await startFaultyServer(t);
    const directory = tempDirectory(t);
    server.otherwise(status(503));
    const env = { OTEL_BLRP_EXPORT_TIMEOUT: '300', SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '200' };
    const first = await start(directory, { server, env }).ended;
    assert.equal(first.code, 0);
    assert.equal(ledgerOf(first).pending, COUNT);
    const [path = ''] = segments(directory);
    const content = fs.readFileSync(path);
    const middle = Math.floor((content.indexOf('tick') + content.lastIndexOf('tick')) / 2);
    const at = content.indexOf('tick', middle);
    content[at] = (content[at] ?? 0) ^ 0xff;
    fs.writeFileSync(path, content);

    server.otherwise(status(200));
    const refused = server.requests.length;
    const end = await start(directory, { server, drain: true }).ended;
    assert.deepEqual([end.code, end.stdout], [0, 'registered\nsuccess\n'], end.stderr);
    const { replayed, emitted, delivered, pending, dropped } = ledgerOf(end);
    assert.deepEqual(
      [replayed, emitted, delivered, pending, dropped],
      [COUNT, COUNT, 2 * COUNT - 1, 0, { spool_damaged: 1 }],
    );
    const numbers = server.requests.slice(refused).flatMap((request) => request.numbers);
    assert.equal(numbers.length, 2 * COUNT - 1);
    assert.equal(new Set(numbers).size, COUNT);
    assert.ok(tree(directory).some((name) => name.includes('quarantine') && name.endsWith('.seg')));
    const said = noticesOf(end).filter((line) => line.includes('were damaged'));
    assert.equal(said.length, 1, end.stderr);
  });

  test('R8.6 the spool is deleted while the application runs: it goes on, says so at most once, and delivers all', async (t) => {
    const server = await startFaultyServer(t);
    const directory = tempDirectory(t);
    server.otherwise(status(503));
    const app = start(directory, { server, pause: true });
    await app.said('paused');
    assert.equal(segments(directory).length, 1);
    fs.rmSync(spoolRoot(directory), { recursive: true });
    server.otherwise(status(200));
    const refused = server.requests.length;
    app.kill('SIGUSR2');
    const end = await app.ended;
    assert.deepEqual([end.code, end.stdout], [0, 'registered\npaused\nsuccess\n'], end.stderr);
    assertAllDelivered(end, COUNT);
    const numbers = server.requests.slice(refused).flatMap((request) => request.numbers);
    assert.deepEqual(numbers.toSorted((a, b) => a - b), upTo(COUNT)); // prettier-ignore
    assert.ok(noticesOf(end).filter((line) => line.includes('spool')).length <= 1, end.stderr);
  });

  test('R8.6 the spool is deleted while the collector is away: within a heartbeat it is somewhere new, and a kill loses nothing', async (t) => {
    const server = await startFaultyServer(t);
    const directory = tempDirectory(t);
    server.otherwise(status(503));
    const app = start(directory, { server, pause: true });
    await app.said('paused');
    fs.rmSync(spoolRoot(directory), { recursive: true });
    const deadline = performance.now() + 15_000;
    const isBack = (): boolean => segments(directory).some((path) => fs.readFileSync(path).lastIndexOf('tick') > 0);
    while (!isBack()) {
      assert.ok(performance.now() < deadline, 'nothing is on disk again');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    app.kill('SIGKILL');
    const killed = await app.ended;
    assert.equal(killed.signal, 'SIGKILL');
    const said = noticesOf(killed).filter((line) => line.includes('spool'));
    assert.equal(said.length, 1, killed.stderr);
    assert.match(said[0] ?? '', /The folder is gone: whoever removed it took records with it\./);

    server.otherwise(status(200));
    const refused = server.requests.length;
    const next = await start(directory, { server, drain: true }).ended;
    const { replayed, emitted, delivered, pending, dropped } = ledgerOf(next);
    assert.deepEqual([replayed, emitted, delivered, pending, dropped], [COUNT / 2, COUNT, COUNT + COUNT / 2, 0, {}]);
    assert.equal(server.requests.slice(refused).flatMap(({ numbers }) => numbers).length, COUNT + COUNT / 2);
  });
});
