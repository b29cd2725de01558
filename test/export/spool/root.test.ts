import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { findRoot, openGroup, SpoolFolderError, spoolRoot } from '../../../src/export/spool/root.ts';
import { listSpool } from '../../../src/export/spool/list.ts';
import { runChild } from '../../support/child-process.ts';
import { claim, GROUP, identityOf, tempDirectory } from './actors.ts';

const OTHER_UID = 65_534;
const ROOT_ONLY = { skip: process.geteuid?.() !== 0 && 'only root can be another user' };
const modeOf = (path: string): number => fs.lstatSync(path).mode & 0o777;

/** Runs `run` as a user without privileges. */
function asOther<T>(run: () => T): T {
  process.seteuid?.(OTHER_UID);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}

/** What claiming a folder is refused with. */
function refusal(run: () => unknown): SpoolFolderError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SpoolFolderError, String(error));
    assert.match(error.fix, /^[A-Z].*\.$/);
    return error;
  }
  assert.fail('it was not refused');
}

test('R8.3 everything in a spool is closed to other users, whatever the umask', (t) => {
  const directory = tempDirectory(t);
  for (const umask of [0o000, 0o777]) {
    const before = process.umask(umask);
    let path: string;
    try {
      path = claim(directory, identityOf()).path;
    } finally {
      process.umask(before);
    }
    assert.deepEqual([dirname(dirname(path)), dirname(path), path].map(modeOf), [0o700, 0o700, 0o700]);
    const files = [
      join(spoolRoot(directory), 'spanlog-format'),
      join(dirname(path), 'group.json'),
      join(path, 'owner.json'),
    ];
    assert.deepEqual(files.map(modeOf), [0o600, 0o600, 0o600]);
    fs.rmSync(spoolRoot(directory), { recursive: true });
  }
});

test('R8.6 a folder of ours that others may enter is closed', (t) => {
  const directory = tempDirectory(t);
  fs.mkdirSync(spoolRoot(directory));
  fs.chmodSync(spoolRoot(directory), 0o777);
  const path = openGroup(directory, GROUP);
  fs.chmodSync(path, 0o755);
  openGroup(directory, GROUP);
  assert.deepEqual([modeOf(spoolRoot(directory)), modeOf(path)], [0o700, 0o700]);
});

test('R8.3 a group is told by service and destination, and says where its records go without secrets', (t) => {
  const directory = tempDirectory(t);
  const path = openGroup(directory, { ...GROUP, url: 'https://user:secret@collector:4318/v1/logs?key=secret#x' });
  const read = (): unknown => JSON.parse(fs.readFileSync(join(path, 'group.json'), 'utf8'));
  assert.deepEqual(read(), { ...GROUP, url: 'https://collector:4318/v1/logs' });
  assert.match(basename(path), /^shop-main-[0-9a-f]{16}$/);

  assert.equal(openGroup(directory, { ...GROUP, url: 'http://other:4318/' }), path);
  assert.deepEqual(read(), { ...GROUP, url: 'http://other:4318/' });
  assert.equal(openGroup(directory, { ...GROUP, url: 'no url' }), path);
  assert.deepEqual(read(), { ...GROUP, url: '' });

  const names: readonly (readonly [service: string, destination: string])[] = [
    ['shop', 'other'],
    ['shop-main', ''],
    ['shop/', 'main'],
    ['shop_', 'main'],
    ['../..', '.'],
    ['', ''],
    ['a', 'b-c'],
    ['a-b', 'c'],
    ['ü'.repeat(300), 'main'],
    ['ä'.repeat(300), 'main'],
  ];
  const paths = names.map(([service, destination]) => openGroup(directory, { ...GROUP, service, destination }));
  assert.equal(new Set([path, ...paths]).size, names.length + 1);
  for (const other of paths) {
    assert.equal(dirname(other), spoolRoot(directory));
    assert.match(basename(other), /^[A-Za-z0-9_][A-Za-z0-9._-]{0,98}$/);
  }
});

test('R8.6 a damaged group.json and an empty marker are written anew', (t) => {
  const directory = tempDirectory(t);
  const path = openGroup(directory, GROUP);
  fs.truncateSync(join(path, 'group.json'), 5);
  fs.truncateSync(join(spoolRoot(directory), 'spanlog-format'));
  openGroup(directory, GROUP);
  assert.deepEqual(JSON.parse(fs.readFileSync(join(path, 'group.json'), 'utf8')), GROUP);
  assert.equal(fs.readFileSync(join(spoolRoot(directory), 'spanlog-format'), 'utf8'), '1\n');
});

/** Makes the root with one file in it. */
function makeRoot(root: string, file: string, text: string): void {
  fs.mkdirSync(root);
  fs.writeFileSync(join(root, file), text);
}

function linkRoot(root: string): void {
  fs.mkdirSync(`${root}-2`);
  fs.symlinkSync(`${root}-2`, root);
}

const FOREIGN: readonly (readonly [fact: string, prepare: (root: string) => void, message: RegExp])[] = [
  ['a file', (root) => fs.writeFileSync(root, ''), /not used: it is no folder/],
  ['a symbolic link', linkRoot, /symbolic link/],
  ['a link that leads nowhere', (root) => fs.symlinkSync(`${root}-2`, root), /symbolic link/],
  ['a folder of other things', (root) => makeRoot(root, 'photo.jpg', ''), /holds other things \(such as photo.jpg\)/],
  ['one of a newer version', (root) => makeRoot(root, 'spanlog-format', '2\n'), /has format 2, of a newer version/],
  ['one with a damaged marker', (root) => makeRoot(root, 'spanlog-format', '\0\0'), /spanlog-format is damaged/],
  [
    'one whose marker is a folder',
    (root) => void fs.mkdirSync(join(root, 'spanlog-format'), { recursive: true }),
    /spanlog-format is no file/,
  ],
];

describe('R8.6 a folder that is not ours is refused, with the fix, and left as it is', () => {
  for (const [fact, prepare, message] of FOREIGN) {
    test(`R8.6 ${fact}`, async (t) => {
      const directory = tempDirectory(t);
      prepare(spoolRoot(directory));
      const tree = (): string[] => fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
      const before = tree();
      const error = refusal(() => claim(directory, identityOf()));
      assert.match(error.message, message);
      assert.match(error.fix, /choose another directory for the spool/);
      await assert.rejects(listSpool(directory), SpoolFolderError);
      assert.deepEqual(tree(), before);
    });
  }

  test('R8.6 one that belongs to another user', ROOT_ONLY, (t) => {
    const directory = tempDirectory(t);
    fs.mkdirSync(spoolRoot(directory));
    fs.chownSync(spoolRoot(directory), OTHER_UID, OTHER_UID);
    assert.match(refusal(() => claim(directory, identityOf())).message, /belongs to user 65534/);
  });

  test('R8.6 a group folder that is a link, and one that another user put there', ROOT_ONLY, (t) => {
    const directory = tempDirectory(t);
    const path = openGroup(directory, GROUP);
    fs.renameSync(path, `${path}-2`);
    fs.symlinkSync(`${path}-2`, path);
    assert.match(refusal(() => claim(directory, identityOf())).message, /symbolic link/);
    fs.unlinkSync(path);
    fs.mkdirSync(path);
    fs.chownSync(path, OTHER_UID, OTHER_UID);
    assert.match(refusal(() => claim(directory, identityOf())).message, /belongs to user 65534/);
  });

  test('R8.6 a group folder of another service', (t) => {
    const directory = tempDirectory(t);
    const path = openGroup(directory, GROUP);
    fs.writeFileSync(join(path, 'group.json'), JSON.stringify({ ...GROUP, service: 'bank' }));
    assert.match(refusal(() => claim(directory, identityOf())).message, /of the service bank/);
  });
});

test('R8.6 a root without its marker is taken when it is closed to others and holds groups only, and marked anew', (t) => {
  const directory = tempDirectory(t);
  const root = spoolRoot(directory);
  const marker = join(root, 'spanlog-format');
  claim(directory, identityOf());
  fs.mkdirSync(join(root, 'quarantine'), 0o700);
  fs.rmSync(marker);
  assert.equal(findRoot(directory), root);
  claim(directory, identityOf());
  assert.equal(fs.readFileSync(marker, 'utf8'), '1\n');

  // Where others could enter, or something else lies, it may be anybody's.
  fs.rmSync(marker);
  fs.chmodSync(root, 0o755);
  assert.match(refusal(() => claim(directory, identityOf())).message, /no spanlog-format/);
  assert.equal(modeOf(root), 0o755, 'it was closed, so that the next one would take it');
  fs.chmodSync(root, 0o700);
  fs.mkdirSync(join(root, 'photos-2026-0123456789abcdef'), 0o755);
  fs.chmodSync(join(root, 'photos-2026-0123456789abcdef'), 0o755);
  assert.match(refusal(() => claim(directory, identityOf())).message, /photos-2026.* no spanlog-format/);
  assert.equal(fs.existsSync(marker), false);
});

test('R8.6 a group.json that cannot be written is refused, and leaves nothing behind', (t) => {
  const directory = tempDirectory(t);
  const path = openGroup(directory, GROUP);
  fs.unlinkSync(join(path, 'group.json'));
  fs.mkdirSync(join(path, 'group.json'));
  refusal(() => claim(directory, identityOf()));
  assert.deepEqual(fs.readdirSync(path), ['group.json']);
});

describe('R8.6 a directory that can hold no spool is refused with the fix', () => {
  test('R8.6 a part of the path is a file', (t) => {
    const file = join(tempDirectory(t), 'file');
    fs.writeFileSync(file, '');
    for (const directory of [file, join(file, 'a', 'b')]) {
      assert.match(refusal(() => claim(directory, identityOf())).fix, /is a file: move it away/);
    }
  });

  test('R8.6 a link that leads to itself, a name too long, and one with a NUL', (t) => {
    const directory = tempDirectory(t);
    fs.symlinkSync('loop', join(directory, 'loop'));
    assert.match(refusal(() => claim(join(directory, 'loop', 'a'), identityOf())).fix, /link that leads nowhere/);
    assert.match(refusal(() => claim(join(directory, 'x'.repeat(300)), identityOf())).fix, /shorter path/);
    assert.match(refusal(() => claim(join(directory, 'a\0b'), identityOf())).fix, /Check the disk/);
  });

  test('R8.6 no permission', ROOT_ONLY, (t) => {
    const directory = tempDirectory(t);
    fs.chmodSync(directory, 0o755);
    const error = asOther(() => refusal(() => claim(directory, identityOf())));
    assert.match(error.message, /EACCES/);
    assert.match(error.fix, /Let user 65534 write there/);
  });

  const mounted = async (t: Parameters<typeof tempDirectory>[0], options: string): Promise<string> => {
    const app = join(import.meta.dirname, 'apps', 'claim.ts');
    const script = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$1" "$2" "$0"`;
    const args = ['-m', 'sh', '-c', script, tempDirectory(t), process.execPath, app];
    const end = await runChild({ command: 'unshare', args });
    assert.equal(end.stderr, '');
    return end.stdout;
  };
  const canMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /tmp']).status === 0;
  const MOUNTS = { skip: !canMount && 'file systems can’t be mounted here' };

  test('R8.6 a file system that is read-only', MOUNTS, async (t) => {
    assert.match(await mounted(t, 'ro'), /EROFS[^\n]*\nMount a writable volume there/);
  });

  test('R8.6 a disk that is full', MOUNTS, async (t) => {
    for (const inodes of [1, 2, 3, 4, 5, 6]) {
      assert.match(await mounted(t, `nr_inodes=${inodes}`), /ENOSPC[^\n]*\nFree some space/, String(inodes));
    }
    assert.equal(await mounted(t, 'nr_inodes=7'), 'claimed\n');
  });
});

test('R8.6 where there is no spool, none is listed and none is made', async (t) => {
  const directory = tempDirectory(t);
  assert.equal(findRoot(directory), undefined);
  assert.deepEqual(await listSpool(join(directory, 'nothing')), []);
  assert.deepEqual(fs.readdirSync(directory), []);
});
