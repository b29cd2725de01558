/**
 * spanlog: logs that know their trace.
 *
 * Public names only; `docs/architecture.md` tells where everything is.
 */
import type { Options } from './config/options.ts';
import type { Fields } from './logger/fields.ts';
import type { Logger } from './logger/logger.ts';
import type { Logging } from './logging.ts';
import { registry } from './start.ts';

export { pii, secret } from './core/classified.ts';
export { SettingError } from './core/errors.ts';
export type { SettingProblem } from './core/errors.ts';
export type { Counts, Ledger } from './core/ledger.ts';
export type { Level } from './core/level.ts';
export type { SettingOrigin } from './config/setting-reader.ts';
export type {
  Destination,
  Limits,
  Options,
  OtlpOptions,
  PropagateOptions,
  RedactOptions,
  SampleOptions,
  SdkExporterOptions,
  ServiceOptions,
  SpoolOptions,
  TextOptions,
} from './config/options.ts';
export { flushAfter } from './flush-after.ts';
export type { FlushAfterOptions } from './flush-after.ts';
export type { Fields } from './logger/fields.ts';
export type { Attempt, CallOptions } from './logger/call.ts';
export type { Flow } from './logger/flow.ts';
export type { FieldsArgument, Logger, LogMethod } from './logger/logger.ts';
export type { LazyFields } from './logger/merged-fields.ts';
export type { Outcome, TimingOptions } from './logger/outcome.ts';
export type { Status } from './logger/status.ts';
export { timed } from './logger/timed-method.ts';
export type { TimedMethod, TimedMethodOptions } from './logger/timed-method.ts';
export type { Timer } from './logger/timing.ts';
export { defineTransitions } from './logger/transition.ts';
export type { Transitions } from './logger/transition.ts';
export type { FlushResult, Logging } from './logging.ts';

/**
 * Starts logging: reads the settings, opens the destinations, serves both OTel Logs API globals. Call it once, at process
 * start, or use `node --import spanlog/register`, which does.
 *
 * The first call after an automatic one reconfigures; later ones return the same handle and say what they ignored.
 *
 * @throws SettingError with `strict: true`, when a setting is bad; otherwise the default is used and the problem printed
 */
export function register(options?: Options): Logging {
  return registry().register(options, false);
}

/**
 * The logger of that name. Works before `register`: records wait, redacted and bounded, and flow once it is called.
 *
 * @throws TypeError for an empty name
 */
export function getLogger(name: string): Logger {
  return registry().getLogger(name);
}

/** Runs `fn` with `fields` on every record that is logged inside it, over every await. */
export function withContext<T>(fields: Fields, fn: () => T): T {
  return registry().withContext(fields, fn);
}

/** Adds `fields` to the innermost `withContext` around the caller. */
export function bindContext(fields: Fields): void {
  registry().bindContext(fields);
}
