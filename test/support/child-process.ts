/**
 * Real processes for tests of what only a process can show: how it starts, how it ends, what it prints.
 *
 * A child gets a clean environment, so that neither the developer's shell nor the test runner changes what it does, and
 * never outlives its time: past `timeoutMs` it is killed, and whoever waits for it fails with what it had printed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  /** The running Node when left out. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Besides PATH, HOME and the like. */
  readonly env?: Readonly<Record<string, string>>;
  /** 30,000 when left out. */
  readonly timeoutMs?: number;
}

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it wrote to file descriptor 3, for reports of the end that must not mix with its output. */
  readonly report: string;
}

export interface Child {
  readonly pid: number;
  /** Resolves once `text` was printed on stdout; rejects when the process ends before. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended and everything it wrote was read; rejects when it had to be killed. */
  readonly ended: Promise<Ended>;
}

/** NODE_COMPILE_CACHE changes nothing but how soon a process is up. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'USER', 'LANG', 'NODE_COMPILE_CACHE'];
const TIMEOUT_MS = 30_000;

/** Tests flood on purpose, and count what arrives: the record that tells of it would be one more. */
const QUIET = { SPANLOG_RATE_LIMIT_NOTICE_PER_MINUTE: '0' };

export function startChild(options: ChildOptions): Child {
  const child = spawn(options.command ?? process.execPath, options.args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...inherited(), ...QUIET, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const stdout = new Output(child.stdout as Readable);
  const stderr = new Output(child.stderr as Readable);
  const report = new Output(child.stdio[3] as Readable);
  let timedOut = false;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);

  const ended = closed(child).then(([code, signal]) => {
    clearTimeout(timer);
    const result = { code, signal, stdout: stdout.text, stderr: stderr.text, report: report.text };
    if (!timedOut) return result;
    throw new Error(`${options.args.join(' ')} was still running after ${timeoutMs} ms: ${JSON.stringify(result)}`);
  });
  return {
    pid: child.pid ?? 0,
    said: (text) => Promise.race([stdout.has(text), ended.then((end) => Promise.reject(endedBefore(text, end)))]),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs a process to its end. */
export function runChild(options: ChildOptions): Promise<Ended> {
  return startChild(options).ended;
}

/** Lines of output that spanlog says about itself. */
export function noticesOf({ stderr }: Ended): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('spanlog: '));
}

/** What stderr holds besides those: Node's own words and warnings, and the application's. */
export function otherErrorsOf({ stderr }: Ended): string {
  return stderr
    .split('\n')
    .filter((line) => !line.startsWith('spanlog: '))
    .join('\n')
    .trim();
}

class Output {
  text = '';
  readonly #waiters = new Set<() => void>();

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.text += chunk;
      for (const check of this.#waiters) check();
    });
  }

  has(text: string): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.text.includes(text)) return;
        this.#waiters.delete(check);
        resolve();
      };
      this.#waiters.add(check);
      check();
    });
  }
}

function closed(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve([code, signal]));
  });
}

function endedBefore(text: string, end: Ended): Error {
  return new Error(`the process ended before it printed ${JSON.stringify(text)}: ${JSON.stringify(end)}`);
}

function inherited(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
