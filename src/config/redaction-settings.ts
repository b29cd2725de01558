import { anyName, mapOf, PATHS, PATTERN, TEXTS } from './setting-list-type.ts';
import type { SettingType } from './setting-type.ts';
import { choice, FLAG, scalar, sectionSwitch } from './setting-type.ts';
import type { MaskSetting, SettingPath, SettingTable } from './setting-values.ts';
import { HIDDEN } from './value-text.ts';

/** Which part of the table says what is hidden, and what stands in its place. */
export type RedactionPath = Extract<SettingPath, 'redact' | `redact.${string}`>;

/** Off only by the one word that means it: any other must not lay secrets open. */
const REDACTION: SettingType<boolean> = sectionSwitch(
  'object, or `false`',
  'Give an object of redaction settings, or false to hide only what is marked; redaction stays on.',
);

const MASK: SettingType<MaskSetting> = choice(['mask', 'partial', 'hash']);

/** Fewer bytes could be guessed (NIST SP 800-107, 5.3.4: at least 112 bits). */
const LEAST_KEY_BYTES = 16;

const HASH_KEY: SettingType<string> = scalar({
  label: 'text, 16 bytes or more',
  code: 'SPANLOG_BAD_HASH_KEY',
  fix: 'Give 16 random bytes or more, such as what `openssl rand -hex 32` prints; values are masked until then.',
  read: (value) => (typeof value === 'string' && Buffer.byteLength(value) >= LEAST_KEY_BYTES ? value : undefined),
  show: () => HIDDEN,
});

/** It stands in marks, next to what rules look at: nothing that could be taken for more than a name. */
const HASH_KEY_ID: SettingType<string> = scalar({
  label: 'letters and digits, 8 at most',
  code: 'SPANLOG_BAD_TYPE',
  fix: 'Give 1 to 8 lower-case letters and digits, such as k2 or 2026q1.',
  read: (value) => (typeof value === 'string' && /^[a-z0-9]{1,8}$/.test(value) ? value : undefined),
});

/** The rows of the table that say what is hidden. */
export const REDACTION_SETTINGS: SettingTable<RedactionPath> = {
  redact: {
    type: REDACTION,
    env: ['SPANLOG_REDACT'],
    fallback: true,
    text: '`false` switches redaction off, except for what is marked `secret()` or `pii()`.',
  },
  'redact.keys': {
    type: TEXTS,
    env: ['SPANLOG_REDACT_KEYS'],
    fallback: [],
    text: 'Keys to hide besides the built-in ones, at any depth and in any case style.',
  },
  'redact.paths': {
    type: PATHS,
    env: ['SPANLOG_REDACT_PATHS'],
    fallback: [],
    text: 'Places to hide: `user.address`, `items[*].card`, `*.pin`, `**.note`.',
  },
  'redact.patterns': {
    type: mapOf(PATTERN, '`{ name: RegExp }`', anyName),
    env: [],
    fallback: new Map(),
    text: 'Patterns to hide in any text besides the built-in kinds.',
  },
  'redact.except': {
    type: TEXTS,
    env: ['SPANLOG_REDACT_EXCEPT'],
    fallback: [],
    text: 'Keys that are shown although a rule would hide them.',
  },
  'redact.kinds': {
    type: mapOf(FLAG, '`{ kind: boolean }`, or `kind=boolean,…`', anyName),
    env: ['SPANLOG_REDACT_KINDS'],
    fallback: new Map(),
    text: 'Built-in kinds to switch on or off.',
  },
  'redact.mask': {
    type: mapOf(MASK, '`{ kind: style }`, or `kind=style,…`; styles are `mask`, `partial`, `hash`', anyName, 'mask'),
    env: ['SPANLOG_REDACT_MASK'],
    fallback: new Map(),
    text:
      'What stands in the place of what is found, by kind; `*` is all that are not named. `mask`: `[REDACTED:card]`. ' +
      '`partial`: the last four characters, a third of the value at most, and never of a credential. `hash`: a keyed hash.',
  },
  'redact.hashKey': {
    type: HASH_KEY,
    env: ['SPANLOG_REDACT_HASH_KEY'],
    fallback: undefined,
    text: 'The key of the hashes (HMAC-SHA-256). Needed where `redact.mask` or `classes` ask for `hash`.',
    secret: true,
  },
  'redact.hashKeyId': {
    type: HASH_KEY_ID,
    env: ['SPANLOG_REDACT_HASH_KEY_ID'],
    fallback: undefined,
    fallbackText: 'six letters made of the key',
    text: 'Names the key in each hash, so that hashes under an old and a new key are told apart.',
  },
};
