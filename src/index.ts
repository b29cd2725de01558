/**
 * spanlog: logs that know their trace.
 *
 * Public names only; `docs/architecture.md` tells where everything is.
 */
import type { Options } from './config/options.ts';
import type { EventCatalogue } from './core/event-catalogue.ts';
import type { Catalogue } from './logger/catalogue.ts';
import { createCatalogue, mergeCatalogues } from './logger/catalogue.ts';
import type { EventDeclarations } from './logger/event-declaration.ts';
import type { Fields } from './logger/fields.ts';
import type { Logger } from './logger/logger.ts';
import type { Logging } from './logging.ts';
import { registry } from './start.ts';

export { pii, secret } from './core/classified.ts';
export type { Classified } from './core/classified.ts';
export type { EventProblem, EventReport } from './core/event-check.ts';
export { SettingError } from './core/errors.ts';
export type { SettingProblem } from './core/errors.ts';
export type { Counts, Ledger } from './core/ledger.ts';
export type { Level } from './core/level.ts';
export type { SettingOrigin } from './config/setting-reader.ts';
export type {
  AuditOptions,
  ClassOptions,
  DedupeOptions,
  Destination,
  FlightRecorderOptions,
  Limit,
  Limits,
  Options,
  OtlpOptions,
  PolicyOptions,
  PropagateOptions,
  RateLimitOptions,
  RedactOptions,
  RetentionOptions,
  SampleOptions,
  SdkExporterOptions,
  ServiceOptions,
  Share,
  SpoolOptions,
  TextOptions,
} from './config/options.ts';
export { flushAfter } from './flush-after.ts';
export type { FlushAfterOptions } from './flush-after.ts';
export type { Catalogue, EventLogger } from './logger/catalogue.ts';
export type { JsonSchema } from './logger/catalogue-schema.ts';
export type { EventDeclaration, EventDeclarations, EventFields, FieldDeclaration } from './logger/event-declaration.ts';
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

/**
 * Declares events: their level, fields, classes and whom to ask. What its loggers are given is checked by the compiler;
 * with `register({ catalogue })` the classes and the run-time check hold for all calls.
 *
 * ```ts
 * const events = defineEvents({
 *   payment_failed: { level: 'error', owner: 'payments', fields: { order_id: 'string', why: ['declined', 'timeout'] } },
 * });
 * events.getLogger('checkout').emit('payment_failed', { order_id: 'o-1', why: 'declined' }, error);
 * ```
 *
 * @throws TypeError with all that is wrong with the declarations
 */
export function defineEvents<const Events extends EventDeclarations>(events: Events): Catalogue<Events> {
  return createCatalogue(events, getLogger);
}

/**
 * One catalogue of several, each of which a part of the application declares.
 *
 * @throws TypeError for an event that two of them declare differently
 */
export function mergeEvents<const All extends readonly EventCatalogue[]>(...catalogues: All): Catalogue<Merged<All>> {
  return mergeCatalogues(catalogues, getLogger) as unknown as Catalogue<Merged<All>>;
}

type Merged<All extends readonly unknown[]> = All extends readonly [Catalogue<infer Only>]
  ? Only
  : All extends readonly [Catalogue<infer First>, ...infer Rest]
    ? First & Merged<Rest>
    : never;

/** Runs `fn` with `fields` on every record that is logged inside it, over every await. */
export function withContext<T>(fields: Fields, fn: () => T): T {
  return registry().withContext(fields, fn);
}

/** Adds `fields` to the innermost `withContext` around the caller. */
export function bindContext(fields: Fields): void {
  registry().bindContext(fields);
}
