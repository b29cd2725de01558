import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { lutimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Of everything in a spool. A folder of a newer one is left alone. */
export const FORMAT = 1;

/** Holds the format; written before anything else is, so that what lies beside it is ours. */
const MARKER = 'spanlog-format';
const GROUP_FILE = 'group.json';
const QUARANTINE = 'quarantine';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Whose records lie together. A process takes over what is of its own group only: other records have other collectors. */
export interface SpoolGroup {
  readonly service: string;
  readonly destination: string;
  /** Where they go, for people to read. Credentials and query are cut off. */
  readonly url: string;
}

/** Why there is no spool, and what to do about it. */
export class SpoolFolderError extends Error {
  override readonly name = 'SpoolFolderError';
  readonly fix: string;

  constructor(message: string, fix: string, cause?: unknown) {
    super(message, { cause });
    this.fix = fix;
  }
}

/** The folder in `directory` that holds this user's spools. Each user has one: records are secret to others. */
export function spoolRoot(directory: string): string {
  return join(resolve(directory), `spanlog-spool-${process.geteuid?.() ?? 'user'}`);
}

/** Where damaged segments are kept. Beside the groups: inside of one it would be taken for what an owner left. */
export function quarantineOf(ownerPath: string): string {
  return join(dirname(dirname(ownerPath)), QUARANTINE);
}

/**
 * Makes the root and the group's folder, or checks those that exist: real folders of this user, closed to all others.
 * Only then nobody else can have put anything inside, nor can read it.
 *
 * @throws SpoolFolderError
 */
export function openGroup(directory: string, group: SpoolGroup): string {
  return failing(directory, () => {
    const root = spoolRoot(directory);
    fs.mkdirSync(resolve(directory), { recursive: true });
    makeOwn(root, 'root');
    mark(root);
    const path = join(root, groupFolder(group));
    makeOwn(path, 'group');
    writeGroup(path, group);
    return path;
  });
}

/**
 * Checks the root as it is; `undefined` when there is none.
 *
 * @throws SpoolFolderError
 */
export function findRoot(directory: string): string | undefined {
  const root = spoolRoot(directory);
  if (fs.lstatSync(root, { throwIfNoEntry: false }) === undefined) return undefined;
  return failing(directory, () => {
    checkOwn(root, 'root');
    isMarked(root, true);
    return root;
  });
}

/** Runs `run`; whatever it throws is told as SpoolFolderError. */
export function failing<T>(directory: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SpoolFolderError) throw error;
    const { code, message, path } = error as NodeJS.ErrnoException;
    const where = path ?? resolve(directory.replaceAll('\0', ''));
    throw new SpoolFolderError(`the spool in ${where} can't be opened: ${message}`, fixOf(code, where), error);
  }
}

const ELSEWHERE = 'or choose another directory for the spool';

function fixOf(code: string | undefined, path: string): string {
  const user = process.geteuid === undefined ? 'this user' : `user ${process.geteuid()}`;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `Let ${user} write there (chown or chmod the directory), ${ELSEWHERE}.`;
    case 'EROFS':
      return `Mount a writable volume there, ${ELSEWHERE}.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `Free some space (blocks, inodes or quota) there, ${ELSEWHERE}.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `A part of ${path} is a file: move it away, ${ELSEWHERE}.`;
    case 'ELOOP':
    case 'ENOENT':
      return `A part of ${path} is a link that leads nowhere: mend it, ${ELSEWHERE}.`;
    case 'ENAMETOOLONG':
      return 'Choose a directory with a shorter path for the spool.';
    case 'EMFILE':
    case 'ENFILE':
      return 'Raise the limit of open files (ulimit -n).';
    default:
      return `Check the disk and the directory, ${ELSEWHERE}.`;
  }
}

function makeOwn(path: string, what: 'root' | 'group'): void {
  try {
    fs.mkdirSync(path, FOLDER_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  checkOwn(path, what);
}

/** A mode that is too open or, after an odd umask, too closed is mended; all else is refused. */
function checkOwn(path: string, what: 'root' | 'group'): void {
  if (process.geteuid === undefined) {
    if (!fs.lstatSync(path).isDirectory()) throw notOurs(path, 'it is no folder');
    return;
  }
  let stat = fs.lstatSync(path);
  if (stat.isSymbolicLink()) throw notOurs(path, 'it is a symbolic link');
  if (!stat.isDirectory()) throw notOurs(path, 'it is no folder');
  if (stat.uid !== process.geteuid()) throw notOurs(path, `it belongs to user ${stat.uid}`);
  if ((stat.mode & 0o777) === FOLDER_MODE) return;
  // Before it is closed: afterwards nobody could tell that what is in it may be anybody's.
  if (what === 'root' && (stat.mode & 0o077) !== 0) isMarked(path, false);
  close(path);
  stat = fs.lstatSync(path);
  if (!stat.isDirectory() || (stat.mode & 0o777) !== FOLDER_MODE) {
    throw notOurs(path, 'its mode can’t be set to 0700, so that others could read what is in it');
  }
}

/** Sets the mode of this very folder, and not of what it may have been replaced by just now. */
function close(path: string): void {
  let fd: number;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | NO_FOLLOW);
  } catch (error) {
    // Its owner may not even read it, after an odd umask; then nobody else can do anything with it either.
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    fs.chmodSync(path, FOLDER_MODE);
    return;
  }
  try {
    fs.fchmodSync(fd, FOLDER_MODE);
  } finally {
    fs.closeSync(fd);
  }
}

function notOurs(path: string, why: string): SpoolFolderError {
  return new SpoolFolderError(`the spool folder ${path} is not used: ${why}`, `Move it away, ${ELSEWHERE}.`);
}

/** Several processes may do so at once; all write the same. */
function mark(root: string): void {
  if (!isMarked(root, true)) writeFile(join(root, MARKER), `${FORMAT}\n`, 'w');
}

/**
 * False for an empty folder, for an empty marker (it is being written, or its writer died over it), and for a folder that
 * is closed to others and holds nothing but our own: then a cleaner of old files took the marker.
 */
function isMarked(root: string, isClosed: boolean): boolean {
  const marker = join(root, MARKER);
  const exists = (): boolean => fs.lstatSync(marker, { throwIfNoEntry: false }) !== undefined;
  if (exists()) return isKnown(root);
  const found = fs.readdirSync(root);
  if (found.length === 0) return false;
  // Another process may just be at it. Whatever it makes here comes after its marker, so that must be there by now.
  if (exists()) return isKnown(root);
  const foreign = found.find((name) => !isOwnName(name) || !isOwnFolder(join(root, name)));
  if (isClosed && foreign === undefined) return false;
  throw notOurs(root, `it holds other things (such as ${foreign ?? found[0]}) and no ${MARKER}`);
}

/** As `groupFolder` makes them, and the folder of `quarantineOf`. */
function isOwnName(name: string): boolean {
  return name === QUARANTINE || /^[A-Za-z0-9_][A-Za-z0-9._-]*-[A-Za-z0-9_][A-Za-z0-9._-]*-[0-9a-f]{16}$/.test(name);
}

/** As it must be: not mended here. */
function isOwnFolder(path: string): boolean {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return false;
  return process.geteuid === undefined || (stat.uid === process.geteuid() && (stat.mode & 0o777) === FOLDER_MODE);
}

/**
 * Shows cleaners of old files that the marker and the group's file are in use, and makes anew what they took. Never rejects:
 * what fails here is said when the next one opens the folder.
 */
export async function keepGroup(directory: string, group: SpoolGroup, wallMs: number): Promise<void> {
  const root = spoolRoot(directory);
  const now = new Date(wallMs);
  try {
    for (const path of [join(root, MARKER), join(root, groupFolder(group), GROUP_FILE)]) await lutimes(path, now, now);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    try {
      openGroup(directory, group);
    } catch {
      // As above.
    }
  }
}

function isKnown(root: string): boolean {
  const marker = join(root, MARKER);
  if (!fs.lstatSync(marker).isFile()) throw notOurs(root, `its ${MARKER} is no file`);
  const text = readShort(marker).trim();
  if (text === '') return false;
  const format = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (format === 0) throw notOurs(root, `its ${MARKER} is damaged`);
  if (format <= FORMAT) return true;
  throw new SpoolFolderError(
    `the spool folder ${root} has format ${format}, of a newer version of spanlog; this one knows ${FORMAT}`,
    'Use that version, or choose another directory for the spool.',
  );
}

/** Readable in front; the hash keeps apart what looks alike. */
function groupFolder({ service, destination }: SpoolGroup): string {
  const hash = createHash('sha256').update(JSON.stringify([service, destination]));
  return `${safeName(service)}-${safeName(destination)}-${hash.digest('hex').slice(0, 16)}`;
}

/** A part of a file's name on any system: no separators, no leading dot, bounded. */
export function safeName(text: string): string {
  return (
    text
      .replace(/[^A-Za-z0-9._-]/g, '_')
      .replace(/^[.-]+/, '')
      .slice(0, 40) || '_'
  );
}

function writeGroup(path: string, group: SpoolGroup): void {
  const wanted = { service: group.service, destination: group.destination, url: publicUrl(group.url) };
  const found = readGroup(path);
  if (found !== undefined) {
    const same = found.service === wanted.service && found.destination === wanted.destination;
    if (!same) throw notOurs(path, `it is of the service ${found.service} and its destination ${found.destination}`);
    if (found.url === wanted.url) return;
  }
  const made = join(path, `.group-${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFile(made, `${JSON.stringify(wanted)}\n`, 'wx');
    fs.renameSync(made, join(path, GROUP_FILE));
  } catch (error) {
    fs.rmSync(made, { force: true });
    throw error;
  }
}

/** What the group's folder says of itself; `undefined` when that is missing or unreadable. */
export function readGroup(path: string): SpoolGroup | undefined {
  try {
    const { service, destination, url } = JSON.parse(readShort(join(path, GROUP_FILE))) as Partial<SpoolGroup>;
    if (typeof service !== 'string' || typeof destination !== 'string' || typeof url !== 'string') return undefined;
    return { service, destination, url };
  } catch {
    return undefined;
  }
}

export function publicUrl(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

const NO_FOLLOW = (fs.constants.O_NOFOLLOW as number | undefined) ?? 0;

/** The first 16 KiB of a file that is no link. */
function readShort(path: string): string {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | NO_FOLLOW);
  try {
    const bytes = Buffer.alloc(16_384);
    return bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

/** Writes a file of mode 0600, whatever the umask. */
export function writeFile(path: string, text: string, flag: 'w' | 'wx'): void {
  const fd = fs.openSync(path, flag, FILE_MODE);
  try {
    if (process.geteuid !== undefined) fs.fchmodSync(fd, FILE_MODE);
    fs.writeFileSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}
