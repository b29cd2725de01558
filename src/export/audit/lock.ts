/**
 * Who writes a file. Two writers would break its chain, and Node knows no file locks. So there is a file beside it that
 * says who it is, and whose time of change is a sign of life.
 *
 * It is judged as owners of spools are (`spool/liveness`): a process that can be looked for is gone when it is gone; one
 * that can't (another container, another machine) and a worker thread are gone once they have shown no life for EXPIRY_MS.
 * Whoever was taken for dead and was not, finds out before its next write, and goes elsewhere.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { EXPIRY_MS, HEARTBEAT_MS } from '../spool/liveness.ts';
import { isComparable } from '../spool/identity.ts';
import type { Identity, ProcessFacts } from '../spool/identity.ts';
import type { Timers } from '../timers.ts';
import type { ChainEnd } from './chain.ts';

const MODE = 0o600;
const ATTEMPTS = 5;

interface Facts extends ProcessFacts {
  /** Set when the writer has ended in good order: where its chain stands. */
  readonly left?: ChainEnd;
}

/** A writer that lives. */
export type Writer = Pick<ProcessFacts, 'pid' | 'threadId'>;

/** The right to write one file. */
export class AuditLock {
  /** Where the chain stood when the last writer left; undefined when it did not say. */
  readonly left: ChainEnd | undefined;
  readonly #path: string;
  readonly #fd: number;
  readonly #identity: Identity;
  readonly #timers: Timers;
  #cancel: () => void = () => undefined;

  constructor(path: string, fd: number, left: ChainEnd | undefined, identity: Identity, timers: Timers) {
    this.#path = path;
    this.#fd = fd;
    this.left = left;
    this.#identity = identity;
    this.#timers = timers;
    this.#beat();
  }

  /** False when somebody took us for dead. */
  isOurs(): boolean {
    return fs.fstatSync(this.#fd).nlink > 0;
  }

  /** Says where the chain stands, for the next writer. Never throws. */
  release(end: ChainEnd | undefined): void {
    this.#cancel();
    try {
      // In place, and longer than what stands there; the file stays, or a rotated-away file would break the chain.
      if (end !== undefined) fs.writeSync(this.#fd, factsText(this.#identity, end), 0);
      else if (this.isOurs()) fs.unlinkSync(this.#path);
    } catch {
      // The disk is full, or the folder is gone. The next writer finds our process gone.
    }
    fs.closeSync(this.#fd);
  }

  #beat(): void {
    this.#cancel = this.#timers.after(
      HEARTBEAT_MS,
      () => {
        try {
          const now = Date.now() / 1_000;
          fs.futimesSync(this.#fd, now, now);
        } catch {
          // The next write finds out.
        }
        this.#beat();
      },
      false,
    );
  }
}

/**
 * Takes the lock at `path`.
 *
 * @returns who has it, when it can't be had
 * @throws what the file system says: no folder, no permission, no space
 */
export function claimLock(path: string, identity: Identity, timers: Timers): AuditLock | Writer {
  let left: ChainEnd | undefined;
  for (let attempt = 1; ; attempt++) {
    const fd = create(path);
    if (fd !== undefined) {
      try {
        fs.writeSync(fd, factsText(identity), 0);
      } catch (error) {
        fs.closeSync(fd);
        fs.unlinkSync(path);
        throw error;
      }
      return new AuditLock(path, fd, left, identity, timers);
    }
    const found = read(path);
    if (found === undefined) continue;
    const { facts } = found;
    if (attempt >= ATTEMPTS || !hasEnded(found, identity)) {
      return { pid: facts?.pid ?? 0, threadId: facts?.threadId ?? 0 };
    }
    if (takeAway(path, found.ino)) left = facts?.left;
  }
}

function create(path: string): number | undefined {
  try {
    return fs.openSync(path, 'wx+', MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

interface Found {
  /** Undefined while it is being written, or when its writer died over it. */
  readonly facts: Facts | undefined;
  readonly ino: number;
  readonly mtimeMs: number;
}

function read(path: string): Found | undefined {
  try {
    const { ino, mtimeMs } = fs.lstatSync(path);
    return { facts: parse(fs.readFileSync(path, 'utf8')), ino, mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function hasEnded({ facts, mtimeMs }: Found, identity: Identity): boolean {
  const isSilent = Math.abs(Date.now() - mtimeMs) > EXPIRY_MS;
  if (facts === undefined) return isSilent;
  if (facts.left !== undefined) return true;
  if (!isComparable(facts, identity)) return isSilent;
  if (!identity.isRunning(facts.pid, facts.startTime)) return true;
  // A thread that ended in a living process.
  return facts.threadId !== 0 && isSilent;
}

/** Removes the lock that was judged. False when another one stands there by now; that one is put back. */
function takeAway(path: string, ino: number): boolean {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    fs.renameSync(path, aside);
  } catch {
    return false;
  }
  const isThatOne = fs.lstatSync(aside).ino === ino;
  try {
    if (!isThatOne) fs.linkSync(aside, path);
  } catch {
    // A third one was faster. The owner of this one finds out before its next write.
  }
  fs.unlinkSync(aside);
  return isThatOne;
}

function factsText({ host, bootId, pidNamespace, pid, startTime, threadId }: Identity, left?: ChainEnd): string {
  const facts: Facts = { host, bootId, pidNamespace, pid, startTime, threadId, ...(left !== undefined && { left }) };
  return `${JSON.stringify(facts)}\n`;
}

function parse(text: string): Facts | undefined {
  try {
    const facts = JSON.parse(text) as Partial<Facts> | null;
    if (typeof facts?.pid !== 'number' || typeof facts.threadId !== 'number' || typeof facts.host !== 'string') {
      return undefined;
    }
    const { left } = facts;
    const isSound = left === undefined || (Number.isSafeInteger(left.seq) && /^[0-9a-f]{64}$/.test(left.head));
    return isSound ? (facts as Facts) : undefined;
  } catch {
    return undefined;
  }
}
