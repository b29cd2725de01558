import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { segmentFile } from '../../../src/export/spool/frame.ts';
import type { Identity, SpoolClock } from '../../../src/export/spool/identity.ts';
import { claimFolder } from '../../../src/export/spool/owner.ts';
import type { OwnedFolder } from '../../../src/export/spool/owner.ts';
import type { SpoolGroup } from '../../../src/export/spool/root.ts';
import { FakeTimers } from '../fake-timers.ts';

export const GROUP: SpoolGroup = { service: 'shop', destination: 'main', url: 'http://collector:4318/v1/logs' };

export function tempDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'spool-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Real time, moved on: the files' times are real ones. */
export class ShiftedClock implements SpoolClock {
  wallShiftMs = 0;
  bootShiftMs = 0;

  wallMs(): number {
    return Date.now() + this.wallShiftMs;
  }

  bootMs(): number {
    return performance.now() + this.bootShiftMs;
  }

  /** As both clocks see it. */
  pass(ms: number): void {
    this.wallShiftMs += ms;
    this.bootShiftMs += ms;
  }
}

/** A process on the machine `linux`, one that runs as long as its pid is in `running`. */
export function identityOf(own: Partial<Identity> = {}, running: ReadonlySet<number> = new Set()): Identity {
  return {
    host: 'linux',
    bootId: 'boot-1',
    pidNamespace: 'pid:[1]',
    pid: 100,
    startTime: '5000',
    threadId: 0,
    isRunning: (pid) => running.has(pid),
    ...own,
  };
}

/** A claim of a process that writes no heartbeat unless its timers are passed. */
export function claim(
  directory: string,
  identity: Identity,
  clock: SpoolClock = new ShiftedClock(),
  timers: FakeTimers = new FakeTimers(),
  group: SpoolGroup = GROUP,
): OwnedFolder {
  return claimFolder({ directory, group, identity, clock, timers });
}

/** Puts a segment of `bytes` bytes there. */
export function putSegment(path: string, bytes = 10): void {
  writeFileSync(join(path, segmentFile({ number: 1, firstId: 1, salt: 1 })), Buffer.alloc(bytes), { mode: 0o600 });
}
