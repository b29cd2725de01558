import type { Settings } from '../../src/config/resolved-settings.ts';
import type { VariableRow } from './variable-row.ts';

const rows: readonly VariableRow[] = [
  ['SPANLOG_REDACT', 'False', (settings: Settings): unknown => settings.redact, false],
  [
    'SPANLOG_REDACT_KEYS',
    'pin, badge',
    (settings: Settings): unknown => settings.redact !== false && settings.redact.keys,
    ['pin', 'badge'],
  ],
  [
    'SPANLOG_REDACT_PATHS',
    'a.b',
    (settings: Settings): unknown => settings.redact !== false && settings.redact.paths,
    ['a.b'],
  ],
  [
    'SPANLOG_REDACT_EXCEPT',
    'author',
    (settings: Settings): unknown => settings.redact !== false && settings.redact.except,
    ['author'],
  ],
  [
    'SPANLOG_REDACT_KINDS',
    'ip=true',
    (settings: Settings): unknown => settings.redact !== false && [...settings.redact.kinds],
    [['ip', true]],
  ],
  [
    'SPANLOG_REDACT_MASK',
    'card=partial',
    (settings: Settings): unknown => settings.redact !== false && [...settings.redact.mask],
    [['card', 'partial']],
  ],
  [
    'SPANLOG_REDACT_HASH_KEY',
    'k'.repeat(16),
    (settings: Settings): unknown => settings.redactionHash.key,
    'k'.repeat(16),
  ],
  ['SPANLOG_REDACT_HASH_KEY_ID', 'k2', (settings: Settings): unknown => settings.redactionHash.keyId, 'k2'],
];

/** The variables of redaction. */
export const REDACTION_VARIABLES: readonly VariableRow[] = rows;
