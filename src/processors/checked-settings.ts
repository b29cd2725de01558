import type { Options } from '../config/options.ts';
import type { Settings } from '../config/resolved-settings.ts';
import { resolveSettings } from '../config/resolve.ts';
import { SettingError } from '../core/errors.ts';
import { KIND_FACTS } from '../pipeline/redact/policy.ts';

/**
 * Judges options as `register` does, with no environment to fall back on unless it is given.
 *
 * @throws SettingError when one is bad
 */
export function checkedSettings(options: Options, env: Readonly<Record<string, string | undefined>> = {}): Settings {
  const facts = { isTty: false, stderrIsTty: false, ...KIND_FACTS };
  const { settings, problems } = resolveSettings(options, env, facts);
  if (problems.length > 0) throw new SettingError(problems);
  return settings;
}
