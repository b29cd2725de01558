/**
 * A disk of our own behind the spool's file-system seam: it fails as told, fills up, finishes what is asynchronous when
 * told, and loses at a power cut what was not synced: whole, in parts of 512 bytes, in any order.
 *
 * Descriptors are given away again at once, the lowest first, and an asynchronous write reads its bytes and its
 * descriptor when it is done, not when it is asked for. So whoever closes a file below a write, or reuses a buffer, finds
 * out here.
 */
import { basename, dirname } from 'node:path';
import type { SpoolFiles } from '../../../src/export/spool/files.ts';

const SECTOR_BYTES = 512;
const O_BLOCK_BYTES = 4_096;

interface Change {
  /** Undefined is a truncation to `position`. */
  readonly bytes: Buffer | undefined;
  readonly position: number;
}

class Inode {
  /** As processes see it. */
  content: Buffer = Buffer.alloc(0);
  /** As the medium has it. */
  durable: Buffer = Buffer.alloc(0);
  unsynced: Change[] = [];
  modifiedMs = Date.now();

  change(change: Change): void {
    this.content = applied(this.content, change);
    this.unsynced.push(change);
    this.modifiedMs = Date.now();
  }

  sync(): void {
    this.durable = this.content;
    this.unsynced = [];
  }
}

function applied(content: Buffer, { bytes, position }: Change): Buffer {
  if (bytes === undefined) return Buffer.from(content.subarray(0, position));
  const result = Buffer.alloc(Math.max(content.length, position + bytes.length));
  content.copy(result);
  bytes.copy(result, position);
  return result;
}

/** What is about to be done; a test answers with the error that it shall end with. */
export interface Operation {
  readonly name: keyof SpoolFiles;
  readonly path: string;
}

export class SimulatedDisk {
  readonly files: SpoolFiles;
  /** Bytes that all files may take. */
  capacity = Infinity;
  /** The code that an operation fails with. */
  failing: (operation: Operation) => string | undefined = () => undefined;
  /** Names of operations in their order, for what must not be done too often. */
  readonly log: Operation[] = [];
  /** Uses of descriptors that are closed. There must be none. */
  readonly misuses: string[] = [];
  readonly #names = new Map<string, Inode>();
  /** Names as the medium has them. */
  readonly #durableNames = new Map<string, Inode>();
  readonly #open = new Map<number, { readonly inode: Inode; readonly path: string }>();
  /** Asynchronous operations that wait to be finished; undefined when they are finished at once. */
  #held: (() => void)[] | undefined;

  constructor() {
    this.files = this.#seam();
  }

  get openFiles(): number {
    return this.#open.size;
  }

  /** Bytes of all files. */
  get bytes(): number {
    return [...this.#names.values()].reduce((sum, { content }) => sum + content.length, 0);
  }

  /** Paths of files in the folder, or in all. */
  paths(folder?: string): string[] {
    return [...this.#names.keys()].filter((path) => folder === undefined || dirname(path) === folder).sort();
  }

  content(path: string): Buffer {
    return this.#inode(path).content;
  }

  put(path: string, content: Buffer): void {
    const inode = new Inode();
    inode.content = content;
    inode.sync();
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  delete(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  /** A file's name is moved behind everybody's back. */
  age(path: string, modifiedMs: number): void {
    this.#inode(path).modifiedMs = modifiedMs;
  }

  /** From now on what is asynchronous waits for `finish`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Operations that wait. */
  get held(): number {
    return this.#held?.length ?? 0;
  }

  /** Finishes one operation: the oldest, or the one at `index`. */
  finish(index = 0): void {
    this.#held?.splice(index, 1)[0]?.();
  }

  /** Finishes all that wait, and from now on everything at once. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const run of held) run();
  }

  /** The disk as another process finds it after a kill: what was under way has come to be, or has not. */
  killed(random: () => number): SimulatedDisk {
    for (const run of this.#held ?? []) if (random() < 0.5) run();
    const next = new SimulatedDisk();
    for (const [path, inode] of this.#names) next.put(path, inode.content);
    return next;
  }

  /** The disk after a power cut. */
  cut(random: () => number): SimulatedDisk {
    for (const run of this.#held ?? []) if (random() < 0.5) run();
    const next = new SimulatedDisk();
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const [now, durable] = [this.#names.get(path), this.#durableNames.get(path)];
      const inode = now === durable || random() < 0.5 ? now : durable;
      if (inode !== undefined) next.put(path, survivingContent(inode, random));
    }
    return next;
  }

  #seam(): SpoolFiles {
    const later = <T>(name: keyof SpoolFiles, path: () => string, run: () => T): Promise<T> =>
      this.#later(name, path, run);
    const of = (fd: number) => (): string => this.#open.get(fd)?.path ?? `descriptor ${fd}`;
    return {
      create: (path) =>
        later(
          'create',
          () => path,
          () => this.#create(path),
        ),
      createSync: (path) => this.#now('createSync', path, () => this.#create(path)),
      open: (path) =>
        later(
          'open',
          () => path,
          () => this.#descriptor(this.#inode(path), path),
        ),
      size: (fd) => later('size', of(fd), () => this.#used(fd, 'size').content.length),
      read: (fd, into, length, position) =>
        later('read', of(fd), () => this.#used(fd, 'read').content.copy(into, 0, position, position + length)),
      write: (fd, bytes, length, position) =>
        later('write', of(fd), () => this.#write(fd, bytes.subarray(0, length), position)),
      writeSync: (fd, bytes, length, position) =>
        this.#now('writeSync', of(fd)(), () => this.#write(fd, bytes.subarray(0, length), position)),
      sync: (fd) => later('sync', of(fd), () => this.#used(fd, 'sync').sync()),
      syncSync: (fd) => this.#now('syncSync', of(fd)(), () => this.#used(fd, 'syncSync').sync()),
      syncFolder: (path) =>
        later(
          'syncFolder',
          () => path,
          () => this.#syncFolder(path),
        ),
      syncFolderSync: (path) => this.#now('syncFolderSync', path, () => this.#syncFolder(path)),
      truncate: (fd, length) =>
        later('truncate', of(fd), () => this.#used(fd, 'truncate').change({ bytes: undefined, position: length })),
      close: (fd) => {
        if (!this.#open.delete(fd)) this.misuses.push('close');
      },
      remove: (path) =>
        later(
          'remove',
          () => path,
          () => this.#remove(path),
        ),
      removeSync: (path) => this.#now('removeSync', path, () => this.#remove(path)),
      rename: (from, to) =>
        later(
          'rename',
          () => from,
          () => {
            const inode = this.#inode(from);
            this.#names.delete(from);
            this.#names.set(to, inode);
          },
        ),
      list: (folder) =>
        later(
          'list',
          () => folder,
          () => this.paths(folder).map((path) => basename(path)),
        ),
      stat: (path) =>
        later(
          'stat',
          () => path,
          () => {
            const { content, modifiedMs } = this.#inode(path);
            return { bytes: content.length, modifiedMs };
          },
        ),
      makeFolder: (path) =>
        later(
          'makeFolder',
          () => path,
          () => undefined,
        ),
    };
  }

  #later<T>(name: keyof SpoolFiles, path: () => string, run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        try {
          resolve(this.#now(name, path(), run));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (this.#held === undefined) queueMicrotask(finish);
      else this.#held.push(finish);
    });
  }

  #now<T>(name: keyof SpoolFiles, path: string, run: () => T): T {
    this.log.push({ name, path });
    const code = this.failing({ name, path });
    if (code !== undefined) throw failure(code, path);
    return run();
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw failure('ENOENT', path);
    return inode;
  }

  #used(fd: number, name: string): Inode {
    const open = this.#open.get(fd);
    if (open !== undefined) return open.inode;
    this.misuses.push(name);
    throw failure('EBADF', `descriptor ${fd}`);
  }

  #create(path: string): number {
    if (this.#names.has(path)) throw failure('EEXIST', path);
    const inode = new Inode();
    this.#names.set(path, inode);
    return this.#descriptor(inode, path);
  }

  #descriptor(inode: Inode, path: string): number {
    let fd = 3;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, { inode, path });
    return fd;
  }

  /** Where the disk is full, what fits is written, as real ones do. */
  #write(fd: number, bytes: Buffer, position: number): void {
    const inode = this.#used(fd, 'write');
    const growth = Math.max(0, blocks(position + bytes.length) - blocks(inode.content.length));
    const free = this.capacity - this.#usedBytes();
    if (growth <= free) {
      inode.change({ bytes: Buffer.from(bytes), position });
      return;
    }
    const fits = Math.max(0, blocks(inode.content.length) + Math.max(0, free) - position);
    const written = Math.min(bytes.length, fits);
    if (written > 0) inode.change({ bytes: Buffer.from(bytes.subarray(0, written)), position });
    throw failure('ENOSPC', this.#open.get(fd)?.path ?? '');
  }

  #usedBytes(): number {
    return [...this.#names.values()].reduce((sum, { content }) => sum + blocks(content.length), 0);
  }

  #remove(path: string): void {
    this.#inode(path);
    this.#names.delete(path);
  }

  #syncFolder(folder: string): void {
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      if (dirname(path) !== folder) continue;
      const inode = this.#names.get(path);
      if (inode === undefined) this.#durableNames.delete(path);
      else this.#durableNames.set(path, inode);
    }
  }
}

function blocks(bytes: number): number {
  return Math.ceil(bytes / O_BLOCK_BYTES) * O_BLOCK_BYTES;
}

/** Of each write that was not synced any of its sectors may have come to the medium, and of all writes any. */
function survivingContent({ durable, unsynced }: Inode, random: () => number): Buffer {
  let content = durable;
  const share = random();
  for (const { bytes, position } of unsynced) {
    if (bytes === undefined) {
      if (random() < share) content = applied(content, { bytes, position });
      continue;
    }
    for (let from = position; from < position + bytes.length;) {
      const to = Math.min(position + bytes.length, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES);
      const part = bytes.subarray(from - position, to - position);
      if (random() < share) content = applied(content, { bytes: part, position: from });
      from = to;
    }
  }
  return content;
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code });
}
