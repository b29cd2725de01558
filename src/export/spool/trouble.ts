import type { Diag } from '../../core/diag.ts';
import type { Timers } from '../timers.ts';

/** A disk that has failed is asked again after this, and then twice as long each time, up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
/** A disk that fails, works and fails again is told of once in this time. */
const TELL_AGAIN_MS = 30_000;

/** What can be done about it. */
const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free space, or lower spool.maxBytes (SPANLOG_SPOOL_MAX_BYTES).',
  EDQUOT: 'The disk quota is used up: raise it, or lower spool.maxBytes (SPANLOG_SPOOL_MAX_BYTES).',
  EMFILE: 'The process has too many open files: raise its limit (ulimit -n).',
  ENFILE: 'The system has too many open files.',
  EACCES: 'Let this user write there, or set spool.directory (SPANLOG_SPOOL_DIRECTORY) to a folder where it may.',
  EROFS: 'The file system is read-only: set spool.directory (SPANLOG_SPOOL_DIRECTORY) to one that is not.',
  ENOENT: 'The folder is gone: whoever removed it took records with it.',
};

/** What is done about a disk that fails: a pause, and one line. Records wait in memory meanwhile. */
export class SpoolTrouble {
  /** Where the spool is, for people to read. */
  folder: string;
  readonly #parts: { readonly name: string; readonly diag: Diag; readonly timers: Timers };
  #pauseMs = 0;
  #pausedUntil = -Infinity;
  #lastAt = -Infinity;
  #isTold = false;

  constructor(parts: { readonly name: string; readonly folder: string; readonly diag: Diag; readonly timers: Timers }) {
    this.#parts = parts;
    this.folder = parts.folder;
  }

  /** True while the disk is to be left alone. */
  get isPaused(): boolean {
    return this.#parts.timers.now() < this.#pausedUntil;
  }

  /** A write failed. */
  pause(error: unknown): void {
    this.#pauseMs = Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2));
    this.#pausedUntil = this.#parts.timers.now() + this.#pauseMs;
    this.report(error);
  }

  /** Tells of a failure that needs no pause. */
  report(error: unknown): void {
    const code = codeOf(error);
    const { name, diag } = this.#parts;
    this.#lastAt = this.#parts.timers.now();
    this.#isTold = true;
    const fix = FIXES[code] ?? '';
    const why = error instanceof Error ? error.message : String(error);
    diag.warn(
      `${name}:spool`,
      `${name}: the spool in ${this.folder} fails (${why}). Records wait in memory alone meanwhile. ${fix}`.trimEnd(),
    );
  }

  /** A write succeeded. */
  isOver(): void {
    this.#pauseMs = 0;
    if (!this.#isTold || this.#parts.timers.now() - this.#lastAt < TELL_AGAIN_MS) return;
    this.#isTold = false;
    this.#parts.diag.clear(`${this.#parts.name}:spool`, `${this.#parts.name}: the spool works again`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
