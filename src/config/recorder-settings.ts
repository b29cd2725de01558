import { SEVERITY } from '../core/level.ts';
import { count, LEVEL, NO_LIMIT_MS, sectionSwitch } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what the flight recorder does. */
export type RecorderPath = Extract<SettingPath, 'flightRecorder' | `flightRecorder.${string}`>;

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** The rows of the table that say what the flight recorder does. */
export const RECORDER_SETTINGS: SettingTable<RecorderPath> = {
  flightRecorder: {
    type: sectionSwitch('object, or `true` or `false`', 'Give true, false, or an object of flight recorder settings.'),
    env: ['SPANLOG_FLIGHT_RECORDER'],
    fallback: false,
    text:
      'Holds what is below the level of its logger for as long as its request, job or trace runs; an ERROR, a failure ' +
      'or a slow end lets it out, a good end discards it. An object switches it on, too.',
  },
  'flightRecorder.level': {
    type: LEVEL,
    env: ['SPANLOG_FLIGHT_RECORDER_LEVEL'],
    fallback: SEVERITY.debug,
    text: 'Lowest level that is held.',
  },
  'flightRecorder.maxBytes': {
    type: count({ unit: 'bytes', min: KIB }),
    env: ['SPANLOG_FLIGHT_RECORDER_MAX_BYTES'],
    fallback: 64 * KIB,
    text: 'Encoded bytes that are held of one request; past that its oldest records are discarded.',
  },
  'flightRecorder.totalBytes': {
    type: count({ unit: 'bytes', min: 64 * KIB }),
    env: ['SPANLOG_FLIGHT_RECORDER_TOTAL_BYTES'],
    fallback: 16 * MIB,
    text: 'Memory for all that is held; past that the oldest requests lose what is held of them. Taken as it fills.',
  },
  'flightRecorder.maxAgeMs': {
    type: count({ unit: 'milliseconds', min: 1, max: NO_LIMIT_MS }),
    env: ['SPANLOG_FLIGHT_RECORDER_MAX_AGE_MS'],
    fallback: 60_000,
    text: 'How long a record is held, give or take an eighth.',
  },
  'flightRecorder.slowMs': {
    type: count({ unit: 'milliseconds', min: 1, unbounded: true }),
    env: ['SPANLOG_FLIGHT_RECORDER_SLOW_MS'],
    fallback: Infinity,
    text: 'A request or job that takes so long lets out what is held of it.',
  },
};
