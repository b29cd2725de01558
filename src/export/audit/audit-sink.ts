import { Clock } from '../../core/clock.ts';
import type { Diag } from '../../core/diag.ts';
import type { Account } from '../../core/ledger.ts';
import { SEVERITY, severityText } from '../../core/level.ts';
import { appendField, createRecord } from '../../core/record.ts';
import type { ByteWriter, Encoder, LogRecord, Scope } from '../../core/record.ts';
import type { AuditOutlet, Drops, RecordSink } from '../../core/sink.ts';
import { ValueMap } from '../../core/value.ts';
import { DropNotices } from '../drop-notices.ts';
import { DropTally } from '../drop-tally.ts';
import { createSystemTimers } from '../timers.ts';
import type { Timers } from '../timers.ts';
import type { OwnFields, TrailParts } from './trail.ts';
import { AuditTrail } from './trail.ts';

export interface AuditSinkParts extends Pick<TrailParts, 'name' | 'path' | 'fsync' | 'maxBytes' | 'key' | 'identity'> {
  readonly account: Account;
  /** Makes JSON lines. */
  readonly encoder: Encoder;
  readonly diag: Diag;
  readonly timers?: Timers;
}

/** What was not written: no room, no permission, a failing disk. */
const LOST = 'audit_not_written';
/** An anchor is told after so many records, or so long after the first one that none tells of. */
const ANCHOR_RECORDS = 1_000;
const ANCHOR_MS = 60_000;

/** A destination that takes audit records, and has each of them in its file when the log call returns. */
export function createAuditSink(parts: AuditSinkParts): RecordSink {
  return new AuditSink(parts);
}

class AuditSink implements RecordSink {
  readonly name: string;
  readonly account: Account;
  readonly encoder = undefined;
  readonly kept = 0;
  readonly audit: AuditOutlet = { onAnchor: () => undefined };
  readonly #parts: AuditSinkParts;
  readonly #timers: Timers;
  readonly #trail: AuditTrail;
  readonly #lost = new DropTally(LOST);
  readonly #notices: DropNotices;
  readonly #clock = new Clock();
  readonly #scope: Scope = { id: -1, name: 'spanlog', version: '', schemaUrl: '', attributes: new ValueMap() };
  /** Records since the last anchor. */
  #unanchored = 0;
  #cancelAnchor: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: AuditSinkParts) {
    const { name, account } = parts;
    this.name = name;
    this.account = account;
    this.#parts = parts;
    this.#timers = parts.timers ?? createSystemTimers();
    this.#trail = new AuditTrail({
      ...parts,
      timers: this.#timers,
      writeOwn: (event, fields, out) => this.#writeOwn(event, fields, out),
    });
    this.#notices = new DropNotices([this.#lost], () => this.#trail.hasGap, this.#timers);
    try {
      this.#trail.claim();
    } catch (error) {
      this.#complain(error);
    }
  }

  set onDrops(tell: (drops: Drops) => void) {
    this.#notices.tell = tell;
  }

  get onDrops(): (drops: Drops) => void {
    return this.#notices.tell;
  }

  tellDrops(): void {
    this.#trail.settle();
    this.#notices.tellNow();
    this.#anchor();
  }

  write(record: LogRecord): void {
    const { account, encoder, diag, name } = this.#parts;
    if (this.#isClosed) return account.drop('after_shutdown');
    const hadGap = this.#trail.hasGap;
    try {
      this.#trail.append((out) => encoder.encode(record, out));
    } catch (error) {
      this.#trail.lose(codeOf(error));
      this.#lost.add(record.severity);
      account.drop(LOST);
      this.#complain(error);
      return;
    }
    account.delivered++;
    if (hadGap) diag.clear(`${name}:write`, `${name}: ${this.#trail.path} is written again`);
    this.#unanchored++;
    if (this.#unanchored === 1) {
      this.#cancelAnchor = this.#timers.after(ANCHOR_MS, () => this.#anchor(), false);
    } else if (this.#unanchored === ANCHOR_RECORDS) {
      // Not now: a record is being written.
      this.#timers.soon(() => this.#anchor());
    }
  }

  flush(): Promise<boolean> {
    this.#trail.sync();
    return Promise.resolve(true);
  }

  shutdown(): Promise<void> {
    this.#isClosed = true;
    this.end();
    return Promise.resolve();
  }

  flushSync(): void {
    // Nothing is ever pending.
  }

  end(): void {
    this.#cancelAnchor?.();
    this.#trail.release();
  }

  #anchor(): void {
    this.#cancelAnchor?.();
    const { end, path } = this.#trail;
    if (this.#unanchored === 0 || end === undefined) return;
    this.#unanchored = 0;
    this.audit.onAnchor({ file: path, ...end });
  }

  #writeOwn(event: string, fields: OwnFields, out: ByteWriter): void {
    const record = createRecord(this.#scope);
    this.#clock.stamp(record.observed);
    Object.assign(record.time, record.observed);
    record.severity = event === 'spanlog.audit_gap' ? SEVERITY.warn : SEVERITY.info;
    record.severityText = severityText(record.severity);
    record.eventName = event;
    record.body = event;
    for (const [key, value] of Object.entries(fields)) appendField(record, key, value);
    this.#parts.encoder.encode(record, out);
  }

  #complain(error: unknown): void {
    const { name, path, diag } = this.#parts;
    const why = error instanceof Error ? error.message : String(error);
    diag.error(
      `${name}:write`,
      `${name}: audit records can't be written to ${path} (${why}). They go to the other destinations alone, and are counted as ${LOST}. ${FIXES[codeOf(error)] ?? ''}`.trimEnd(),
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
}

/** What can be done about it. */
const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free space.',
  EDQUOT: 'The disk quota is used up: raise it.',
  EACCES: 'Let this user write there, or set another path.',
  EPERM: 'Let this user write there, or set another path.',
  EROFS: 'The file system is read-only: set a path on one that is not.',
  ELOOP: 'A link stands there: set the path that it leads to.',
};
