import { CLASSES_ROW } from './class-policy-type.ts';
import { AUDIT_KEY } from './audit-key-type.ts';
import { TEXTS } from './setting-list-type.ts';
import { choice, count, path, TEXT } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what the audit stream is. */
export type AuditPath = Extract<SettingPath, `audit.${string}` | `auditFile.${string}`>;

/** The rows of the table that say which records are audit records. */
export const AUDIT_SETTINGS: SettingTable<AuditPath> = {
  'audit.events': {
    type: TEXTS,
    env: ['SPANLOG_AUDIT_EVENTS'],
    fallback: [],
    text: 'Events that are audit records, whoever logs them: no level, sampling, limit or repetition keeps them out.',
  },
  'audit.loggers': {
    type: TEXTS,
    env: ['SPANLOG_AUDIT_LOGGERS'],
    fallback: [],
    text: 'Loggers whose records are all audit records: `audit` covers `audit.access`.',
  },
  'audit.key': {
    type: AUDIT_KEY,
    env: ['SPANLOG_AUDIT_KEY'],
    fallback: undefined,
    fallbackText: 'none: who can write the file can make its whole chain anew',
    text: 'Key of the chain (HMAC-SHA-256). The first is written with; `spanlog audit --verify` knows all.',
    secret: true,
  },

  'auditFile.name': {
    type: TEXT,
    env: [],
    fallback: 'audit',
    text: 'Name in the ledger.',
  },
  'auditFile.classes': CLASSES_ROW,
  'auditFile.path': {
    type: path(
      'path of a file',
      'Give the path of a file that this process may write, such as /var/lib/my-app/audit.jsonl.',
    ),
    env: ['SPANLOG_AUDIT_FILE_PATH'],
    fallback: undefined,
    fallbackText: 'none: it has to be given',
    text:
      'The file that audit records are appended to; its folder is made. The variable adds the file to whatever ' +
      'destinations there are. While another process or thread writes it, this ' +
      'one writes `audit.2.jsonl` beside it, and so on.',
  },
  'auditFile.fsync': {
    type: choice(['always', 'interval', 'never']),
    env: ['SPANLOG_AUDIT_FILE_FSYNC'],
    fallback: 'always',
    text:
      'When a record is put on the medium, which surviving a power cut needs; a killed process does not. `always`: before ' +
      'the log call returns. `interval`: at most a second later. `never`: when the system sees fit.',
  },
  'auditFile.maxBytes': {
    type: count({ unit: 'bytes', min: 65_536, unbounded: true }),
    env: ['SPANLOG_AUDIT_FILE_MAX_BYTES'],
    fallback: Infinity,
    text: 'A file that holds as much is put aside under the number of its last line, and a new one goes on. Nothing is removed.',
  },
};
