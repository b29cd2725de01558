import { randomBytes } from 'node:crypto';
import type { RedactOptions } from '../config/options.ts';
import { SettingError } from '../core/errors.ts';
import { ValueReader } from '../core/read-value.ts';
import type { Value } from '../core/value.ts';
import { ValueMap, Varied } from '../core/value.ts';
import type { KeyedHash } from '../pipeline/redact/keyed-hash.ts';
import { lettersOf } from '../pipeline/redact/keyed-hash.ts';
import { hashMark } from '../pipeline/redact/marks.ts';
import { checkRedactOptions, createPolicy } from '../pipeline/redact/policy.ts';
import { Places } from '../pipeline/redact/report.ts';
import type { Finding } from '../pipeline/redact/report.ts';
import { checkedSettings } from './checked-settings.ts';
import { hashVariables, keyedHash, requiredHash } from './hash-key.ts';
import { defineOwn } from './sdk-record.ts';

/** Redaction without a logger: for what an application sends elsewhere, and for tests. */
export interface Redactor {
  /** A redacted copy made of plain data, every value in the form it has in a record; the original stays as it is. */
  readonly redact: (value: unknown) => unknown;
  /** The text with every secret replaced by a mark; the same string when there is none. */
  readonly redactText: (text: string) => string;
  /** The same as `redact`, with a list of what was hidden and where: kinds and places, never a value. */
  readonly report: (value: unknown) => RedactionReport;
  /**
   * What records hold in place of a value that is hashed, to search for it: the whole mark with a kind or a class,
   * `[REDACTED:pii-hmac.k1.…]`, else the part that marks of all kinds have. Upper and lower case of a mail address, and
   * separators of numbers, make no difference.
   *
   * @throws SettingError without a key: `hashKey`, or `SPANLOG_REDACT_HASH_KEY`
   */
  readonly hash: (value: string | number | bigint, kind?: string) => string;
  /** How often each kind was hidden so far. */
  readonly counts: () => Record<string, number>;
}

export interface RedactionReport {
  readonly value: unknown;
  readonly found: readonly Finding[];
}

/**
 * The key of hashes is `SPANLOG_REDACT_HASH_KEY` where the options give none; no other variable is read.
 *
 * @throws SettingError when an option is bad
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  const checked = checkedRedaction(options);
  const hash = hashOf(checked);
  let lookup: KeyedHash | undefined;
  const policy = createPolicy(checked, { hash });
  const reader = new ValueReader(policy);
  return {
    redact(value) {
      reader.begin();
      return plainOf(reader.read(value), (number) => number);
    },
    report(value) {
      const places = new Places(lettersOf(randomBytes(8)));
      const reporting = new ValueReader(createPolicy(checked, { hash, place: places.place }));
      const { value: settled, found } = places.settle(reporting.read(value));
      return { value: plainOf(settled, (number) => number), found };
    },
    redactText: (text) => policy.text(text),
    hash(value, kind) {
      lookup ??= requiredHash(checked);
      const hashed = lookup.of(String(value));
      return kind === undefined ? hashed : hashMark(kind, hashed);
    },
    counts: () => policy.counts(),
  };
}

/** @throws SettingError when an option is bad */
export function checkedRedaction(options: RedactOptions): RedactOptions {
  checkedSettings({ redact: options }, wantsHashes(options) ? hashVariables() : {});
  const problems = checkRedactOptions(options);
  if (problems.length > 0) throw new SettingError(problems);
  return options;
}

/** The environment is asked only by those who want hashes. */
export function hashOf(options: RedactOptions): KeyedHash | undefined {
  return wantsHashes(options) ? keyedHash(options) : undefined;
}

function wantsHashes({ mask }: RedactOptions): boolean {
  return Object.values(mask ?? {}).includes('hash');
}

/** A Value as ordinary objects and arrays. */
export function plainOf(value: Value, numberOf: (number: number | bigint) => unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return numberOf(value);
  if (Array.isArray(value)) return (value as readonly Value[]).map((entry) => plainOf(entry, numberOf));
  if (value instanceof Varied) return plainOf(value.hidden, numberOf);
  if (!(value instanceof ValueMap)) return value;
  const plain = {};
  for (const [i, key] of value.keys.entries()) defineOwn(plain, key, plainOf(value.values[i] ?? null, numberOf));
  return plain;
}
