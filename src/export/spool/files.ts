import * as fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * The file system as the spool uses it; a test puts a disk of its own here. Everything fails with Node's error codes.
 *
 * Writes name their position and are whole or failed, so that one which failed halfway is simply done again. What has a
 * `Sync` is for the ways that must not leave the caller's tick: `durability: 'sync'` and the end of a process.
 */
export interface SpoolFiles {
  /** Makes a new file, for reading and writing by this user alone. Fails with EEXIST where something is. */
  create(path: string): Promise<number>;
  createSync(path: string): number;
  /** Opens a file that exists, for reading and writing. Fails for what is none, and for links, wherever they lead. */
  open(path: string): Promise<number>;
  /** Bytes of the file now. */
  size(fd: number): Promise<number>;
  /** Reads up to `length` bytes to the front of `into`; returns how many, 0 at the end. */
  read(fd: number, into: Buffer, length: number, position: number): Promise<number>;
  /** Writes the first `length` bytes. Resolves when the operating system has all of them. */
  write(fd: number, bytes: Buffer, length: number, position: number): Promise<void>;
  writeSync(fd: number, bytes: Buffer, length: number, position: number): void;
  /** Resolves when what was written survives a power cut, as far as the disk tells the truth. */
  sync(fd: number): Promise<void>;
  syncSync(fd: number): void;
  /** The same for names of files that were made in the folder. */
  syncFolder(path: string): Promise<void>;
  syncFolderSync(path: string): void;
  truncate(fd: number, length: number): Promise<void>;
  close(fd: number): void;
  remove(path: string): Promise<void>;
  removeSync(path: string): void;
  rename(from: string, to: string): Promise<void>;
  /** Names in the folder, in no order. */
  list(folder: string): Promise<string[]>;
  /** Of a regular file; fails for all else. Times are of the wall clock, in ms since 1970. */
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number }>;
  makeFolder(path: string): Promise<void>;
}

const MODE = 0o600;
const FOLDER_MODE = 0o700;
const NEW_FILE = 'wx+';
const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = fs.constants as Partial<typeof fs.constants>;
/** Not through links; and not waiting for somebody at the other end of what turns out to be a pipe. */
const EXISTING_FILE = (O_RDWR ?? 2) | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
/** Windows refuses it (EPERM), and writes names down by itself. */
const canSyncFolders = process.platform !== 'win32';
const hasModes = process.geteuid !== undefined;

/** An umask may have taken the owner's own bits: whoever reads the file later has to open it. */
function setOwnMode(fd: number): void {
  if (hasModes) fs.fchmodSync(fd, MODE);
}

function checkIsFile(stat: fs.Stats, path: string): void {
  if (!stat.isFile()) throw Object.assign(new Error(`${path} is no regular file`), { code: 'EINVAL' });
}

function orClosed(fd: number, check: () => void): number {
  try {
    check();
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

const write = promisify(fs.write);
const read = promisify(fs.read);

export const SYSTEM_FILES: SpoolFiles = {
  async create(path) {
    const fd = await promisify(fs.open)(path, NEW_FILE, MODE);
    return orClosed(fd, () => setOwnMode(fd));
  },
  createSync(path) {
    const fd = fs.openSync(path, NEW_FILE, MODE);
    return orClosed(fd, () => setOwnMode(fd));
  },
  async open(path) {
    const fd = await promisify(fs.open)(path, EXISTING_FILE);
    return orClosed(fd, () => checkIsFile(fs.fstatSync(fd), path));
  },
  size: async (fd) => (await promisify(fs.fstat)(fd)).size,
  read: async (fd, into, length, position) => (await read(fd, into, 0, length, position)).bytesRead,
  async write(fd, bytes, length, position) {
    for (let done = 0; done < length;) {
      done += (await write(fd, bytes, done, length - done, position + done)).bytesWritten;
    }
  },
  writeSync(fd, bytes, length, position) {
    for (let done = 0; done < length;) done += fs.writeSync(fd, bytes, done, length - done, position + done);
  },
  sync: promisify(fs.fdatasync),
  syncSync: fs.fdatasyncSync,
  async syncFolder(path) {
    if (!canSyncFolders) return;
    const fd = await promisify(fs.open)(path, 'r');
    try {
      await promisify(fs.fsync)(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  syncFolderSync(path) {
    if (!canSyncFolders) return;
    const fd = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  truncate: promisify(fs.ftruncate),
  close: fs.closeSync,
  remove: promisify(fs.unlink),
  removeSync: fs.unlinkSync,
  rename: promisify(fs.rename),
  list: (folder) => promisify(fs.readdir)(folder),
  async stat(path) {
    const stat = await promisify(fs.lstat)(path);
    checkIsFile(stat, path);
    return { bytes: stat.size, modifiedMs: stat.mtimeMs };
  },
  async makeFolder(path) {
    const made = await promisify(fs.mkdir)(path, { recursive: true, mode: FOLDER_MODE });
    if (made !== undefined && hasModes) await promisify(fs.chmod)(path, FOLDER_MODE);
  },
};
