import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment } from '../clean-environment.ts';

const ANSWER_TIMEOUT_MS = 60_000;

/** A process of the bench that answers once when it is ready and then once to each message. Gone with its scope. */
export class ForkedProcess<To extends { kind: string }, From extends { kind: string }> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #what: string;
  #output = '';

  /** Its stdout is `/dev/null`; its stderr is kept for errors. */
  constructor(what: string, file: string, task: object) {
    this.#what = what;
    this.#child = fork(file, [JSON.stringify(task)], {
      execArgv: ['--no-warnings'],
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-4_000);
    });
  }

  /** The first answer, which comes by itself; to be called at once. */
  ready<Kind extends From['kind']>(kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    return this.#answer(kind);
  }

  /** Rejects when the process ends instead, answers otherwise or takes too long. */
  ask<Kind extends From['kind']>(message: To, kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    const answer = this.#answer(kind);
    this.#child.send(message);
    return answer;
  }

  #answer<Kind extends From['kind']>(kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage).off('exit', onExit);
        act();
      };
      const fail = (why: string): void =>
        settle(() => reject(new Error(`${this.#what} ${why}, where '${kind}' was due\n${this.#output}`)));
      const onMessage = (message: From): void => {
        if (message.kind === kind) settle(() => resolve(message as Extract<From, { kind: Kind }>));
        else fail(`answered '${message.kind}'`);
      };
      const onExit = (code: number | null, signal: string | null): void => fail(`ended with ${code ?? signal}`);
      const timer = setTimeout(() => fail(`said nothing for ${ANSWER_TIMEOUT_MS / 1_000} s`), ANSWER_TIMEOUT_MS);
      this.#child.on('message', onMessage).on('exit', onExit);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
