import { levelNameIn, loggerPrefix, mapOf, anyName } from './setting-list-type.ts';
import { CATALOGUE } from './catalogue-type.ts';
import type { SettingType } from './setting-type.ts';
import { choice, LEVEL, scalar } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what a service's logs are to be like. */
export type PolicyPath = Extract<SettingPath, `catalogue${string}` | `policy.${string}`>;

/** A name that is put into records: of a field, of a retention class. */
const NAME: SettingType<string> = scalar({
  label: 'name',
  code: 'SPANLOG_BAD_TYPE',
  fix: 'Give a name of 1–128 characters, such as user_id.',
  read: (value) => (typeof value === 'string' && /^[^\p{Cc}]{1,128}$/u.test(value.trim()) ? value.trim() : undefined),
});

const CLASSES = '`{ name: class }`, or `name=class,…`';

/** The rows of the table that say what a service's logs are to be like. */
export const POLICY_SETTINGS: SettingTable<PolicyPath> = {
  catalogue: {
    type: CATALOGUE,
    env: [],
    fallback: undefined,
    fallbackText: 'none',
    text: 'The declared events: their field classes hold for every record, whoever logs it.',
  },
  catalogueCheck: {
    type: choice(['report', 'off']),
    env: ['SPANLOG_CATALOGUE_CHECK'],
    fallback: 'report',
    text:
      'With a catalogue, whether events that it does not declare, and fields and levels that are other than declared, ' +
      'are said on stderr, each once, and counted.',
  },
  'policy.levels': {
    type: mapOf(LEVEL, '`{ event: level }`, or `event=level,…`', anyName),
    env: ['SPANLOG_POLICY_LEVELS'],
    fallback: new Map(),
    text: 'Events that have this level whatever level the call says; `off`: they are not logged.',
  },
  'policy.fieldNames': {
    type: choice(['snake_case', 'camelCase', 'kebab-case']),
    env: ['SPANLOG_POLICY_FIELD_NAMES'],
    fallback: undefined,
    fallbackText: 'any',
    text: 'How fields are to be named, each part between dots. A name that is not is said on stderr, once.',
  },
  'policy.rename': {
    type: mapOf(NAME, '`{ given: name }`, or `given=name,…`', anyName),
    env: ['SPANLOG_POLICY_RENAME'],
    fallback: new Map(),
    text: 'Fields that have another name in records than at calls: `{ userId: "user_id" }`.',
  },
  'policy.retention.default': {
    type: NAME,
    env: ['SPANLOG_POLICY_RETENTION_DEFAULT'],
    fallback: undefined,
    fallbackText: 'none',
    text: 'The retention class of a record that nothing else gives one, as its attribute `log.retention`.',
  },
  'policy.retention.events': {
    type: mapOf(NAME, CLASSES, anyName),
    env: ['SPANLOG_POLICY_RETENTION_EVENTS'],
    fallback: new Map(),
    text: 'Retention class by event; wins over the catalogue, loggers, levels and the default, in this order.',
  },
  'policy.retention.loggers': {
    type: mapOf(NAME, CLASSES, loggerPrefix),
    env: ['SPANLOG_POLICY_RETENTION_LOGGERS'],
    fallback: new Map(),
    text: 'Retention class by logger-name prefix.',
  },
  'policy.retention.levels': {
    type: mapOf(NAME, CLASSES, levelNameIn),
    env: ['SPANLOG_POLICY_RETENTION_LEVELS'],
    fallback: new Map(),
    text: 'Retention class by level.',
  },
};
