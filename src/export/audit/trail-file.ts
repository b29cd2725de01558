import * as fs from 'node:fs';
import { dirname } from 'node:path';
import type { ChainEnd } from './chain.ts';
import { GENESIS } from './chain.ts';
import { readBytes, readTail, unchainedOf } from './tail.ts';
import type { Unchained } from './tail.ts';

/** Why a file begins, or goes on, where it does. */
export type Opening = 'new' | 'continued' | 'rotated' | 'truncated';

const MODE = 0o600;
const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants as Partial<typeof fs.constants>;
/** Not through links; and not waiting for somebody at the other end of what turns out to be a pipe. */
const FLAGS = (O_RDWR ?? 2) | (O_CREAT ?? 0) | (O_APPEND ?? 0) | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
const NEWLINE = 0x0a;
/** Of what somebody else wrote behind our last line: more is not looked at. */
const MAX_FOREIGN_BYTES = 16 * 1_048_576;

/** It holds something, and no line of a trail. */
export class ForeignFileError extends Error {
  override readonly name = 'ForeignFileError';
}

/** One open file of a trail: what we know to be in it. */
export class TrailFile {
  readonly path: string;
  /** Where its chain stands. */
  end: ChainEnd;
  /** Why it was opened, until that is written. */
  opening: Opening | undefined;
  /** What is in it and not in the chain, until that is written. */
  unchained: Unchained | undefined;
  /** Whether its lines have a key; undefined while there are none. */
  readonly isKeyed: boolean | undefined;
  size: number;
  readonly #fd: number;
  readonly #ino: number;
  /** Its last byte is no line break. */
  #isOpen: boolean;

  /**
   * Opens the file, or makes it.
   *
   * @param after where the chain stands when the file is empty
   * @throws ForeignFileError for what is no trail, and what the file system says
   */
  constructor(path: string, after: ChainEnd | undefined, syncsFolder: boolean) {
    this.path = path;
    this.#fd = fs.openSync(path, FLAGS, MODE);
    try {
      const stat = fs.fstatSync(this.#fd);
      const tail = stat.isFile() ? readTail(this.#fd, stat.size) : undefined;
      if (tail === undefined) throw new ForeignFileError(`${path} holds something that is no audit trail`);
      this.#ino = stat.ino;
      this.size = stat.size;
      this.#isOpen = tail.isOpen;
      this.unchained = tail.unchained;
      this.isKeyed = tail.isKeyed;
      const isEmpty = tail.end.seq === 0;
      this.end = isEmpty ? (after ?? GENESIS) : tail.end;
      this.opening = !isEmpty ? 'continued' : this.end.seq > 0 ? 'rotated' : 'new';
      // An umask may have taken the owner's own bits.
      if (stat.size === 0 && process.geteuid !== undefined) fs.fchmodSync(this.#fd, MODE);
      if (stat.size === 0 && syncsFolder) syncFolder(dirname(path));
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  /** The next line has to begin with a line break. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** False when it is no longer the file of its name: rotated away, or removed. */
  isInPlace(): boolean {
    const stat = fs.statSync(this.path, { throwIfNoEntry: false });
    if (stat?.ino !== this.#ino) return false;
    if (stat.size !== this.size) this.#meet(stat.size);
    return true;
  }

  /** Somebody cut the file, or wrote to it. What the chain says of itself stays true; the next line tells. */
  #meet(size: number): void {
    if (size < this.size) this.opening = 'truncated';
    else this.unchained = unchainedOf(readBytes(this.#fd, this.size, Math.min(size, this.size + MAX_FOREIGN_BYTES)));
    if (size > 0 && size < this.size) this.unchained = readTail(this.#fd, size)?.unchained;
    this.#isOpen = size > 0 && readBytes(this.#fd, size - 1, size)[0] !== NEWLINE;
    this.size = size;
  }

  /**
   * Writes whole lines, or nothing. Where neither works, because nothing can be cut off the file (`chattr +a`, a failing
   * disk), the rest is met as what is in it and not in the chain.
   */
  write(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length;) done += fs.writeSync(this.#fd, bytes, done, bytes.length - done);
    } catch (error) {
      try {
        fs.ftruncateSync(this.#fd, this.size);
      } catch {
        // It is met before the next write.
      }
      throw error;
    }
    this.size += bytes.length;
    this.opening = undefined;
    this.unchained = undefined;
    this.#isOpen = false;
  }

  sync(): void {
    fs.fdatasyncSync(this.#fd);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/** Has the names in a folder survive a power cut. Windows refuses it, and does so by itself. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
