import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { isMainThread } from 'node:worker_threads';

/** A way to write to stdout or stderr. */
export interface Descriptor {
  readonly fd: number;
  /** A write may wait for the reader, so it must not be made in the thread that runs the application. */
  readonly blocks: boolean;
  close(): void;
}

/**
 * Finds a way to write to stdout or stderr that does not wait for the reader.
 *
 * Whether writing blocks is not a property of the descriptor but of what it describes, which is shared with parents and
 * children, and a child that inherits it turns blocking on again. So pipes and terminals are opened once more, for us
 * alone. Sockets, as between a Node parent and its child, can't be: for them Node's own stream is created, which makes
 * them non-blocking. Where neither works, and for files, writes go to the thread pool. A pipe is better kept out of
 * there: a write that waits in the pool also holds up `process.exit`.
 *
 * @throws when the descriptor is closed (EBADF)
 */
export function openForWriting(fd: 1 | 2): Descriptor {
  const stats = fstatSync(fd);
  const terminal = isatty(fd);
  if (stats.isFIFO() || terminal) {
    const own = openAgain(fd);
    if (own !== undefined) return { fd: own, blocks: false, close: () => closeSync(own) };
  }
  return { fd, blocks: terminal || !unblock(fd, stats), close: () => undefined };
}

/** A description of our own, non-blocking; `undefined` where the system offers none (not Linux, no permission). */
function openAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** Makes a pipe or socket non-blocking through Node's stream; true when it is. */
function unblock(fd: 1 | 2, stats: Stats): boolean {
  if (!stats.isSocket() && !stats.isFIFO()) return false;
  // In a worker these streams lead to the main thread and tell nothing about the descriptor.
  const touched = isMainThread && (fd === 1 ? process.stdout : process.stderr).writable;
  return isNonBlocking(fd) ?? (touched && process.platform !== 'win32');
}

/** What Linux says of a descriptor's flags; `undefined` elsewhere. */
function isNonBlocking(fd: number): boolean | undefined {
  let info: string;
  try {
    info = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  } catch {
    return undefined;
  }
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
  return flags === undefined ? undefined : (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
}
