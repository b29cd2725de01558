/** Where a setting's value came from, in falling order of precedence. */
export type Origin = 'code' | `env ${string}` | `file ${string}` | 'default';

/**
 * Every code a setting's problem can carry, and what it means. Codes are stable: people search for them, and
 * `docs/errors.md` is made from this table.
 */
export const SETTING_CODES = {
  SPANLOG_UNKNOWN_SETTING: 'A name that is no setting, usually a typing error. It has no effect.',
  SPANLOG_UNREADABLE_SETTING: 'Reading the value threw: a getter or a proxy of the application.',
  SPANLOG_BAD_TYPE: 'A value of the wrong type.',
  SPANLOG_BAD_LEVEL: 'No level: neither one of the names nor a severity number.',
  SPANLOG_BAD_PREFIX: 'An empty logger name or prefix. Loggers have names; for all of them there is `level`.',
  SPANLOG_BAD_NUMBER: 'A number that is not whole, negative, or out of range.',
  SPANLOG_BAD_RATE: 'A share outside of 0–1.',
  SPANLOG_BAD_RATE_LIMIT: 'No number of records in a time, such as `100/s` or `1000/min burst 50`.',
  SPANLOG_BAD_BOOLEAN: 'Neither true nor false.',
  SPANLOG_BAD_CHOICE: 'A word that is not among the possible ones.',
  SPANLOG_BAD_LIST: 'A list of `name=value` pairs that does not parse, or has an entry without a name.',
  SPANLOG_BAD_ENDPOINT: 'No URL with the scheme http or https.',
  SPANLOG_BAD_HOST: 'No host: neither a name, nor a name with a port, nor `*.` and a suffix.',
  SPANLOG_BAD_HEADER: 'A header that HTTP does not allow, or that the transport sets itself.',
  SPANLOG_BAD_CONFIG_FILE: 'The configuration file can’t be read, or is no JSON object. It has no effect.',
  SPANLOG_BAD_FILE: 'A certificate or key that can’t be read, or is not PEM.',
  SPANLOG_BAD_PATTERN: 'A redaction pattern that is no regular expression, or a redaction path that does not parse.',
  SPANLOG_UNKNOWN_KIND: 'A redaction kind that does not exist.',
  SPANLOG_BAD_CATALOGUE: 'Something in `catalogue` that neither `defineEvents` nor `mergeEvents` made.',
  SPANLOG_UNKNOWN_EVENT: 'A setting names an event that no catalogue declares. It has its effect all the same.',
  SPANLOG_UNSAFE_MASK: 'A mask or a disclosure that would show a part of a credential. It is masked instead.',
  SPANLOG_BAD_HASH_KEY:
    'No key for the hashes that are asked for, or one shorter than 16 bytes. Values are masked instead.',
  SPANLOG_BAD_DESTINATION: 'Something in `destinations` that no function of `spanlog/destinations` made.',
  SPANLOG_BAD_AUDIT_KEY: 'No key for an audit trail: an id, a colon and a secret that is long enough.',
  SPANLOG_DUPLICATE_NAME: 'Two destinations of the same name; the ledger tells them apart by it.',
  SPANLOG_CONFLICT: 'Two settings that contradict one another.',
  SPANLOG_GRPC_UNSUPPORTED: 'OTLP over gRPC is asked for; spanlog speaks OTLP over HTTP.',
  SPANLOG_CONFIG_FILE_UNSUPPORTED: 'OTEL_CONFIG_FILE is set, and this version does not read it.',
} as const;

export type SettingCode = keyof typeof SETTING_CODES;

/** One thing that is wrong with the configuration, with all that is needed to mend it. */
export interface SettingProblem {
  /** Stable, for searching: one of `SETTING_CODES`. */
  readonly code: SettingCode;
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
