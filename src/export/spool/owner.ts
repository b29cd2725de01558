/**
 * Who owns which folder of a spool:
 *
 *     <directory>/spanlog-spool-<uid>/<group>/<owner>/                        its segments
 *                                             <owner>/adopted-<other owner>/  those of one that ended
 *
 * What holds:
 *
 * - A folder appears under its name with its `owner.json` in it, and its name is never used again. So what was once
 *   judged to have ended does not come back, and whoever finds its own path gone has lost it.
 * - It changes hands by one rename, from the group into the folder of the adopter, which is atomic: of several one
 *   succeeds, the others find nothing any more. An adopter whose own folder is taken meanwhile finds nothing either, and
 *   leaves the rest where it is.
 * - Only the owner puts anything into its folder. So when it dies, its folder holds all that it had adopted, and the next
 *   one takes it over whole. Those inside are then lifted to stand beside it.
 * - Folders are removed when empty (rmdir), never with what is in them. So whatever slips in late stays, and is found by
 *   `adopt`, of this owner or of the next.
 * - Renames and the release are synchronous: neither happens in the middle of the other.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { open, readdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemIdentity, SYSTEM_CLOCK } from './identity.ts';
import type { Identity, SpoolClock } from './identity.ts';
import { CONFIRM_MS, EXPIRY_MS, HEARTBEAT_MS, LEFT_FILE, OWNER_FILE, judge, ownFolder, ownerText } from './liveness.ts';
import type { Judgement } from './liveness.ts';
import { failing, keepGroup, openGroup, safeName, writeFile } from './root.ts';
import type { SpoolGroup } from './root.ts';
import { createSystemTimers } from '../timers.ts';
import type { Timers } from '../timers.ts';

/** What a folder of an ended owner is called inside of the adopter's. */
export const ADOPTED_PREFIX = 'adopted-';

/** A folder in the making, or what a crash left of one. */
const TMP_NAME = /^\..*\.tmp$/;

/** How often a claim is tried when what it has just made is swept away by somebody. */
const CLAIM_ATTEMPTS = 3;

/** A folder that this process, and no other, writes to. */
export interface OwnedFolder {
  readonly path: string;
  /** Set by the spool: runs once, when the folder is found gone or taken. Only a new claim helps then. */
  onLost: () => void;
  /**
   * Takes over the folders of owners that ended, oldest first, and returns where they are now; each holds something.
   * What can't be told or fails is left for a later call: owners on other machines are judged by two looks, CONFIRM_MS
   * apart. Never rejects.
   */
  adopt(): Promise<string[]>;
  /** Shows that the owner lives; runs by itself every HEARTBEAT_MS. False when the folder is lost. Never rejects. */
  heartbeat(): Promise<boolean>;
  /** Removes an adopted folder, now that the spool took everything out of it. False when something is left. */
  removeAdopted(path: string): boolean;
  /**
   * The owner ends in good order. The folder is removed if nothing is in it; otherwise it is marked as left, so that the
   * next one need not find out. Nothing is adopted any more. Never throws.
   */
  release(): void;
}

export interface ClaimParts {
  /** Exists, or can be made. */
  readonly directory: string;
  readonly group: SpoolGroup;
  readonly identity?: Identity;
  readonly timers?: Timers;
  readonly clock?: SpoolClock;
  /** Has the names in a folder survive a power cut; left out where nothing has to. */
  readonly syncFolder?: ((path: string) => void) | undefined;
}

/**
 * Makes a folder of one's own for the records of `group`.
 *
 * @throws SpoolFolderError when there can be none
 */
export function claimFolder(parts: ClaimParts): OwnedFolder {
  const identity = parts.identity ?? systemIdentity();
  const clock = parts.clock ?? SYSTEM_CLOCK;
  for (let attempt = 1; ; attempt++) {
    const group = openGroup(parts.directory, parts.group);
    try {
      const path = makeFolder(group, identity, clock);
      if (parts.syncFolder !== undefined) syncNames(group, parts.syncFolder);
      return new OwnerFolder(path, identity, clock, parts);
    } catch (error) {
      const swept = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!swept || attempt === CLAIM_ATTEMPTS) failing(parts.directory, () => raise(error));
    }
  }
}

/** Of the owner's folder, the group's and the root: without them, what is synced in it would be in no folder. */
function syncNames(group: string, syncFolder: (path: string) => void): void {
  const root = dirname(group);
  for (const path of [group, root, dirname(root)]) syncFolder(path);
}

function raise(error: unknown): never {
  throw error;
}

function makeFolder(group: string, identity: Identity, clock: SpoolClock): string {
  const { host, pid, startTime } = identity;
  const name = `${safeName(host)}-${pid}-${startTime ?? 0}-${randomBytes(8).toString('hex')}`;
  const path = join(group, name);
  const made = join(group, `.${name}.tmp`);
  fs.mkdirSync(made, 0o700);
  try {
    // An umask may have taken the owner's own bits.
    if (process.geteuid !== undefined) fs.chmodSync(made, 0o700);
    writeFile(join(made, OWNER_FILE), ownerText(identity, clock.wallMs(), clock.bootMs()), 'wx');
    fs.renameSync(made, path);
  } catch (error) {
    removeIfEmpty(made);
    throw error;
  }
  return path;
}

/** A heartbeat, and when it was first seen (`bootMs`). */
interface Seen {
  readonly heartbeat: number;
  readonly seenAt: number;
}

class OwnerFolder implements OwnedFolder {
  readonly path: string;
  onLost: () => void = () => undefined;
  readonly #parts: ClaimParts;
  readonly #identity: Identity;
  readonly #clock: SpoolClock;
  readonly #timers: Timers;
  readonly #since: number;
  #state: 'owned' | 'lost' | 'released' = 'owned';
  #cancelTimer: () => void = () => undefined;
  /** One call of `adopt` after the other. */
  #adopting: Promise<unknown> = Promise.resolve();
  /** Paths in our folder that `adopt` has returned. */
  readonly #handedOut = new Set<string>();
  /** Silent owners by name. */
  #silent = new Map<string, Seen>();

  constructor(path: string, identity: Identity, clock: SpoolClock, parts: ClaimParts) {
    this.path = path;
    this.#identity = identity;
    this.#clock = clock;
    this.#timers = parts.timers ?? createSystemTimers();
    this.#parts = parts;
    this.#since = clock.wallMs();
    this.#scheduleHeartbeat();
  }

  #scheduleHeartbeat(): void {
    if (this.#state !== 'owned') return;
    this.#cancelTimer = this.#timers.after(
      HEARTBEAT_MS,
      () => void this.heartbeat().then(() => this.#scheduleHeartbeat()),
      false,
    );
  }

  async heartbeat(): Promise<boolean> {
    const file = join(this.path, OWNER_FILE);
    try {
      await overwrite(file, this.#ownerText());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.#onMissing(file);
      // A full disk that writes even old blocks anew still takes a time. If not that either, the folder is there all the same.
      const now = new Date(this.#clock.wallMs());
      await utimes(file, now, now).catch(() => undefined);
    }
    const { directory, group } = this.#parts;
    if (this.#state === 'owned') await keepGroup(directory, group, this.#clock.wallMs());
    return this.#state === 'owned';
  }

  /** Our folder is gone, or a cleaner of old files took `owner.json` only. */
  #onMissing(file: string): boolean {
    if (this.#state !== 'owned') return false;
    if (exists(this.path)) {
      try {
        writeFile(file, this.#ownerText(), 'wx');
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return true;
      }
    }
    this.#state = 'lost';
    this.#cancelTimer();
    this.onLost();
    return false;
  }

  #ownerText(): string {
    return ownerText(this.#identity, this.#since, this.#clock.bootMs());
  }

  adopt(): Promise<string[]> {
    const adopted = this.#adopting.then(() => this.#adopt());
    this.#adopting = adopted;
    return adopted;
  }

  async #adopt(): Promise<string[]> {
    const group = dirname(this.path);
    const silent = this.#silent;
    this.#silent = new Map();
    for (const name of await namesIn(group)) {
      const path = join(group, name);
      if (path === this.path) continue;
      const judged = TMP_NAME.test(name) ? undefined : await this.#judge(path);
      if (this.#state !== 'owned') return [];
      if (TMP_NAME.test(name)) this.#removeExpired(path);
      else if (judged !== undefined && this.#hasEnded(name, judged, silent)) {
        moved(path, join(this.path, `${ADOPTED_PREFIX}${name}`));
      }
    }
    return this.#handOut();
  }

  #judge(path: string): Promise<Judgement | undefined> {
    return judge(path, this.#identity, this.#clock);
  }

  #hasEnded(name: string, { state, heartbeat }: Judgement, seen: ReadonlyMap<string, Seen>): boolean {
    if (state !== 'silent') return state !== 'running';
    const now = this.#clock.bootMs();
    const before = seen.get(name);
    const unmoved = before?.heartbeat === heartbeat ? before : { heartbeat, seenAt: now };
    this.#silent.set(name, unmoved);
    return now - unmoved.seenAt >= CONFIRM_MS;
  }

  /** Lifts what stands inside of adopted folders, and returns all that the spool does not know yet. */
  async #handOut(): Promise<string[]> {
    const found: { readonly path: string; readonly since: number }[] = [];
    const waiting = adoptedIn(this.path);
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      for (const nested of adoptedIn(path)) {
        const lifted = join(this.path, nested.slice(path.length + 1));
        if (moved(nested, lifted)) waiting.push(lifted);
      }
      if (this.#handedOut.has(path) || removeIfEmpty(path)) continue;
      const judged = await this.#judge(path);
      if (this.#state !== 'owned') return [];
      if (judged !== undefined) found.push({ path, since: judged.since });
    }
    found.sort((a, b) => a.since - b.since);
    for (const { path } of found) this.#handedOut.add(path);
    return found.map(({ path }) => path);
  }

  /** What a claim that died left behind: a folder with nothing but an `owner.json`, or a file. */
  #removeExpired(path: string): void {
    try {
      const stat = fs.lstatSync(path);
      if (Math.abs(this.#clock.wallMs() - stat.mtimeMs) <= EXPIRY_MS) return;
      if (stat.isDirectory()) removeIfEmpty(path);
      else fs.unlinkSync(path);
    } catch {
      // Another one did it, or nobody can.
    }
  }

  removeAdopted(path: string): boolean {
    if (dirname(path) !== this.path || !removeIfEmpty(path)) return false;
    this.#handedOut.delete(path);
    return true;
  }

  release(): void {
    if (this.#state !== 'owned') return;
    this.#state = 'released';
    this.#cancelTimer();
    if (!moved(join(this.path, OWNER_FILE), join(this.path, LEFT_FILE))) return;
    // From here on it may be adopted at any moment; then nothing is found at these paths, and nothing is done.
    for (const path of adoptedIn(this.path)) removeIfEmpty(path);
    removeIfEmpty(this.path);
  }
}

/** False when it did not work out, most often because another one was first. */
function moved(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Removes a folder in which nothing but the owner's own files is left. False when it is still there. */
function removeIfEmpty(path: string): boolean {
  try {
    const names = fs.readdirSync(path);
    if (names.some((name) => name !== OWNER_FILE && name !== LEFT_FILE)) return false;
    for (const name of names) fs.unlinkSync(join(path, name));
    fs.rmdirSync(path);
    return true;
  } catch {
    return !exists(path);
  }
}

/** Folders in `path` that were adopted; links are none. */
function adoptedIn(path: string): string[] {
  try {
    const names = fs.readdirSync(path).filter((name) => name.startsWith(ADOPTED_PREFIX));
    return names.map((name) => join(path, name)).filter((inner) => ownFolder(inner) !== undefined);
  } catch {
    return [];
  }
}

/** True when it can't be told. */
function exists(path: string): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch {
    return [];
  }
}

async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(text, 0);
  } finally {
    await file.close();
  }
}
