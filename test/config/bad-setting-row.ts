import type { Settings } from '../../src/config/resolved-settings.ts';
import type { SettingCode } from '../../src/core/errors.ts';

/** One mistake, and all that has to be said about it. */
export interface BadSettingRow {
  /** Begins with the id of its requirement where that is not R10.3. */
  readonly title: string;
  readonly options?: unknown;
  readonly env?: NodeJS.ProcessEnv;
  readonly code: SettingCode;
  readonly setting: string;
  readonly value: string;
  readonly origin: string;
  readonly fix: RegExp;
  /** What is in force instead. */
  readonly instead?: (settings: Settings) => unknown;
  readonly expected?: unknown;
}
