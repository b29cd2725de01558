/** One command of the `spanlog` program. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Usage and options. */
  readonly help: string;
  /** Returns the exit code: 0 success, 1 failure. Rejects with a UsageError when the arguments are wrong. */
  run(args: readonly string[]): Promise<number>;
}

/** The arguments are wrong: the message says what, the help follows. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
