import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, extname } from 'node:path';
import { ByteWriter } from '../../core/byte-writer.ts';
import type { Diag } from '../../core/diag.ts';
import { systemIdentity } from '../spool/identity.ts';
import type { Identity } from '../spool/identity.ts';
import type { Timers } from '../timers.ts';
import { appendLink } from './chain.ts';
import type { AuditKey, ChainEnd } from './chain.ts';
import { AuditLock, claimLock } from './lock.ts';
import type { Writer } from './lock.ts';
import { ForeignFileError, syncFolder, TrailFile } from './trail-file.ts';

/** Writers of one name at a time. */
const MAX_WRITERS = 256;
/** A folder that can't be written is not tried at each record. */
const PAUSE_MS = 1_000;
const SYNC_MS = 1_000;
/** Larger ones are let go after the record that needed them. */
const MAX_KEPT_BYTES = 65_536;

/** Fields of a line of our own. */
export type OwnFields = Readonly<Record<string, string | number>>;

export interface TrailParts {
  /** The destination's. */
  readonly name: string;
  readonly path: string;
  readonly fsync: 'always' | 'interval' | 'never';
  /** A file that holds as much is put aside. */
  readonly maxBytes: number;
  readonly key: AuditKey | undefined;
  readonly timers: Timers;
  readonly diag: Diag;
  /** Appends a line of ours: `spanlog.audit_opened`, `spanlog.audit_gap`. */
  readonly writeOwn: (event: string, fields: OwnFields, out: ByteWriter) => void;
  readonly identity?: Identity;
}

/** Records that could not be written, until that is written. */
interface Gap {
  count: number;
  readonly reasons: Set<string>;
  readonly firstMs: number;
  lastMs: number;
}

/**
 * A chain of lines in a file of its own, written in the caller's tick.
 *
 * Each writer has its file: the name that was given, or, while another process or thread has that one, the name with a
 * number in it. Nothing is removed: files that are full are put aside under the number of their last line.
 */
export class AuditTrail {
  readonly #parts: TrailParts;
  readonly #identity: Identity;
  readonly #out = new ByteWriter();
  #lock: AuditLock | undefined;
  #path: string;
  #file: TrailFile | undefined;
  /** Where the chain stands, when a file of it has been left. */
  #end: ChainEnd | undefined;
  #gap: Gap | undefined;
  #failure: { readonly error: unknown; readonly atMs: number } | undefined;
  #cancelSync: (() => void) | undefined;

  constructor(parts: TrailParts) {
    this.#parts = parts;
    this.#path = parts.path;
    this.#identity = parts.identity ?? systemIdentity();
  }

  /** The file in use. */
  get path(): string {
    return this.#path;
  }

  /** Where the chain stands; undefined before the first line. */
  get end(): ChainEnd | undefined {
    return this.#file?.end ?? this.#end;
  }

  /** Records were lost, and the chain does not say so yet. */
  get hasGap(): boolean {
    return this.#gap !== undefined;
  }

  /** Takes the file, so that nobody else does. What is wrong with it is found out here. @throws what the system says */
  claim(): void {
    if (this.#lock !== undefined) return;
    const failure = this.#failure;
    const nowMs = this.#parts.timers.now();
    if (failure !== undefined && nowMs - failure.atMs < PAUSE_MS) throw failure.error;
    try {
      this.#claim();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error, atMs: nowMs };
      throw error;
    }
  }

  /** Appends one line. @throws when it is not in the file */
  append(write: (out: ByteWriter) => void): void {
    const file = this.#ready();
    const out = this.#begin(file);
    let end = this.#tell(file, file.end);
    const from = out.length;
    write(out);
    end = appendLink(out, from, end, this.#parts.key);
    this.#commit(file, end);
  }

  /** A record could not be written. The chain tells of it as soon as it can. */
  lose(reason: string): void {
    const nowMs = Date.now();
    this.#gap ??= { count: 0, reasons: new Set(), firstMs: nowMs, lastMs: nowMs };
    this.#gap.count++;
    this.#gap.lastMs = nowMs;
    this.#gap.reasons.add(reason);
  }

  /** Writes what the chain does not say yet. Never throws. */
  settle(): void {
    if (this.#gap === undefined) return;
    try {
      const file = this.#ready();
      this.#begin(file);
      this.#commit(file, this.#tell(file, file.end));
    } catch {
      // It was said why; the ledger and stderr have the count.
    }
  }

  /** Puts on the medium what is not there yet. Never throws. */
  sync(): void {
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    try {
      this.#file?.sync();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const { name, diag } = this.#parts;
      diag.error(`${name}:fsync`, `${name}: what was written to ${this.#path} may not be on the disk (${why})`);
    }
  }

  /** Lets go of the file, for another one to go on. A later record takes it again. Never throws. */
  release(): void {
    this.settle();
    if (this.#cancelSync !== undefined) this.sync();
    this.#leaveFile();
    this.#lock?.release(this.#end);
    this.#lock = undefined;
  }

  #claim(): void {
    const { path: wanted, timers, fsync, name, diag } = this.#parts;
    const folder = dirname(wanted);
    const made = fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined && fsync !== 'never') syncFolder(dirname(made));
    let other: Writer | undefined;
    for (let number = 1; number <= MAX_WRITERS; number++) {
      const path = numbered(wanted, number);
      const lock = claimLock(`${path}.lock`, this.#identity, timers);
      if (!(lock instanceof AuditLock)) {
        other ??= lock;
        continue;
      }
      try {
        if (fs.existsSync(path)) this.#file = this.#open(path, lock.left);
      } catch (error) {
        lock.release(undefined);
        if (!(error instanceof ForeignFileError)) throw error;
        diag.error(`${name}:foreign ${path}`, `${name}: ${error.message}: nothing is added to it. Set another path`);
        continue;
      }
      this.#lock = lock;
      this.#path = path;
      // Of a file that is not there any more.
      this.#end = this.#file === undefined ? (lock.left ?? undefined) : undefined;
      if (other !== undefined) {
        const thread = other.threadId === 0 ? '' : `, thread ${other.threadId}`;
        diag.warn(
          `${name}:file`,
          `${name}: ${wanted} is written by process ${other.pid}${thread}, so this one writes a chain of its own to ${path}`,
        );
      }
      return;
    }
    throw new Error(`${wanted} and ${MAX_WRITERS - 1} more files beside it have writers already`);
  }

  #open(path: string, after: ChainEnd | undefined): TrailFile {
    const syncs = this.#parts.fsync !== 'never';
    const file = new TrailFile(path, after, syncs);
    const { isKeyed, end } = file;
    if (isKeyed === undefined || isKeyed === (this.#parts.key !== undefined)) return file;
    // A file is keyed or it is not: otherwise who has no key could write what follows, or what was before.
    this.#putAside(file);
    if (isKeyed) {
      const { name, diag } = this.#parts;
      diag.warn(
        `${name}:key`,
        `${name}: ${path} had a key, and goes on without one: who can write the file can make up what follows. Set SPANLOG_AUDIT_KEY, or audit.key`,
      );
    }
    return new TrailFile(path, end, syncs);
  }

  #ready(): TrailFile {
    if (this.#lock?.isOurs() === false) {
      this.#leaveFile();
      this.#lock.release(undefined);
      this.#lock = undefined;
      this.#end = undefined;
    }
    this.claim();
    if (this.#file !== undefined && !this.#file.isInPlace()) this.#leaveFile();
    if (this.#file !== undefined && this.#file.size >= this.#parts.maxBytes) {
      this.#end = this.#file.end;
      this.#putAside(this.#file);
      this.#file = undefined;
    }
    return (this.#file ??= this.#open(this.#path, this.#end));
  }

  #begin(file: TrailFile): ByteWriter {
    const out = this.#out;
    out.length = 0;
    if (file.isOpen) out.bytes[out.length++] = 0x0a;
    return out;
  }

  /** Appends what has to be said before the next record. */
  #tell(file: TrailFile, after: ChainEnd): ChainEnd {
    const { opening, unchained } = file;
    let end = after;
    const bytes = unchained && { unchained_bytes: unchained.bytes, unchained_sha256: unchained.sha256 };
    if (opening !== undefined) {
      end = this.#own('spanlog.audit_opened', { opening, writer: randomUUID(), ...bytes }, end);
    }
    const gap = this.#gap;
    if (gap === undefined && (bytes === undefined || opening !== undefined)) return end;
    return this.#own(
      'spanlog.audit_gap',
      {
        count: gap?.count ?? 0,
        ...(gap && {
          reason: [...gap.reasons].join(', '),
          first_at: new Date(gap.firstMs).toISOString(),
          last_at: new Date(gap.lastMs).toISOString(),
        }),
        ...(opening === undefined && bytes),
      },
      end,
    );
  }

  #own(event: string, fields: OwnFields, after: ChainEnd): ChainEnd {
    const from = this.#out.length;
    this.#parts.writeOwn(event, fields, this.#out);
    return appendLink(this.#out, from, after, this.#parts.key);
  }

  #commit(file: TrailFile, end: ChainEnd): void {
    const { bytes, length } = this.#out;
    file.write(bytes.subarray(0, length));
    file.end = end;
    this.#gap = undefined;
    if (bytes.length > MAX_KEPT_BYTES) this.#out.bytes = Buffer.allocUnsafeSlow(4_096);
    const { fsync, timers } = this.#parts;
    if (fsync === 'always') this.sync();
    else if (fsync === 'interval') this.#cancelSync ??= timers.after(SYNC_MS, () => this.sync(), false);
  }

  /** Its name is free then. A name that is taken is not written over. */
  #putAside(file: TrailFile): void {
    this.sync();
    const aside = `${file.path}.${String(file.end.seq).padStart(12, '0')}`;
    for (let n = 1; ; n++) {
      const name = n === 1 ? aside : `${aside}.${n}`;
      if (fs.existsSync(name)) continue;
      fs.renameSync(file.path, name);
      break;
    }
    file.close();
  }

  #leaveFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#end = file.end.seq === 0 ? undefined : file.end;
    this.#file = undefined;
    file.close();
  }
}

/** `audit.jsonl`, `audit.2.jsonl`, … */
function numbered(path: string, number: number): string {
  if (number === 1) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${number}${extension}`;
}
