import { TEXTS } from './setting-list-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what the audit stream is. */
export type AuditPath = Extract<SettingPath, `audit.${string}`>;

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
};
