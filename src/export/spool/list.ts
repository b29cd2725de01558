import { readdir } from 'node:fs/promises';
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME_HEADER_BYTES, FRAME_KIND, FRAME_MAGIC, HEAD_BYTES, parseSegmentFile } from './frame.ts';
import { systemIdentity, SYSTEM_CLOCK } from './identity.ts';
import type { Identity, SpoolClock } from './identity.ts';
import { judge, ownFolder } from './liveness.ts';
import { ADOPTED_PREFIX } from './owner.ts';
import { findRoot, readGroup } from './root.ts';
import type { SpoolGroup } from './root.ts';

const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;

export interface ListedOwner {
  readonly path: string;
  /** `ended` for one on another machine means: silent for long. */
  readonly state: 'running' | 'left' | 'ended';
  /** Of the segments that hold records, with those that it had adopted. */
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
      if (stat?.isFile() !== true || isEmpty(inner, stat.size)) continue;
      bytes += stat.size;
      segments++;
    }
  }
  return { bytes, segments };
}

/** True for a segment that was made for what may come: no frame but origins. */
function isEmpty(path: string, bytes: number): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | NO_FOLLOW);
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    let at = HEAD_BYTES;
    while (at < bytes) {
      if (readSync(fd, header, 0, header.length, at) < header.length) return false;
      if (header.readUInt32LE(0) !== FRAME_MAGIC || header[12] !== FRAME_KIND.origin) return false;
      at += FRAME_HEADER_BYTES + header.readUInt32LE(8);
    }
    return at === bytes;
  } catch {
    // It is shown: whoever can read it finds out.
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch {
    return [];
  }
}
