import { choice, count, FLAG, path } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what survives the end of the process. */
export type DurabilityPath = Extract<SettingPath, 'durability' | 'onFull' | 'recordUid' | `spool.${string}`>;

const MIB = 1_048_576;

const FOLDER = path(
  'path of a folder',
  'Give the path of a folder that this process may write to, such as /var/spool/my-app, or leave it out.',
);

/** The rows of the table that say what survives. */
export const DURABILITY_SETTINGS: SettingTable<DurabilityPath> = {
  durability: {
    type: choice(['memory', 'disk', 'sync']),
    env: ['SPANLOG_DURABILITY'],
    fallback: 'memory',
    text:
      'What survives. `memory`: what was sent. `disk`: `kill -9` as well, except for the last `spool.windowMs`. ' +
      '`sync`: every record whose call returned. What did not arrive is sent by the next process that starts with the ' +
      'same spool.',
  },
  onFull: {
    type: choice(['drop-lowest', 'drop-oldest', 'spill']),
    env: ['SPANLOG_ON_FULL'],
    fallback: 'drop-lowest',
    text:
      'What happens when a destination holds all it may. `drop-lowest`: low levels go first, ERROR and FATAL last. ' +
      '`drop-oldest`: the oldest go first, whatever their level. `spill`: with `durability` `memory`, what does not fit ' +
      'goes to the spool; with `disk` and `sync` it is there already, so `spill` is the same as `drop-lowest`.',
  },
  recordUid: {
    type: FLAG,
    env: ['SPANLOG_RECORD_UID'],
    fallback: undefined,
    fallbackText: '`true` with `durability` `disk` or `sync` and with `onFull` `spill`, else `false`',
    text:
      'Adds `log.record.uid`, a ULID, to each record: what a spool replays may arrive twice, and a backend can drop ' +
      'duplicates by it.',
  },
  'spool.directory': {
    type: FOLDER,
    env: ['SPANLOG_SPOOL_DIRECTORY'],
    fallback: undefined,
    fallbackText: 'the system’s folder for temporary files',
    text:
      'Where spools are. A relative path starts at the working directory. In a container it has to be a volume to ' +
      'outlive the container.',
  },
  'spool.maxBytes': {
    type: count({ unit: 'bytes', min: MIB }),
    env: ['SPANLOG_SPOOL_MAX_BYTES'],
    fallback: 512 * MIB,
    text: 'Bytes on disk, for each process and destination.',
  },
  'spool.maxAgeMs': {
    type: count({ unit: 'milliseconds', min: 1_000 }),
    env: ['SPANLOG_SPOOL_MAX_AGE_MS'],
    fallback: 3 * 24 * 60 * 60 * 1_000,
    text: 'How long a record may wait on disk; what is older is dropped and counted. The default is three days.',
  },
  'spool.fsync': {
    type: choice(['never', 'interval', 'always']),
    env: ['SPANLOG_SPOOL_FSYNC'],
    fallback: 'never',
    text:
      'When the system is told to put what was written on the medium, which surviving a power cut needs; a killed ' +
      'process does not. `interval`: at most once a second. `always`: after each write.',
  },
  'spool.windowMs': {
    type: count({ unit: 'milliseconds', min: 1, max: 1_000 }),
    env: ['SPANLOG_SPOOL_WINDOW_MS'],
    fallback: 50,
    text: 'With `durability` `disk`: how long a record may be in memory only.',
  },
};
