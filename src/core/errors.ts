/** Where a setting's value came from, in falling order of precedence. */
export type Origin = 'code' | `env ${string}` | 'default';

/** One thing that is wrong with the configuration, with all that is needed to mend it. */
export interface SettingProblem {
  /** Stable, for searching: `SPANLOG_BAD_LEVEL`, `SPANLOG_BAD_ENDPOINT`, … */
  readonly code: string;
  readonly setting: string;
  /** As text, redacted where the setting can hold a secret. */
  readonly value: string;
  readonly origin: Origin;
  readonly fix: string;
}

/** Thrown by `register` when `strict` is on; otherwise the same text is printed once and a default is used. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly code: string;
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(problemText).join('\n'));
    this.code = problems[0]?.code ?? 'SPANLOG_BAD_SETTING';
    this.problems = problems;
  }
}

/** `SPANLOG_BAD_LEVEL: level is "loud" (from env SPANLOG_LEVEL). Use one of …` */
export function problemText(problem: SettingProblem): string {
  return `${problem.code}: ${problem.setting} is ${problem.value} (from ${problem.origin}). ${problem.fix}`;
}
