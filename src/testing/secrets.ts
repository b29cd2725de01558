import { AssertionError } from 'node:assert';
import type { RedactOptions } from '../config/options.ts';
import type { Finding } from '../pipeline/redact/report.ts';
import { createRedactor } from '../processors/redactor.ts';

export interface SecretSearch {
  /** Texts that must not stand anywhere, such as the passwords that a test uses; found in any case and in parts of texts. */
  readonly secrets?: readonly string[];
  /** Kinds that may be there: `['email']`. */
  readonly except?: readonly string[];
  /** Rules besides the built-in ones, as `register({ redact })` takes them. */
  readonly redact?: RedactOptions;
}

/** A secret as a pattern would be found in parts; shorter than this it would be found everywhere. */
const SHORTEST_SECRET = 4;

/**
 * What the redaction rules would hide in a value, a text or a list of records: kinds and places, never the values. Marks
 * that are there already are no findings.
 *
 * @throws SettingError when an option is bad
 */
export function findSecrets(
  value: unknown,
  { secrets = [], except = [], redact = {} }: SecretSearch = {},
): readonly Finding[] {
  const patterns = { ...redact.patterns };
  secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .forEach((secret, i) => {
      patterns[`given_secret_${i + 1}`] = new RegExp(secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'i');
    });
  const short = secrets.find((secret) => secret.length < SHORTEST_SECRET);
  if (short !== undefined) {
    throw new TypeError(
      `a secret of ${short.length} characters stands in any text: give one of ${SHORTEST_SECRET} or more`,
    );
  }
  const { found } = createRedactor({ ...redact, patterns }).report(value);
  return found.filter(({ kind }) => !except.includes(kind));
}

/**
 * Fails when the redaction rules would hide anything of `value`. The message names kinds and places, not the secrets.
 *
 * @throws AssertionError
 */
export function assertNoSecrets(value: unknown, search?: SecretSearch): void {
  const found = findSecrets(value, search);
  if (found.length === 0) return;
  throw new AssertionError({ message: leakMessage(found), operator: 'assertNoSecrets', stackStartFn: assertNoSecrets });
}

export function leakMessage(found: readonly Finding[]): string {
  const lines = found.map(
    ({ kind, path, count }) =>
      `  ${kind} at ${path === '' ? 'the value itself' : path}${count > 1 ? `, ${count} times` : ''}`,
  );
  return `secrets are shown:\n${lines.join('\n')}`;
}
