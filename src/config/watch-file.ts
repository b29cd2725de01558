import { unwatchFile, watch, watchFile } from 'node:fs';
import type { FSWatcher } from 'node:fs';
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
  const settle = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, SETTLE_MS).unref();
  };
  const watcher = watchFolder(dirname(path), settle);
  watchFile(path, { persistent: false, interval: POLL_MS }, settle);
  return () => {
    clearTimeout(timer);
    watcher?.close();
    unwatchFile(path, settle);
  };
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
