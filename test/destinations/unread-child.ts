/**
 * Child processes whose stdout is read only when the test says so: through a pipe, as under a shell or a container, or
 * through a socket, as under a Node parent.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';

export const KINDS = ['pipe', 'socket'] as const;
export type Kind = (typeof KINDS)[number];

export interface UnreadChild {
  /** The next message that the child sends; rejects when it ends before. */
  message(): Promise<unknown>;
  /** Lets the child go on to its next step. */
  proceed(): void;
  /** Starts reading; resolves with everything, once the child has ended. */
  read(): Promise<string>;
  /** Ends the reading side. */
  stopReading(): void;
  readonly ended: Promise<number | null>;
}

const TIMEOUT_MS = 30_000;

export function startUnread(t: TestContext, kind: Kind, script: string, args: readonly string[]): UnreadChild {
  const path = join(import.meta.dirname, script);
  const { child, stdout } = kind === 'pipe' ? onPipe(t, path, args) : onSocket(path, args);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  void ended.then(() => clearTimeout(timer));
  t.after(() => {
    child.kill('SIGKILL');
    stdout.destroy();
  });

  const inbox: unknown[] = [];
  child.on('message', (message) => inbox.push(message));
  return {
    ended,
    async message() {
      if (inbox.length === 0) await Promise.race([once(child, 'message'), ended]);
      if (inbox.length === 0) throw new Error('the child ended before it said anything');
      return inbox.shift();
    },
    proceed: () => void child.send('proceed'),
    async read() {
      let text = '';
      stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
      stdout.resume();
      await once(stdout, 'end');
      return text;
    },
    stopReading: () => stdout.destroy(),
  };
}

function onSocket(path: string, args: readonly string[]): { child: ChildProcess; stdout: Readable } {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  return { child, stdout: child.stdout as Readable };
}

/** A named pipe: the only kind that a Node parent can give to a child and leave unread. */
function onPipe(t: TestContext, path: string, args: readonly string[]): { child: ChildProcess; stdout: Readable } {
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-pipe-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const name = join(folder, 'stdout');
  execFileSync('mkfifo', [name]);
  const readEnd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(name, constants.O_WRONLY);
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', writeEnd, 'inherit', 'ipc'] });
  closeSync(writeEnd);
  const stdout = new Socket({ fd: readEnd, readable: true, writable: false });
  stdout.pause();
  return { child, stdout };
}
