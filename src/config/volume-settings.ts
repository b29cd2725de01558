import type { LevelName } from '../core/level.ts';
import { levelOf, parseLevel, VALID_LEVELS } from '../core/level.ts';
import { RATE_LIMIT } from './rate-limit-type.ts';
import { anyName, loggerPrefix, mapOf, TEXTS } from './setting-list-type.ts';
import type { Complain, SettingType } from './setting-type.ts';
import { count, NO_LIMIT_MS, RATE, sectionSwitch } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says how much is logged. */
export type VolumePath = Extract<
  SettingPath,
  `sample.${string}` | `rateLimit.${string}` | 'dedupe' | `dedupe.${string}`
>;

const KIB = 1_024;
const MIB = 1_024 * KIB;

const RATES = '`{ name: share }`, or `name=share,…`';
const LIMITS = '`{ name: limit }`, or `name=limit,…`';

/** A level's name in any spelling, as the key of a map. */
function levelName(name: string, complain: Complain): LevelName | undefined {
  const severity = parseLevel(name);
  if (severity !== undefined && severity <= 24) return levelOf(severity);
  complain({ code: 'SPANLOG_BAD_LEVEL', fix: `Use one of: ${VALID_LEVELS}.`, value: name });
  return undefined;
}

/** On with an object of its settings as well. Only what is said without doubt may hold records back. */
const DEDUPE: SettingType<boolean> = sectionSwitch(
  '`true`, `false`, or an object',
  'Give true, or an object of its settings; it stays off.',
);

const PER_MINUTE = count({ unit: 'records', min: 0, max: 1_000_000_000 });

/** The same with `false`, which says more plainly that it is off. */
const NOTICE: SettingType<number> = {
  ...PER_MINUTE,
  label: `${PER_MINUTE.label}; 0 or \`false\`: never`,
  fromCode: (value, complain) => PER_MINUTE.fromCode(value === false ? 0 : value, complain),
  fromText: (text, complain, variable) =>
    PER_MINUTE.fromText(text.toLowerCase() === 'false' ? '0' : text, complain, variable),
};

/** The rows of the table that say how much is logged. */
export const VOLUME_SETTINGS: SettingTable<VolumePath> = {
  'sample.rate': {
    type: RATE,
    env: ['SPANLOG_SAMPLE_RATE'],
    fallback: 1,
    text: 'Share of records kept. ERROR and FATAL are always kept.',
  },
  'sample.events': {
    type: mapOf(RATE, RATES, anyName),
    env: ['SPANLOG_SAMPLE_EVENTS'],
    fallback: new Map(),
    text: 'Share kept by event name; wins over loggers, levels and rate.',
  },
  'sample.loggers': {
    type: mapOf(RATE, RATES, loggerPrefix),
    env: ['SPANLOG_SAMPLE_LOGGERS'],
    fallback: new Map(),
    text: 'Share kept by logger-name prefix; wins over levels and rate.',
  },
  'sample.levels': {
    type: mapOf(RATE, RATES, levelName),
    env: ['SPANLOG_SAMPLE_LEVELS'],
    fallback: new Map(),
    text: 'Share kept by level; wins over rate.',
  },

  'rateLimit.rate': {
    type: RATE_LIMIT,
    env: ['SPANLOG_RATE_LIMIT_RATE'],
    fallback: undefined,
    text: 'How often each event of each logger may be logged. FATAL is never held back.',
  },
  'rateLimit.events': {
    type: mapOf(RATE_LIMIT, LIMITS, anyName),
    env: ['SPANLOG_RATE_LIMIT_EVENTS'],
    fallback: new Map(),
    text: 'The same by event name; wins over loggers and rate.',
  },
  'rateLimit.loggers': {
    type: mapOf(RATE_LIMIT, LIMITS, loggerPrefix),
    env: ['SPANLOG_RATE_LIMIT_LOGGERS'],
    fallback: new Map(),
    text: 'The same by logger-name prefix, for each of their events; wins over rate.',
  },
  'rateLimit.noticePerMinute': {
    type: NOTICE,
    env: ['SPANLOG_RATE_LIMIT_NOTICE_PER_MINUTE'],
    fallback: 1_000,
    text: 'An event that is logged more often than this is told of, as `spanlog.event_rate_high`. Nothing is held back for it.',
  },
  'rateLimit.maxKeys': {
    type: count({ unit: 'keys', min: 1, max: 1_000_000 }),
    env: ['SPANLOG_RATE_LIMIT_MAX_KEYS'],
    fallback: 1_024,
    text: 'Pairs of logger and event that are limited each for itself; further ones share a limit by level.',
  },
  'rateLimit.summaryMs': {
    type: count({ unit: 'milliseconds', min: 1, max: NO_LIMIT_MS }),
    env: ['SPANLOG_RATE_LIMIT_SUMMARY_MS'],
    fallback: 10_000,
    text: 'After this time at the latest a record says what was held back.',
  },

  dedupe: {
    type: DEDUPE,
    env: ['SPANLOG_DEDUPE'],
    fallback: false,
    text: 'Repeats of a record become one, with their count. FATAL is never held back.',
  },
  'dedupe.windowMs': {
    type: count({ unit: 'milliseconds', min: 1, max: NO_LIMIT_MS }),
    env: ['SPANLOG_DEDUPE_WINDOW_MS'],
    fallback: 10_000,
    text: 'For how long after a record its repeats are held back.',
  },
  'dedupe.ignore': {
    type: TEXTS,
    env: ['SPANLOG_DEDUPE_IGNORE'],
    fallback: ['duration_ms', 'total_duration_ms', 'elapsed_ms', 'previous_step_ms'],
    text: 'Fields in which repeats may differ; what is given is added to the default. Stacks, context and trace never count.',
  },
  'dedupe.maxKeys': {
    type: count({ unit: 'records', min: 1, max: 1_000_000 }),
    env: ['SPANLOG_DEDUPE_MAX_KEYS'],
    fallback: 1_024,
    text: 'Records whose repeats are looked for at once; the oldest is let go, and told of, for a new one.',
  },
  'dedupe.maxBytes': {
    type: count({ unit: 'bytes', min: 4 * KIB }),
    env: ['SPANLOG_DEDUPE_MAX_BYTES'],
    fallback: MIB,
    text: 'What all of them may hold in memory; past that the oldest is let go as well.',
  },
};
