import { types } from 'node:util';
import { nearestName } from '../config/nearest-name.ts';
import { levelOf, parseLevel, SEVERITY_OFF, VALID_LEVELS } from '../core/level.ts';
import type { Level, LevelName } from '../core/level.ts';
import type { Fields } from '../logger/fields.ts';
import { createPathMatch, HEALTH_PATHS } from './path-rules.ts';
import type { PathRule } from './path-rules.ts';
import { LEVEL_KEYS, levelKeyOf } from './request-outcome.ts';
import type { RequestLevels, RequestOutcome } from './request-outcome.ts';

/** What `requestLogging` takes; `docs/requests.md` has each with its default. */
export interface RequestLoggingOptions<Request = object> {
  /** Name of the logger. Default: http.server. */
  readonly logger?: string;
  /** Level of `request_started`; `off` for none. Default: info. */
  readonly startLevel?: Level;
  /** Level of the end record, by status class or by function. Default: error for 5xx and failures, else info. */
  readonly level?: RequestLevels | ((outcome: RequestOutcome) => Level | undefined);
  /** Logged at DEBUG unless they fail. Default: the usual health checks. */
  readonly quiet?: readonly PathRule[];
  /** Not logged at all; what they log themselves has its request id all the same. Default: none. */
  readonly ignore?: readonly PathRule[];
  /** A request that takes this long, in ms, is logged at WARN at least. Default: none is slow. */
  readonly slowMs?: number;
  /** The header that carries the request id, both ways. Default: x-request-id. */
  readonly requestIdHeader?: string;
  /** False: ids of callers are replaced, for servers that strangers reach directly. Default: true. */
  readonly trustRequestId?: boolean;
  /** Makes the id of a request that came without one. Default: a random UUID. */
  readonly createRequestId?: () => string;
  /** More fields for the end record. */
  readonly fields?: (request: Request, outcome: RequestOutcome) => Fields | undefined;
  /** `true` logs the address of the connection's other end as `client.address`; a function says it. Default: false. */
  readonly clientAddress?: boolean | ((request: Request) => string | undefined);
  /** Logs the header `user-agent` as `user_agent.original`. Default: true. */
  readonly userAgent?: boolean;
}

/** Options that were judged, with defaults. Levels are names; `undefined` is off. */
export interface RequestSettings<Request> {
  readonly logger: string;
  readonly startLevel: LevelName | undefined;
  readonly levelOf: (outcome: RequestOutcome) => LevelName | undefined;
  readonly isQuiet: (path: string) => boolean;
  readonly isIgnored: (path: string) => boolean;
  readonly slowMs: number;
  readonly requestIdHeader: string;
  readonly trustRequestId: boolean;
  readonly createRequestId: (() => string) | undefined;
  readonly fields: RequestLoggingOptions<Request>['fields'];
  readonly clientAddress: boolean | ((request: Request) => string | undefined);
  readonly userAgent: boolean;
}

const NAMES: readonly (keyof RequestLoggingOptions)[] = [
  'logger',
  'startLevel',
  'level',
  'quiet',
  'ignore',
  'slowMs',
  'requestIdHeader',
  'trustRequestId',
  'createRequestId',
  'fields',
  'clientAddress',
  'userAgent',
];

/** A field name of HTTP (RFC 9110, 5.1). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

/**
 * Judges options once, at start: a server that logs otherwise than it was told to is found out too late.
 *
 * @throws TypeError that names the option and what to do
 */
export function readRequestSettings<Request>(options: RequestLoggingOptions<Request>): RequestSettings<Request> {
  if (typeof options !== 'object' || (options as object | null) === null) {
    throw new TypeError(
      `requestLogging takes an object of options, got ${shown(options)}: leave it out for the defaults`,
    );
  }
  for (const name of Object.keys(options)) {
    if ((NAMES as readonly string[]).includes(name)) continue;
    const near = nearestName(name, NAMES);
    refuse(name, 'is no option', near === undefined ? `use one of ${NAMES.join(', ')}` : `did you mean ${near}?`);
  }
  const { logger = 'http.server', slowMs = Infinity, requestIdHeader = 'x-request-id' } = options;
  const { trustRequestId = true, clientAddress = false, userAgent = true, startLevel = 'info' } = options;
  const { createRequestId, fields } = options;
  if (typeof logger !== 'string' || logger.trim() === '') {
    refuse('logger', got(logger), "give a name such as 'http.server'");
  }
  if (typeof slowMs !== 'number' || !(slowMs >= 0)) {
    refuse('slowMs', got(slowMs), 'give a number of milliseconds from 0 up');
  }
  if (typeof requestIdHeader !== 'string' || !HEADER_NAME.test(requestIdHeader)) {
    refuse('requestIdHeader', got(requestIdHeader), "give the name of a header such as 'x-request-id'");
  }
  expectFunction('createRequestId', createRequestId);
  expectFunction('fields', fields);
  expectBoolean('trustRequestId', trustRequestId);
  expectBoolean('userAgent', userAgent);
  if (typeof clientAddress !== 'function') expectBoolean('clientAddress', clientAddress);
  return {
    logger,
    startLevel: levelName('startLevel', startLevel),
    levelOf: readLevel(options.level),
    isQuiet: createPathMatch(readRules('quiet', options.quiet ?? HEALTH_PATHS)),
    isIgnored: createPathMatch(readRules('ignore', options.ignore ?? [])),
    slowMs,
    requestIdHeader: requestIdHeader.toLowerCase(),
    trustRequestId,
    createRequestId,
    fields,
    clientAddress,
    userAgent,
  };
}

function readLevel(level: RequestLoggingOptions['level'] = {}): RequestSettings<never>['levelOf'] {
  const defaults = (outcome: RequestOutcome): LevelName => (outcome.kind === 'failed' ? 'error' : 'info');
  if (typeof level === 'function') {
    return (outcome) => {
      const chosen = level(outcome);
      return chosen === undefined ? defaults(outcome) : levelName('level', chosen);
    };
  }
  if (typeof level !== 'object' || (level as object | null) === null) {
    refuse('level', got(level), "give levels by class such as { '4xx': 'warn' }, or a function of the outcome");
  }
  const byKey = new Map<string, LevelName | undefined>();
  for (const [key, value] of Object.entries(level)) {
    if (!(LEVEL_KEYS as readonly string[]).includes(key)) {
      refuse(`level.${key}`, 'is no class', `use one of ${LEVEL_KEYS.join(', ')}`);
    }
    byKey.set(key, levelName(`level.${key}`, value));
  }
  return (outcome) => {
    const key = levelKeyOf(outcome);
    return byKey.has(key) ? byKey.get(key) : defaults(outcome);
  };
}

/** `undefined` for `off`. */
function levelName(option: string, level: Level): LevelName | undefined {
  const severity = parseLevel(level);
  if (severity === undefined) return refuse(option, got(level), `give one of ${VALID_LEVELS}`);
  return severity === SEVERITY_OFF ? undefined : levelOf(severity);
}

function readRules(option: string, rules: readonly PathRule[]): readonly PathRule[] {
  if (!Array.isArray(rules)) {
    return refuse(option, got(rules), "give a list of paths such as ['/healthz', '/internal/*']");
  }
  rules.forEach((rule: unknown, i) => {
    const known =
      (typeof rule === 'string' && rule.startsWith('/')) || typeof rule === 'function' || types.isRegExp(rule);
    if (!known) refuse(`${option}[${i}]`, got(rule), "give a path that begins with '/', a pattern or a function");
  });
  return rules.slice() as PathRule[];
}

function expectFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') refuse(option, got(value), 'give a function');
}

function expectBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') refuse(option, got(value), 'give true or false');
}

function refuse(option: string, problem: string, fix: string): never {
  throw new TypeError(`requestLogging: ${option} ${problem}. To mend it, ${fix}`);
}

function got(value: unknown): string {
  return `is ${shown(value)}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
