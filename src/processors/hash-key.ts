import type { RedactOptions } from '../config/options.ts';
import { SettingError } from '../core/errors.ts';
import { KeyedHash } from '../pipeline/redact/keyed-hash.ts';
import { checkedSettings } from './checked-settings.ts';

/**
 * Hashes under the key of the options, else of `SPANLOG_REDACT_HASH_KEY`, as `register` has it: a key belongs into no code.
 * Its name likewise. Undefined without a key.
 *
 * @throws SettingError when the key is bad
 */
export function keyedHash({ hashKey, hashKeyId }: RedactOptions): KeyedHash | undefined {
  const given = { ...(hashKey !== undefined && { hashKey }), ...(hashKeyId !== undefined && { hashKeyId }) };
  const { key, keyId } = checkedSettings({ redact: given }, hashVariables()).redactionHash;
  return key === undefined ? undefined : new KeyedHash(key, keyId);
}

/** The variables of the key. */
export function hashVariables(): Record<string, string | undefined> {
  const { SPANLOG_REDACT_HASH_KEY, SPANLOG_REDACT_HASH_KEY_ID } = process.env;
  return { SPANLOG_REDACT_HASH_KEY, SPANLOG_REDACT_HASH_KEY_ID };
}

/** The same, where nothing can be done without one. */
export function requiredHash(options: RedactOptions): KeyedHash {
  const hash = keyedHash(options);
  if (hash !== undefined) return hash;
  throw new SettingError([
    {
      code: 'SPANLOG_BAD_HASH_KEY',
      setting: 'redact.hashKey',
      value: 'undefined',
      origin: 'default',
      fix: 'Set SPANLOG_REDACT_HASH_KEY to the key that the records were hashed with, or give it as hashKey.',
    },
  ]);
}
