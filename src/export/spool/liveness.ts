/**
 * Whether the owner of a folder lives. Node knows no file locks, and a pid says nothing across containers. So an owner
 * writes down who it is (`owner.json`), and writes it anew every HEARTBEAT_MS.
 *
 * It has ended:
 *
 * 1. When it says so: `left.json` stands in the place of `owner.json`.
 * 2. When its process can be looked for (same boot and same pid namespace; without /proc, the same host) and is gone. That
 *    is decided at once. While the process runs, the heartbeat counts for nothing: it may be stopped, or its loop blocked.
 *    A worker thread that ended in a living process can't be told from one that runs, so its folder waits for the process.
 * 3. Same boot, another pid namespace: when its heartbeat is older than EXPIRY_MS by the clock that all processes of the
 *    boot share, and by the wall clock too. So no jump of the latter makes a living owner look dead.
 * 4. Another boot: when its heartbeat is older than EXPIRY_MS by the wall clock. On the same host that is all (the machine
 *    was booted again). On another host, whose clock may be off, it is `silent`: it has ended once the heartbeat was seen
 *    not to move for CONFIRM_MS.
 * 5. Without a readable `owner.json` (damaged, or its writer died over it): when nothing in the folder changed for EXPIRY_MS.
 *
 * A heartbeat ahead of the clock by more than EXPIRY_MS counts as expired, in 3 to 5: no owner that lives writes one, on
 * this machine; on another, the confirmation protects it. Otherwise a clock that was wrong once would keep a folder for good.
 */
import { constants, lstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isComparable } from './identity.ts';
import type { Identity, ProcessFacts, SpoolClock } from './identity.ts';
import { FORMAT } from './root.ts';

export const HEARTBEAT_MS = 5_000;
export const EXPIRY_MS = 60_000;
export const CONFIRM_MS = 3 * HEARTBEAT_MS;

export const OWNER_FILE = 'owner.json';
export const LEFT_FILE = 'left.json';

export type OwnerState = 'running' | 'left' | 'ended' | 'silent';

export interface Judgement {
  readonly state: OwnerState;
  /** Unix ms: when the folder was claimed, as far as is known. */
  readonly since: number;
  /** Changes with each heartbeat. */
  readonly heartbeat: number;
}

interface OwnerFacts extends ProcessFacts {
  readonly format: number;
  /** Unix ms. */
  readonly since: number;
  /** The heartbeat, by `bootMs`. By the wall clock it is the file's mtime. */
  readonly beat: number;
}

/** It is written in place, so that no heartbeat needs space on a full disk. All texts have one length therefore. */
const OWNER_BYTES = 2_048;

export function ownerText(identity: Identity, since: number, beat: number): string {
  const { host, bootId, pidNamespace, pid, startTime, threadId } = identity;
  const facts: OwnerFacts = { format: FORMAT, host, bootId, pidNamespace, pid, startTime, threadId, since, beat };
  const text = JSON.stringify(facts);
  return `${text}${' '.repeat(Math.max(0, OWNER_BYTES - 1 - Buffer.byteLength(text)))}\n`;
}

/**
 * Judges the folder at `path` by its files.
 *
 * @returns `undefined` when it is gone, or is no folder of this user
 */
export async function judge(path: string, identity: Identity, clock: SpoolClock): Promise<Judgement | undefined> {
  const left = await readOwner(path, LEFT_FILE);
  const owner = left ?? (await readOwner(path, OWNER_FILE));
  const folder = ownFolder(path);
  if (folder === undefined) return undefined;

  const wallAge = (mtimeMs: number): number => Math.abs(clock.wallMs() - mtimeMs);
  if (owner === 'unknown') return { state: 'running', since: folder.mtimeMs, heartbeat: folder.mtimeMs };
  if (owner?.facts === undefined) {
    if (left !== undefined) return { state: 'left', since: folder.mtimeMs, heartbeat: folder.mtimeMs };
    const changed = Math.max(folder.mtimeMs, owner?.mtimeMs ?? 0);
    return { state: wallAge(changed) > EXPIRY_MS ? 'ended' : 'running', since: changed, heartbeat: changed };
  }
  const { facts, mtimeMs } = owner;
  const judged = (state: OwnerState): Judgement => ({ state, since: facts.since, heartbeat: mtimeMs });
  // Of a newer version, whose rules we don't know.
  if (facts.format > FORMAT) return judged('running');
  if (left !== undefined) return judged('left');
  if (isComparable(facts, identity)) {
    return judged(identity.isRunning(facts.pid, facts.startTime) ? 'running' : 'ended');
  }
  if (wallAge(mtimeMs) <= EXPIRY_MS) return judged('running');
  const sameBoot = facts.bootId !== null && facts.bootId === identity.bootId;
  if (sameBoot) return judged(Math.abs(clock.bootMs() - facts.beat) > EXPIRY_MS ? 'ended' : 'running');
  return judged(facts.host === identity.host ? 'ended' : 'silent');
}

/** What stands at `path`, if it is a real folder of this user: links lead elsewhere, and others' folders are theirs. */
export function ownFolder(path: string): { readonly mtimeMs: number } | undefined {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && (process.geteuid === undefined || stat.uid === process.geteuid()) ? stat : undefined;
  } catch {
    return undefined;
  }
}

const READ = constants.O_RDONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

interface OwnerFile {
  /** `undefined` when it is damaged. */
  readonly facts: OwnerFacts | undefined;
  readonly mtimeMs: number;
}

/** `undefined` when there is no such file; `unknown` when it can't be read just now (too many open files, a failing disk). */
async function readOwner(path: string, name: string): Promise<OwnerFile | undefined | 'unknown'> {
  let file: FileHandle | undefined;
  try {
    file = await open(join(path, name), READ);
    const { mtimeMs } = await file.stat();
    const bytes = Buffer.alloc(OWNER_BYTES * 2);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return { facts: parseOwner(bytes.toString('utf8', 0, bytesRead)), mtimeMs };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unknown';
  } finally {
    await file?.close();
  }
}

function parseOwner(text: string): OwnerFacts | undefined {
  try {
    const facts = JSON.parse(text) as Partial<OwnerFacts> | null;
    const numbers = [facts?.format, facts?.pid, facts?.since, facts?.beat];
    const texts = [facts?.bootId, facts?.pidNamespace, facts?.startTime];
    const sound =
      numbers.every((value) => Number.isFinite(value)) &&
      texts.every((value) => value === null || typeof value === 'string') &&
      typeof facts?.host === 'string';
    return sound ? (facts as OwnerFacts) : undefined;
  } catch {
    return undefined;
  }
}
