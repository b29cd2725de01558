import type { Diag } from '../../core/diag.ts';
import type { Account } from '../../core/ledger.ts';
import { Backlog } from './backlog.ts';
import type { DropTally } from '../drop-tally.ts';
import type { Queue, QueueLimits } from '../queue.ts';
import { SYSTEM_FILES } from './files.ts';
import type { SpoolFiles } from './files.ts';
import { claimFolder } from './owner.ts';
import type { OwnedFolder } from './owner.ts';
import type { SpoolEnvelope } from './piece.ts';
import { quarantineOf, SpoolFolderError } from './root.ts';
import type { SpoolGroup } from './root.ts';
import { Spool } from './spool.ts';
import { createSystemTimers } from '../timers.ts';
import type { Timers } from '../timers.ts';

/** How often it is looked for folders of processes that ended. */
const ADOPT_MS = 30_000;
/** How long a shutdown that has delivered everything waits for the disk, so that no empty folder is left. */
const REST_MS = 100;

export interface DiskSettings {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly fsync: 'never' | 'interval' | 'always';
  readonly windowMs: number;
  /** `sync`: a record is on disk before its call returns; `spill`: only what memory has no room for. */
  readonly mode: 'disk' | 'sync' | 'spill';
  /** The oldest records make room for new ones, instead of low levels being refused. */
  readonly dropOldest: boolean;
  readonly drainBytesPerSecond: number;
}

export interface DiskParts {
  /** The destination's. */
  readonly name: string;
  readonly group: SpoolGroup;
  readonly account: Account;
  readonly queue: Queue;
  readonly limits: Pick<QueueLimits, 'batchRecords' | 'batchBytes'>;
  readonly envelope: SpoolEnvelope;
  readonly settings: DiskSettings;
  readonly diag: Diag;
  readonly files?: SpoolFiles;
  readonly timers?: Timers;
}

/** What one destination keeps on disk: its own folder, and what it took over from processes that ended. */
export interface Disk {
  readonly spool: Spool;
  readonly backlog: Backlog;
  /** What it had to drop for want of room. */
  readonly dropped: DropTally;
  /** Records are to be written before their call returns, by `write`. */
  readonly isSync: boolean;
  /** False when the record has to be dropped for want of room; then it is in the tally. */
  admits(severity: number): boolean;
  write(): void;
  /** Resolves when what is under way to the disk is there, and what is settled was removed; soon, even if the disk hangs. */
  rest(): Promise<void>;
  /** Lets go of the folder, for another process to take over what is left in it. Never throws. */
  release(): void;
}

/** Opens the spool of a destination; `undefined`, and said with the fix, when there can be none. */
export function openDisk(parts: DiskParts): Disk | undefined {
  const { name, diag, settings, group } = parts;
  const timers = parts.timers ?? createSystemTimers();
  try {
    const { directory, fsync } = settings;
    const files = parts.files ?? SYSTEM_FILES;
    const syncFolder = fsync === 'never' ? undefined : (path: string) => files.syncFolderSync(path);
    const claim = (): OwnedFolder => claimFolder({ directory, group, timers, syncFolder });
    return new OwnDisk(parts, timers, claim);
  } catch (error) {
    const fix = error instanceof SpoolFolderError ? ` ${error.fix}` : '';
    const why = error instanceof Error ? error.message : String(error);
    diag.warn(`${name}:no_spool`, `${name}: ${why}. Records wait in memory alone.${fix}`);
    return undefined;
  }
}

class OwnDisk implements Disk {
  readonly spool: Spool;
  readonly backlog: Backlog;
  readonly isSync: boolean;
  readonly #parts: DiskParts;
  readonly #timers: Timers;
  readonly #claim: () => OwnedFolder;
  #owned: OwnedFolder;
  #cancelAdopt: () => void = () => undefined;
  #isReleased = false;
  #isBack = false;

  constructor(parts: DiskParts, timers: Timers, claim: () => OwnedFolder) {
    const { name, account, queue, limits, envelope, settings, diag, files = SYSTEM_FILES } = parts;
    this.#parts = parts;
    this.#timers = timers;
    this.#claim = claim;
    this.#owned = this.#own();
    this.isSync = settings.mode === 'sync';
    const { maxBytes, windowMs, fsync, mode } = settings;
    const isNeeded = mode === 'spill' ? () => queue.isHalfFull : () => true;
    const folder = this.#owned.path;
    this.spool = new Spool({ name, files, folder, envelope, maxBytes, windowMs, fsync, isNeeded, diag, timers });
    this.backlog = new Backlog({
      name,
      account,
      files,
      removeFolder: (path) => this.#owned.removeAdopted(path),
      quarantine: quarantineOf(folder),
      limits,
      bytesPerSecond: settings.drainBytesPerSecond,
      maxBytes,
      maxAgeMs: settings.maxAgeMs,
      diag,
      timers,
    });
    if (mode !== 'spill') this.spool.prepare();
    timers.soon(() => void this.#adopt());
  }

  get dropped(): DropTally {
    return this.spool.dropped;
  }

  admits(severity: number): boolean {
    const { spool, backlog } = this;
    if (this.#isReleased) this.#comeBack();
    while (!spool.admits(severity)) {
      const oldest = this.#parts.settings.dropOldest ? spool.dropOldest() : undefined;
      if (oldest === undefined) {
        spool.dropped.add(severity);
        return false;
      }
      backlog.forget(oldest, spool.dropped);
    }
    return true;
  }

  write(): void {
    this.spool.writeIfHealthy();
  }

  async rest(): Promise<void> {
    let cancel: (() => void) | undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#timers.after(REST_MS, resolve, true);
    });
    await Promise.race([this.spool.tell(), patience]);
    cancel?.();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#cancelAdopt();
    this.backlog.close();
    // The segment that was made for what might come, when nothing has.
    this.spool.tellNow();
    this.#owned.release();
  }

  /** A record after the end of the process has begun: the folder may be gone, with all that was settled. */
  #comeBack(): void {
    if (this.#isBack || this.spool.isClosed || this.spool.bytes > 0) return;
    this.#isBack = true;
    try {
      this.#owned = this.#own();
      this.spool.moveTo(this.#owned.path);
    } catch {
      // It is sent from memory, as without a spool, and counted if that fails.
    }
  }

  #own(): OwnedFolder {
    const owned = this.#claim();
    owned.onLost = () => this.#moveOn();
    return owned;
  }

  /** Our folder was removed. What is in memory is safe as long as we live; what comes is written elsewhere. */
  #moveOn(): void {
    try {
      this.#owned = this.#own();
      this.spool.reportLost();
      this.spool.moveTo(this.#owned.path);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.diag.warn(`${this.#parts.name}:no_spool`, `${this.#parts.name}: the spool was removed, and ${why}`);
      if (!this.#isReleased) this.#timers.after(ADOPT_MS, () => this.#moveOn(), false);
    }
  }

  async #adopt(): Promise<void> {
    await this.backlog.adopt(await this.#owned.adopt());
    // Here too, and not when it is to be sent only: what is too old takes room, and the collector may stay away.
    if (this.backlog.expire()) await this.spool.tell();
    if (!this.#isReleased) this.#cancelAdopt = this.#timers.after(ADOPT_MS, () => void this.#adopt(), false);
  }
}
