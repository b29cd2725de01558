import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SYSTEM_FILES } from '../../../src/export/spool/files.ts';
import { tempDirectory } from './actors.ts';

const modeOf = (path: string): number => lstatSync(path).mode & 0o777;

describe('R8.3 the files of a spool', () => {
  test('R8.3 what is no regular file is not opened, nor is what a link leads to', async (t) => {
    const directory = tempDirectory(t);
    const [file, link, pipe, folder] = ['file', 'link', 'pipe', 'folder'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
      string,
    ];
    writeFileSync(file, 'records');
    symlinkSync(file, link);
    execFileSync('mkfifo', [pipe]);
    mkdirSync(folder);
    closeSync(await SYSTEM_FILES.open(file));
    await assert.rejects(SYSTEM_FILES.open(link), { code: 'ELOOP' });
    await assert.rejects(SYSTEM_FILES.open(pipe), { code: 'EINVAL' });
    await assert.rejects(SYSTEM_FILES.open(folder), { code: 'EISDIR' });
    for (const path of [link, pipe, folder]) await assert.rejects(SYSTEM_FILES.stat(path), { code: 'EINVAL' });
  });

  test('R8.3 files and folders are their owner’s to read and write, whatever the umask', async (t) => {
    const directory = tempDirectory(t);
    const before = process.umask(0o777);
    try {
      closeSync(await SYSTEM_FILES.create(join(directory, 'a')));
      closeSync(SYSTEM_FILES.createSync(join(directory, 'b')));
      await SYSTEM_FILES.makeFolder(join(directory, 'c'));
    } finally {
      process.umask(before);
    }
    const modes = ['a', 'b', 'c'].map((name) => modeOf(join(directory, name)));
    assert.deepEqual(modes, [0o600, 0o600, 0o700]);
  });
});
