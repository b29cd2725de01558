import { SEVERITY } from '../core/level.ts';
import { loggerPrefix, mapOf } from './setting-list-type.ts';
import { choice, count, LEVEL, NO_LIMIT_MS, path } from './setting-type.ts';
import type { LevelSignal, SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what is logged, and what changes it while the process runs. */
export type LevelPath = Extract<SettingPath, 'level' | 'levels' | 'levelSignal' | 'levelSignalForMs' | 'configFile'>;

/** Signals that neither end a process by themselves nor mean something to Node; SIGUSR1 starts its debugger unless taken. */
const SIGNALS: readonly LevelSignal[] = ['SIGUSR2', 'SIGUSR1', 'SIGWINCH', 'SIGCONT'];

const FILE = path('path of a JSON file', 'Give the path of a file, such as /etc/my-app/spanlog.json, or leave it out.');

/** The rows of the table that say what is logged. */
export const LEVEL_SETTINGS: SettingTable<LevelPath> = {
  level: {
    type: LEVEL,
    env: ['SPANLOG_LEVEL'],
    fallback: SEVERITY.info,
    text: 'Lowest level that is logged, unless a prefix says otherwise.',
  },
  levels: {
    type: mapOf(LEVEL, '`{ prefix: level }`, or `prefix=level,…`', loggerPrefix),
    env: ['SPANLOG_LEVELS'],
    fallback: new Map(),
    text: 'Levels by logger-name prefix: `checkout` covers `checkout.payments`. The longest prefix wins.',
  },
  levelSignal: {
    type: choice(SIGNALS),
    env: ['SPANLOG_LEVEL_SIGNAL'],
    fallback: undefined,
    fallbackText: 'none',
    text: 'A signal that sets `debug` for all loggers whose level no prefix says, and sets it back when it comes again.',
  },
  levelSignalForMs: {
    type: count({ unit: 'milliseconds', min: 1, max: NO_LIMIT_MS }),
    env: ['SPANLOG_LEVEL_SIGNAL_FOR_MS'],
    fallback: undefined,
    fallbackText: 'until the signal comes again',
    text: 'For how long `levelSignal` sets `debug`.',
  },
  configFile: {
    type: FILE,
    env: ['SPANLOG_CONFIG_FILE'],
    fallback: undefined,
    fallbackText: 'none',
    text:
      'A JSON file with settings, nested as in code; code and variables win over it. Its `level` and `levels` are ' +
      'followed when it changes.',
  },
};
