import type { VariableRow } from './variable-row.ts';

const rows: readonly VariableRow[] = [
  ['SPANLOG_CATALOGUE_CHECK', 'off', (settings) => settings.policy.catalogueCheck, 'off'],
  ['SPANLOG_POLICY_LEVELS', 'cache_missed=debug', (settings) => [...settings.policy.levels], [['cache_missed', 5]]],
  ['SPANLOG_POLICY_FIELD_NAMES', 'snake_case', (settings) => settings.policy.fieldNames, 'snake_case'],
  ['SPANLOG_POLICY_RENAME', 'userId=user_id', (settings) => [...settings.policy.rename], [['userId', 'user_id']]],
  ['SPANLOG_POLICY_RETENTION_DEFAULT', 'short', (settings) => settings.policy.retention.default, 'short'],
  ['SPANLOG_POLICY_RETENTION_EVENTS', 'a=b', (settings) => [...settings.policy.retention.events], [['a', 'b']]],
  ['SPANLOG_POLICY_RETENTION_LOGGERS', 'a=b', (settings) => [...settings.policy.retention.loggers], [['a', 'b']]],
  ['SPANLOG_POLICY_RETENTION_LEVELS', 'ERROR=b', (settings) => [...settings.policy.retention.levels], [['error', 'b']]],
];

/** The variables that say what the logs are to be like. */
export function policyRows(): readonly VariableRow[] {
  return rows;
}
