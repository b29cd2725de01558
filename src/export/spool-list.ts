import { readdir } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { parseSegmentFile } from './spool-frame.ts';
import { systemIdentity, SYSTEM_CLOCK } from './spool-identity.ts';
import type { Identity, SpoolClock } from './spool-identity.ts';
import { judge, ownFolder } from './spool-liveness.ts';
import { ADOPTED_PREFIX } from './spool-owner.ts';
import { findRoot, readGroup } from './spool-root.ts';
import type { SpoolGroup } from './spool-root.ts';

export interface ListedOwner {
  readonly path: string;
  /** `ended` for one on another machine means: silent for long. */
  readonly state: 'running' | 'left' | 'ended';
  /** Of the segments, with those that it had adopted. */
  readonly bytes: number;
  readonly segments: number;
}

export interface ListedGroup {
  readonly group: SpoolGroup;
  readonly groupPath: string;
  readonly owners: readonly ListedOwner[];
}

/**
 * What this user's spool in `directory` holds. It changes while it is read; what vanishes meanwhile is left out.
 *
 * @throws SpoolFolderError when what stands there is no spool of this user, or a newer one
 */
export async function listSpool(
  directory: string,
  identity: Identity = systemIdentity(),
  clock: SpoolClock = SYSTEM_CLOCK,
): Promise<ListedGroup[]> {
  const root = findRoot(directory);
  if (root === undefined) return [];
  const groups: ListedGroup[] = [];
  for (const name of await namesIn(root)) {
    const groupPath = join(root, name);
    const group = ownFolder(groupPath) && readGroup(groupPath);
    if (group === undefined) continue;
    const owners: ListedOwner[] = [];
    for (const owner of await namesIn(groupPath)) {
      const path = join(groupPath, owner);
      if (owner.startsWith('.') || ownFolder(path) === undefined) continue;
      const judged = await judge(path, identity, clock);
      if (judged === undefined) continue;
      const state = judged.state === 'silent' ? 'ended' : judged.state;
      owners.push({ path, state, ...(await measure(path)) });
    }
    groups.push({ group, groupPath, owners });
  }
  return groups;
}

async function measure(path: string): Promise<{ readonly bytes: number; readonly segments: number }> {
  let bytes = 0;
  let segments = 0;
  for (const name of await namesIn(path)) {
    const inner = join(path, name);
    if (name.startsWith(ADOPTED_PREFIX)) {
      if (ownFolder(inner) === undefined) continue;
      const adopted = await measure(inner);
      bytes += adopted.bytes;
      segments += adopted.segments;
    } else if (parseSegmentFile(name) !== undefined) {
      const stat = lstatSync(inner, { throwIfNoEntry: false });
      if (stat?.isFile() !== true) continue;
      bytes += stat.size;
      segments++;
    }
  }
  return { bytes, segments };
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch {
    return [];
  }
}
