import { stat, statSync, watch } from 'node:fs';
import type { FSWatcher, Stats } from 'node:fs';
import { dirname } from 'node:path';

/** How often the file is looked at where the system does not tell of changes: network file systems, links into other folders. */
const POLL_MS = 1_000;
/** A change comes as several events; what is asked in the middle of them is a file half written. */
const SETTLE_MS = 20;

/**
 * Calls `onChange` soon after the file may have changed: written in place, replaced by another, made, removed, or the link
 * to it turned, as Kubernetes updates a ConfigMap. It may call without a change. Never keeps the process alive, never
 * throws. Returns what ends it.
 *
 * The folder is watched and not the file, since a watch on a file stays with the old one when it is replaced; and it is
 * looked at every second besides, since a folder may be replaced too and not every file system tells.
 */
export function watchPath(path: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const settle = (): void => {
    // A look that was under way when the watch ended.
    if (isStopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, SETTLE_MS).unref();
  };
  const watcher = watchFolder(dirname(path), settle);
  const stopLooking = lookAt(path, settle);
  // It may have changed since the caller read it.
  settle();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    watcher?.close();
    stopLooking();
  };
}

/**
 * Looks at the file every second. `fs.watchFile` takes its first look some time after it was called, and never tells of
 * what changed before that.
 */
function lookAt(path: string, onChange: () => void): () => void {
  let seen = stampOf(statsOf(path));
  let isLooking = false;
  const look = (): void => {
    // A network file system may take longer than a second.
    if (isLooking) return;
    isLooking = true;
    stat(path, (_missing, stats: Stats | undefined) => {
      isLooking = false;
      const found = stampOf(stats);
      if (found === seen) return;
      seen = found;
      onChange();
    });
  };
  const timer = setInterval(look, POLL_MS).unref();
  return () => clearInterval(timer);
}

function stampOf(stats: Stats | undefined): string {
  return stats === undefined ? '' : `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}

/** Undefined where the system has no watch left or no such folder: looking every second has to do. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // There is none, or it may not be looked at: either way a change of that is a change.
    return undefined;
  }
}
