import { readConfigText } from './config/config-file.ts';
import type { Options } from './config/options.ts';
import { resolveLevels } from './config/resolve.ts';
import type { Settings } from './config/resolved-settings.ts';
import type { SettingOrigin } from './config/setting-reader.ts';
import { watchPath } from './config/watch-file.ts';
import type { Diag } from './core/diag.ts';
import { problemText } from './core/errors.ts';
import type { LevelControl } from './level-control.ts';
import type { Levels } from './logger/level-table.ts';

/** A file that is bad may be half written: it is looked at once more before anything is said. */
const RECHECK_MS = 250;

export interface LevelSources {
  readonly settings: Settings;
  readonly options: Options | undefined;
  readonly control: LevelControl;
  /** Takes the lines of `explain` that are others now. */
  readonly onOrigins: (origins: readonly SettingOrigin[]) => void;
  readonly diag: Diag;
}

/** Lets the signal and the configuration file of the settings change levels. Returns what ends it. */
export function startLevels(sources: LevelSources): () => void {
  const { settings } = sources;
  const stopListening = settings.levelSignal === undefined ? undefined : listen(settings.levelSignal, sources);
  const stopWatching = settings.configFile === undefined ? undefined : follow(settings.configFile, sources);
  return () => {
    stopListening?.();
    stopWatching?.();
  };
}

function listen(signal: NodeJS.Signals, { settings, control, diag }: LevelSources): () => void {
  const toggle = (): void => control.toggleDebug(settings.levelSignalForMs);
  try {
    process.on(signal, toggle);
  } catch (error) {
    // Windows knows few signals.
    diag.warn('level_signal', `${signal} can't be listened to here, so it changes no level: ${String(error)}`);
  }
  return () => void process.removeListener(signal, toggle);
}

/**
 * Keeps the levels as the file says. Content that can't be used is said once, and the levels in force stay; when it is
 * mended, the next trouble is news again.
 */
function follow(path: string, { settings, options, control, onOrigins, diag }: LevelSources): () => void {
  let text = textOf(path);
  let inForce: Levels = settings;
  let recheck: NodeJS.Timeout | undefined;
  const said = new Set<string>();

  const look = (isSecondLook: boolean): void => {
    const now = textOf(path);
    if (now === text && !isSecondLook) return;
    const settled = now === text;
    text = now;
    clearTimeout(recheck);
    const { level, levels, problems, origins } = resolveLevels(options, process.env, path);
    const bad = problems.filter(
      ({ code, origin, setting }) =>
        code === 'SPANLOG_BAD_CONFIG_FILE' || (origin.startsWith('file ') && /^levels?\b/.test(setting)),
    );
    if (bad.length === 0) {
      for (const key of said) diag.clear(key);
      said.clear();
      control.follow({ level, levels }, inForce);
      inForce = { level, levels };
      onOrigins(origins);
    } else if (!settled) {
      recheck = setTimeout(() => look(true), RECHECK_MS).unref();
    } else {
      for (const problem of bad) {
        const key = `followed ${problemText(problem)}`;
        said.add(key);
        diag.warn(key, `${problemText(problem)} Levels stay as they are`);
      }
    }
  };
  const stop = watchPath(path, () => look(false));
  return () => {
    clearTimeout(recheck);
    stop();
  };
}

function textOf(path: string): string {
  const text = readConfigText(path);
  return typeof text === 'string' ? text : `\0${text.code}`;
}
