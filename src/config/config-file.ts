import { readFileSync, statSync } from 'node:fs';
import { readObject } from './foreign.ts';
import { nearestName } from './nearest-name.ts';
import type { Complaint } from './setting-type.ts';
import type { SettingPath } from './setting-values.ts';
import { SETTINGS } from './settings.ts';
import { HIDDEN } from './value-text.ts';

/** No configuration is as long; whatever is has been named by mistake. */
const MAX_BYTES = 1_048_576;

/** The settings that a file gives, and what is wrong with it as a whole or with its names. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, unknown>;
  /** By the setting that each is of; `configFile` where the file can't be used at all. */
  readonly complaints: readonly (readonly [setting: string, complaint: Complaint])[];
}

/** Reads the settings of a JSON file. Never throws: a file that can't be used gives none, and says why. */
export function readConfigFile(path: string): ConfigFile {
  const text = readConfigText(path);
  if (typeof text !== 'string') return unusable(path, `Make it a file that this process can read (${text.code}).`);
  let parsed: unknown;
  try {
    // An editor's byte order mark is not JSON.
    parsed = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    // V8's message quotes the file, which may hold a token: the place says enough.
    const place = /\(line \d+ column \d+\)/.exec(String(error))?.[0];
    return unusable(path, `Make it valid JSON${place === undefined ? '' : ` ${place}`}.`);
  }
  if (readObject(parsed) === undefined) {
    return unusable(path, 'Make it a JSON object of settings, such as {"level": "debug"}.');
  }
  const values = new Map<string, unknown>();
  const complaints: [string, Complaint][] = [];
  flatten(parsed, '', values, complaints);
  return { path, values, complaints };
}

/** The file's text, or why there is none. */
export function readConfigText(path: string): string | { readonly code: string } {
  try {
    const stats = statSync(path);
    // A pipe would be waited for, with all else, until somebody writes to it; a device has no end.
    if (!stats.isFile() && !stats.isDirectory()) return { code: 'a pipe or a device' };
    return stats.size > MAX_BYTES ? { code: `more than ${MAX_BYTES} bytes` } : readFileSync(path, 'utf8');
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

function unusable(path: string, fix: string): ConfigFile {
  return {
    path,
    values: new Map(),
    complaints: [['configFile', { code: 'SPANLOG_BAD_CONFIG_FILE', fix, value: path }]],
  };
}

/** Values by the path of their setting. `redact` is a setting and a group of them; the others are one or the other. */
function flatten(
  object: unknown,
  prefix: string,
  values: Map<string, unknown>,
  complaints: [string, Complaint][],
): void {
  for (const [key, value] of readObject(object)?.values ?? []) {
    const path = `${prefix}${key}`;
    const isSetting = Object.hasOwn(SETTINGS, path) && path !== 'configFile';
    const names = namesBelow(`${path}.`);
    if (value === null) continue;
    if (isSetting) values.set(path, value);
    if (names.length > 0) {
      if (readObject(value) !== undefined) flatten(value, `${path}.`, values, complaints);
      else if (!isSetting) complaints.push([path, { code: 'SPANLOG_BAD_TYPE', fix: 'Give an object.', value }]);
    } else if (!isSetting) {
      complaints.push([path, unknownSetting(key, namesBelow(prefix), value)]);
    }
  }
}

/** The names directly under a path that ends in a dot, or at the top. */
function namesBelow(prefix: string): readonly string[] {
  const paths = (Object.keys(SETTINGS) as SettingPath[]).filter((path) => path.startsWith(prefix));
  const names = paths.map((path) => path.slice(prefix.length).split('.')[0] ?? '');
  return [...new Set(names)].filter((name) => prefix !== '' || name !== 'configFile');
}

function unknownSetting(key: string, known: readonly string[], value: unknown): Complaint {
  const near = nearestName(key, known);
  const fix = near === undefined ? `Leave it out; known here: ${known.join(', ')}.` : `Did you mean ${near}?`;
  return { code: 'SPANLOG_UNKNOWN_SETTING', fix, value: typeof value === 'string' ? HIDDEN : value };
}
