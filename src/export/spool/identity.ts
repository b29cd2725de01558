import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';

/**
 * Who a process is, told so that another one can find out whether it still runs. A pid alone says little: it is given
 * away again after the process, and in containers everybody has pid 1.
 */
export interface ProcessFacts {
  readonly host: string;
  /** Of the running kernel, anew at each boot; `null` where there is none to be had (not Linux). */
  readonly bootId: string | null;
  /** Pids mean the same within one such space; `null` where there is but one (not Linux). */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** In ticks since boot, as text; with it a pid names one process for good. `null` where it can't be had. */
  readonly startTime: string | null;
  readonly threadId: number;
}

/** This process, and how to look for others. */
export interface Identity extends ProcessFacts {
  /** Whether that process lives, on this kernel and in this space of pids. `true` when it can't be told. */
  isRunning(pid: number, startTime: string | null): boolean;
}

/** Whether a process of those facts can be looked for from here. */
export function isComparable(facts: ProcessFacts, identity: Identity): boolean {
  if (facts.bootId !== identity.bootId || facts.pidNamespace !== identity.pidNamespace) return false;
  return facts.bootId !== null || facts.host === identity.host;
}

/** Time as several processes see it. */
export interface SpoolClock {
  /** Unix ms. It jumps, and other machines' are off. */
  wallMs(): number;
  /** Monotonic, in ms, the same in all processes of one boot. */
  bootMs(): number;
}

/** On Linux `hrtime` is CLOCK_MONOTONIC, which all containers of a kernel share. It stands still in a suspended machine. */
export const SYSTEM_CLOCK: SpoolClock = {
  wallMs: () => Date.now(),
  bootMs: () => Number(process.hrtime.bigint() / 1_000_000n),
};

/** Reads the facts anew: after a restored snapshot or a change of the host's name they are others. */
export function systemIdentity(): Identity {
  const stat = readStat('self');
  // A /proc of another space of pids (bound into a container) tells of other processes than our pids mean.
  const own = stat?.pid === process.pid ? stat : undefined;
  const linux = process.platform === 'linux';
  return {
    host: hostname().slice(0, 255),
    bootId: linux ? (readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null) : null,
    pidNamespace: linux ? ((own && pidNamespace()) ?? `unknown-${process.pid}-${Date.now()}`) : null,
    pid: process.pid,
    startTime: own?.startTime ?? null,
    threadId,
    isRunning,
  };
}

/** What /proc/<pid>/stat says. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly startTime: string;
}

/** `undefined` for what is no such line. The command's name stands in parentheses and may hold blanks and more of those. */
export function parseStat(text: string): ProcessStat | undefined {
  const pid = parseInt(text, 10);
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  // The state is the third field of the line, the start time the 22nd.
  const [state, startTime] = [fields[0], fields[19]];
  if (!Number.isSafeInteger(pid) || state === undefined || startTime === undefined) return undefined;
  return /^\d+$/.test(startTime) ? { pid, state, startTime } : undefined;
}

function isRunning(pid: number, startTime: string | null): boolean {
  const stat = startTime === null ? undefined : readStat(String(pid));
  if (stat !== undefined) {
    // A zombie writes nothing any more; where nobody reaps (a container's pid 1 often doesn't), it stays for long.
    return stat.startTime === startTime && !['Z', 'X', 'x'].includes(stat.state);
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function readStat(pid: string): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
