import type { Options } from '../config/options.ts';
import type { Settings } from '../config/resolved-settings.ts';
import { resolveSettings } from '../config/resolve.ts';
import { SettingError } from '../core/errors.ts';
import { KIND_FACTS } from '../pipeline/redact/policy.ts';

/** Judges options as `register` does, with no environment to fall back on. */
export function checkedSettings(options: Options): Settings {
  const facts = { isTty: false, stderrIsTty: false, ...KIND_FACTS };
  const { settings, problems } = resolveSettings(options, {}, facts);
  if (problems.length > 0) throw new SettingError(problems);
  return settings;
}
