import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Anchor, Drops, RecordSink } from '../../../src/core/sink.ts';
import { Account, isBalanced } from '../../../src/core/ledger.ts';
import type { Counts } from '../../../src/core/ledger.ts';
import { appendField, createRecord } from '../../../src/core/record.ts';
import { ValueMap } from '../../../src/core/value.ts';
import { createJsonLineEncoder } from '../../../src/encode/json-line.ts';
import { createAuditSink } from '../../../src/export/audit/audit-sink.ts';
import type { AuditSinkParts } from '../../../src/export/audit/audit-sink.ts';
import { verifyFiles } from '../../../src/cli/audit-files.ts';
import type { TrailReport } from '../../../src/cli/audit-files.ts';
import type { AuditKey } from '../../../src/export/audit/chain.ts';
import { FakeTimers } from '../fake-timers.ts';

export function trailFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'audit-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type LaneOptions = Partial<Pick<AuditSinkParts, 'fsync' | 'maxBytes' | 'key' | 'identity'>>;

/** A real sink on a real file; only the time is ours. */
export class AuditLane {
  readonly account = new Account();
  readonly timers = new FakeTimers();
  readonly said: string[] = [];
  readonly anchors: Anchor[] = [];
  readonly drops: Drops[] = [];
  readonly sink: RecordSink;
  #number = 0;

  constructor(path: string, options: LaneOptions = {}) {
    const say = (_key: string, message: string): number => this.said.push(message);
    this.sink = createAuditSink({
      name: 'audit',
      path,
      fsync: 'never',
      maxBytes: Infinity,
      key: undefined,
      ...options,
      account: this.account,
      encoder: createJsonLineEncoder({ slot: 0, resource: new ValueMap() }),
      diag: { warn: say, error: say, clear: (_key, message) => message !== undefined && say('', message) },
      timers: this.timers,
    });
    this.sink.onDrops = (drops) => this.drops.push(drops);
    if (this.sink.audit !== undefined) this.sink.audit.onAnchor = (anchor) => this.anchors.push(anchor);
  }

  /** Writes records `<prefix>0`, `<prefix>1`, …; what one is called is its event. */
  write(count: number, prefix = 'record_'): void {
    for (let i = 0; i < count; i++) {
      const record = createRecord({ id: 0, name: 'audit', version: '', schemaUrl: '', attributes: new ValueMap() });
      record.severity = 9;
      record.eventName = record.body = `${prefix}${i}`;
      record.time.seconds = record.observed.seconds = 1_800_000_000 + this.#number++;
      appendField(record, 'actor', `user-${i}`);
      this.sink.write(record);
      this.account.emitted++;
    }
  }

  counts(): Counts {
    const counts = this.account.counts();
    assert.equal(isBalanced(counts), true, JSON.stringify(counts));
    assert.equal(counts.pending, 0);
    return counts;
  }
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** Events of the lines that are the application's, in their order. */
export function eventsOf(...paths: readonly string[]): string[] {
  return paths
    .flatMap((path) => linesOf(path).map((line) => (JSON.parse(line) as { event: string }).event))
    .filter((event) => !event.startsWith('spanlog.'));
}

export function verify(
  paths: readonly string[],
  {
    keys = [],
    head,
    seq,
    isPartial = false,
  }: { keys?: readonly AuditKey[]; head?: string; seq?: number; isPartial?: boolean } = {},
): TrailReport {
  return verifyFiles(paths, keys, { head, seq, isPartial });
}

/** Kinds of what is broken, over all files. */
export function brokenIn({ files, problems }: TrailReport): string[] {
  return [...files.flatMap((file) => file.problems), ...problems].map(({ kind }) => kind);
}

export function notedIn({ files }: TrailReport): string[] {
  return files.flatMap(({ notes }) => notes).map(({ kind }) => kind);
}
