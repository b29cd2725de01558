import type { VariableRow } from './variable-row.ts';

const rows: readonly VariableRow[] = [
  ['SPANLOG_SAMPLE_RATE', '0.25', (settings) => settings.sample.rate, 0.25],
  ['SPANLOG_SAMPLE_RATE', '1/100', (settings) => settings.sample.rate, 0.01],
  ['SPANLOG_SAMPLE_RATE', '1 in 8', (settings) => settings.sample.rate, 0.125],
  ['SPANLOG_SAMPLE_EVENTS', 'a=1/4', (settings) => [...settings.sample.events], [['a', 0.25]]],
  ['SPANLOG_SAMPLE_EVENTS', 'health_check=0', (settings) => [...settings.sample.events], [['health_check', 0]]],
  ['SPANLOG_SAMPLE_LOGGERS', 'http=.5', (settings) => [...settings.sample.loggers], [['http', 0.5]]],
  ['SPANLOG_SAMPLE_LEVELS', 'DEBUG=0.1', (settings) => [...settings.sample.levels], [['debug', 0.1]]],
  [
    'SPANLOG_AUDIT_EVENTS',
    'user_deleted, role_granted',
    (settings) => settings.audit.events,
    ['user_deleted', 'role_granted'],
  ],
  ['SPANLOG_AUDIT_LOGGERS', 'audit', (settings) => settings.audit.loggers, ['audit']],
  [
    'SPANLOG_RATE_LIMIT_RATE',
    '100/s',
    (settings) => settings.rateLimit.rate,
    { perSecond: 100, burst: 100, text: '100/s' },
  ],
  [
    'SPANLOG_RATE_LIMIT_EVENTS',
    'cache_miss = 120/MIN burst 5, login=off',
    (settings) => [...settings.rateLimit.events],
    [
      ['cache_miss', { perSecond: 2, burst: 5, text: '120/min burst 5' }],
      ['login', { perSecond: Infinity, burst: Infinity, text: 'off' }],
    ],
  ],
  [
    'SPANLOG_RATE_LIMIT_LOGGERS',
    'shop=7200 / h',
    (settings) => [...settings.rateLimit.loggers],
    [['shop', { perSecond: 2, burst: 7_200, text: '7200 / h' }]],
  ],
  ['SPANLOG_RATE_LIMIT_NOTICE_PER_MINUTE', '50', (settings) => settings.rateLimit.noticePerMinute, 50],
  ['SPANLOG_RATE_LIMIT_NOTICE_PER_MINUTE', 'false', (settings) => settings.rateLimit.noticePerMinute, 0],
  ['SPANLOG_RATE_LIMIT_MAX_KEYS', '9', (settings) => settings.rateLimit.maxKeys, 9],
  ['SPANLOG_RATE_LIMIT_SUMMARY_MS', '500', (settings) => settings.rateLimit.summaryMs, 500],
  ['SPANLOG_DEDUPE', 'True', (settings) => settings.dedupe.isOn, true],
  ['SPANLOG_DEDUPE_WINDOW_MS', '50', (settings) => settings.dedupe.windowMs, 50],
  ['SPANLOG_DEDUPE_IGNORE', 'attempt, n', (settings) => settings.dedupe.ignore.slice(-2), ['attempt', 'n']],
  ['SPANLOG_DEDUPE_MAX_KEYS', '9', (settings) => settings.dedupe.maxKeys, 9],
  ['SPANLOG_DEDUPE_MAX_BYTES', '5000', (settings) => settings.dedupe.maxBytes, 5_000],
  ['SPANLOG_FLIGHT_RECORDER', 'TRUE', (settings) => settings.flightRecorder.isOn, true],
  ['SPANLOG_FLIGHT_RECORDER_LEVEL', 'trace', (settings) => settings.flightRecorder.level, 1],
  ['SPANLOG_FLIGHT_RECORDER_MAX_BYTES', '1024', (settings) => settings.flightRecorder.maxBytes, 1_024],
  ['SPANLOG_FLIGHT_RECORDER_TOTAL_BYTES', '65536', (settings) => settings.flightRecorder.totalBytes, 65_536],
  ['SPANLOG_FLIGHT_RECORDER_MAX_AGE_MS', '5000', (settings) => settings.flightRecorder.maxAgeMs, 5_000],
  ['SPANLOG_FLIGHT_RECORDER_SLOW_MS', '800', (settings) => settings.flightRecorder.slowMs, 800],
];

/** The variables that say how much is logged, and what is held until it is known to matter. */
export function volumeRows(): readonly VariableRow[] {
  return rows;
}
