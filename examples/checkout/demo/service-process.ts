import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Ledger } from 'spanlog';
import { ASK_LEDGER } from '../contracts.ts';
import type { ServiceMessage } from '../contracts.ts';

const folder = join(import.meta.dirname, '..');
const START_TIMEOUT_MS = 20_000;
const LEDGER_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 8_000;

export interface ServiceOptions {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  /** Each line that the service writes. */
  readonly onLine: (line: string) => void;
  /** It ended without having been asked to. */
  readonly onDeath: (reason: string) => void;
}

/** One service in a process of its own, started as a user would start it. */
export class ServiceProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #stopping = false;
  #ledger: Ledger | undefined;

  constructor({ name, env, onLine, onDeath }: ServiceOptions) {
    this.name = name;
    this.#child = spawn(
      process.execPath,
      [
        // What a reader needs of a stack, not the whole of it.
        '--stack-trace-limit=3',
        '--import=spanlog/register',
        `--import=${join(folder, 'tracing.ts')}`,
        join(folder, `${name}.ts`),
      ],
      { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    const { stdout, stderr } = this.#child;
    createInterface({ input: stdout as Readable }).on('line', onLine);
    createInterface({ input: stderr as Readable }).on('line', (line) => onLine(`${name}: ${line}`));
    this.#child.on('message', (message: ServiceMessage) => {
      if (message.type === 'ledger') this.#ledger = message.ledger;
    });
    // `close` comes after the last line, `exit` may come before it.
    this.#exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        if (!this.#stopping) onDeath(`${name} ended (${signal ?? `exit code ${code}`})`);
        resolve();
      });
    });
  }

  /** The address of the service, once it listens. Rejects when it ends before, or takes too long. */
  async ready(): Promise<string> {
    return (await this.#next('ready', START_TIMEOUT_MS)).url;
  }

  /** The ledger after a flush; undefined when the service does not say. */
  async ledger(): Promise<Ledger | undefined> {
    try {
      const told = this.#next('ledger', LEDGER_TIMEOUT_MS);
      // With a callback a closed channel is no uncaught error; the deadline tells of it.
      this.#child.send(ASK_LEDGER, () => undefined);
      return (await told).ledger;
    } catch {
      // The report says that this ledger is missing, which is worse than any count in it.
      return undefined;
    }
  }

  /** Asks the service to end, as an orchestrator would; it has a few seconds. Gives the ledger it told at its end. */
  async stop(): Promise<Ledger | undefined> {
    this.#stopping = true;
    // An earlier answer is not the last word.
    this.#ledger = undefined;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
    return this.#ledger;
  }

  kill(): void {
    this.#stopping = true;
    this.#child.kill('SIGKILL');
  }

  async #next<T extends ServiceMessage['type']>(type: T, timeoutMs: number): Promise<ServiceMessage & { type: T }> {
    const child = this.#child;
    const { promise, resolve, reject } = Promise.withResolvers<ServiceMessage & { type: T }>();
    const onMessage = (message: ServiceMessage): void => {
      if (message.type === type) resolve(message as ServiceMessage & { type: T });
    };
    const onExit = (): void => reject(new Error(`${this.name} ended before it said '${type}'`));
    const timer = setTimeout(
      () => reject(new Error(`${this.name} did not say '${type}' in ${timeoutMs} ms`)),
      timeoutMs,
    );
    child.on('message', onMessage);
    child.on('exit', onExit);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    }
  }
}
