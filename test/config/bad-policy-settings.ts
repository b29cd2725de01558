import type { Settings } from '../../src/config/resolved-settings.ts';
import { defineEvents } from '../../src/index.ts';
import type { BadSettingRow } from './bad-setting-row.ts';

const catalogue = defineEvents({ order_placed: { level: 'info', fields: { order_id: 'string' } } });
const other = defineEvents({ order_placed: { level: 'warn', fields: { order_id: { type: 'string', class: 'pii' } } } });

/** Mistakes in what the logs are to be like: the catalogue, and the settings that name events. */
export const BAD_POLICY_SETTINGS: readonly BadSettingRow[] = [
  {
    title: 'R12.1 a catalogue that is plain declarations',
    options: { catalogue: { order_placed: { level: 'info' } } },
    code: 'SPANLOG_BAD_CATALOGUE',
    setting: 'catalogue',
    value: '[object]',
    origin: 'code',
    fix: /defineEvents/,
    instead: ({ policy }) => policy.catalogue,
    expected: undefined,
  },
  {
    title: 'R12.1 one of several catalogues that is none; the others hold',
    options: { catalogue: [catalogue, undefined] },
    code: 'SPANLOG_BAD_CATALOGUE',
    setting: 'catalogue[1]',
    value: 'undefined',
    origin: 'code',
    fix: /defineEvents/,
    instead: ({ policy }) => [...(policy.catalogue?.declared.keys() ?? [])],
    expected: ['order_placed'],
  },
  {
    title: 'R12.1 an event that two catalogues declare differently: the first holds, and the class of either',
    options: { catalogue: [catalogue, other] },
    code: 'SPANLOG_CONFLICT',
    setting: 'catalogue',
    value: '"order_placed"',
    origin: 'code',
    fix: /differently/,
    instead: ({ policy }: Settings): unknown => {
      const event = policy.catalogue?.declared.get('order_placed');
      return [event?.level, event?.fields.get('order_id')?.class];
    },
    expected: ['info', 'pii'],
  },
  {
    title: 'R12.2 a sampled event that no catalogue declares is told the nearest name, and is sampled all the same',
    options: { catalogue, sample: { events: { order_place: 0.5 } } },
    code: 'SPANLOG_UNKNOWN_EVENT',
    setting: 'sample.events',
    value: '"order_place"',
    origin: 'code',
    fix: /Did you mean order_placed\?/,
    instead: ({ sample }) => [...sample.events],
    expected: [['order_place', 0.5]],
  },
  {
    title: 'R12.2 a limited event that no catalogue declares',
    options: { catalogue, rateLimit: { events: { order_placd: '10/min' } } },
    code: 'SPANLOG_UNKNOWN_EVENT',
    setting: 'rateLimit.events',
    value: '"order_placd"',
    origin: 'code',
    fix: /Did you mean order_placed\?/,
  },
  {
    title: 'R12.2 a level for an event that no catalogue declares, from a variable',
    options: { catalogue },
    env: { SPANLOG_POLICY_LEVELS: 'something_else=debug' },
    code: 'SPANLOG_UNKNOWN_EVENT',
    setting: 'policy.levels',
    value: '"something_else"',
    origin: 'env SPANLOG_POLICY_LEVELS',
    fix: /Declare it/,
  },
  {
    title: 'R12.2 a style of names that there is not',
    options: { policy: { fieldNames: 'PascalCase' } },
    code: 'SPANLOG_BAD_CHOICE',
    setting: 'policy.fieldNames',
    value: '"PascalCase"',
    origin: 'code',
    fix: /snake_case/,
    instead: ({ policy }) => policy.fieldNames,
    expected: undefined,
  },
  {
    title: 'R12.2 a new name that is none',
    options: { policy: { rename: { userId: '' } } },
    code: 'SPANLOG_BAD_TYPE',
    setting: 'policy.rename.userId',
    value: '""',
    origin: 'code',
    fix: /user_id/,
  },
  {
    title: 'R12.2 an unknown part of the retention policy',
    options: { policy: { retention: { event: {} } } },
    code: 'SPANLOG_UNKNOWN_SETTING',
    setting: 'policy.retention.event',
    value: '[object]',
    origin: 'code',
    fix: /Did you mean events\?/,
  },
];
