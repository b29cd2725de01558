import { hostname } from 'node:os';
import { parseLevel, SEVERITY, SEVERITY_OFF } from '../core/level.ts';
import type { Level } from '../core/level.ts';
import { isError } from '../logger/fields.ts';
import type { BridgedRecord } from './bridge-target.ts';
import { instantOf } from './library-time.ts';
import { findError } from './serialised-error.ts';
import { severityOfText } from './severity-of-text.ts';

/** What pino says about a line beside the line. */
export interface LineContext {
  /** The logger, a child's included. */
  readonly logger?: object | undefined;
  /** Its number of the level. */
  readonly level?: number | undefined;
  /** What was given to the log call, before serializers; only read for what the line shows too. */
  readonly object?: object | undefined;
}

export interface PinoLevels {
  /** Severities by level name, before all that is known of names and numbers. */
  readonly levels?: Readonly<Record<string, Level>>;
}

export interface PinoRecord {
  readonly source: string;
  readonly record: BridgedRecord;
}

/** How a logger was configured; pino keeps it under symbols of its own. */
interface LoggerKeys {
  readonly messageKey: string;
  readonly errorKey: string;
  readonly nestedKey: string | undefined;
}

type Parsed = Record<string, unknown>;

const LIBRARY = 'pino';
const HOOKS = Symbol.for('pino.hooks');
const PREFIX_LENGTH = LIBRARY.length + 1;
const DEFAULT_KEYS: LoggerKeys = { messageKey: 'msg', errorKey: 'err', nestedKey: undefined };
const DEFAULT_LABELS: ReadonlyMap<number, string> = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
]);
const TIME_KEYS = ['time', 'timestamp', '@timestamp'] as const;
/** Integers that a double may not hold. */
const LONG_INTEGER = /[:[,\s]-?\d{16,}/;

/** Turns lines of pino into records. Keeps what it has learnt about loggers, never a line. */
export class PinoLines {
  readonly #severities: ReadonlyMap<string, number>;
  readonly #keys = new WeakMap<object, LoggerKeys>();
  readonly #names = new WeakMap<object, { readonly bindings: string; readonly source: string }>();
  /** Pino's symbols by their descriptions; each copy of pino has its own. */
  readonly #symbols = new Map<string, symbol>();
  readonly #hostname = hostname();

  constructor({ levels }: PinoLevels) {
    const entries = Object.entries(levels ?? {}).map(([name, level]) => [name, parseLevel(level) ?? 0] as const);
    this.#severities = new Map(entries.filter(([, severity]) => severity > 0 && severity < SEVERITY_OFF));
  }

  /** The logger's name: `pino`, or `pino.<name>` for one that was given a name. */
  sourceOf(logger: object | undefined): string {
    if (logger === undefined) return LIBRARY;
    const bindings = this.#valueOf(logger, 'pino.chindings');
    if (typeof bindings !== 'string') return LIBRARY;
    const known = this.#names.get(logger);
    if (known?.bindings === bindings) return known.source;
    const name = nameIn(bindings);
    const source = name === '' ? LIBRARY : `${LIBRARY}.${name}`;
    this.#names.set(logger, { bindings, source });
    return source;
  }

  /** The severity of a level's number, for those who ask before a line is parsed. */
  severityOf(level: number | undefined, label: string): number {
    return this.#severities.get(label) ?? (severityOfText(label) || severityOfNumber(level));
  }

  labelOf(logger: object | undefined, level: number | undefined): string {
    if (level === undefined) return '';
    const { levels } = (logger ?? {}) as { readonly levels?: { readonly labels?: Readonly<Record<number, unknown>> } };
    const label = levels?.labels?.[level];
    return typeof label === 'string' ? label : (DEFAULT_LABELS.get(level) ?? '');
  }

  /**
   * A line as it leaves the logger, after `hooks.streamWrite`, which may have hidden what should not be seen; undefined when it
   * leaves nothing. Throws what the hook throws.
   */
  leaving(line: string, logger: object | undefined): string | undefined {
    const hooks =
      logger === undefined ? undefined : (Reflect.get(logger, HOOKS) as { streamWrite?: unknown } | undefined);
    if (typeof hooks?.streamWrite !== 'function') return line;
    const written: unknown = Reflect.apply(hooks.streamWrite, undefined, [line]);
    return typeof written === 'string' ? written : undefined;
  }

  /** Reads one line. What is no line of pino's is a record with the line as its body. */
  read(line: string, { logger, level, object }: LineContext): PinoRecord {
    const parsed = parse(line);
    if (parsed === undefined) return { source: LIBRARY, record: { severity: SEVERITY.info, body: line.trimEnd() } };
    const keys = logger === undefined ? DEFAULT_KEYS : this.#keysOf(logger);
    const source = this.sourceOf(logger);
    const number = level ?? (typeof parsed.level === 'number' ? parsed.level : undefined);
    const label = this.labelOf(logger, number) || (typeof parsed.level === 'string' ? parsed.level : '');
    const timeKey = TIME_KEYS.find((key) => instantOf(parsed[key]) !== undefined && !isIn(object, key));
    const attributes: Parsed = {};
    // Copied, not deleted from: objects that properties were deleted from are read three times as slowly (measured).
    for (const key of Object.keys(parsed)) {
      const value = parsed[key];
      if (key === keys.messageKey || key === timeKey) continue;
      if (key === 'level' && (value === number || value === label)) continue;
      if (key === 'pid' && value === process.pid) continue;
      if (key === 'hostname' && value === this.#hostname) continue;
      if (key === 'name' && isNameOf(source, value)) continue;
      if (key === '__proto__') Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true });
      else attributes[key] = value;
    }
    const error = takeErrorIn(attributes, keys);
    if (error !== undefined) separateCauses(error, object, keys.errorKey);
    return {
      source,
      record: {
        severity: this.severityOf(number, label),
        severityText: label,
        body: parsed[keys.messageKey] ?? error?.message ?? '',
        attributes,
        error,
        time: timeKey === undefined ? undefined : instantOf(parsed[timeKey]),
      },
    };
  }

  #keysOf(logger: object): LoggerKeys {
    const known = this.#keys.get(logger);
    if (known !== undefined) return known;
    const text = (description: string): string | undefined => {
      const value = this.#valueOf(logger, description);
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const keys = {
      messageKey: text('pino.messageKey') ?? DEFAULT_KEYS.messageKey,
      errorKey: text('pino.errorKey') ?? DEFAULT_KEYS.errorKey,
      nestedKey: text('pino.nestedKey'),
    };
    this.#keys.set(logger, keys);
    return keys;
  }

  /** What the logger, or the one that it is a child of, keeps under pino's symbol of that description. */
  #valueOf(logger: object, description: string): unknown {
    const known = this.#symbols.get(description);
    const value: unknown = known === undefined ? undefined : Reflect.get(logger, known);
    if (value !== undefined) return value;
    for (let owner: object | null = logger; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
      const symbol = Object.getOwnPropertySymbols(owner).find((one) => one.description === description);
      if (symbol === undefined) continue;
      this.#symbols.set(description, symbol);
      return Reflect.get(logger, symbol);
    }
    return undefined;
  }
}

/**
 * Pino's numbers onto OTel's: the six levels are the first of their bands of four, what lies between keeps its place
 * in the band. Anything that is no number counts as INFO.
 */
export function severityOfNumber(level: number | undefined): number {
  if (level === undefined || Number.isNaN(level)) return SEVERITY.info;
  const band = Math.min(6, Math.max(1, Math.floor(level / 10)));
  const step = Math.min(3, Math.max(0, Math.floor(((level - band * 10) / 10) * 4)));
  return 1 + (band - 1) * 4 + step;
}

function parse(line: string): Parsed | undefined {
  try {
    const value: unknown = LONG_INTEGER.test(line) ? JSON.parse(line, exact) : JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Parsed) : undefined;
  } catch {
    // No JSON: some other program's line.
    return undefined;
  }
}

/** Keeps integers whole; `source` is what stands in the text (Node 21 and later). */
function exact(this: unknown, _key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isInexact && source !== undefined && /^-?\d{1,40}$/.test(source) ? BigInt(source) : value;
}

/**
 * The last name among the bindings, as the line would show it; not that of an object among them, as in
 * `child({ user: { id: 7, name: 'Alice' } })`.
 */
function nameIn(bindings: string): string {
  const at = bindings.lastIndexOf(',"name":"');
  if (at === -1) return '';
  try {
    // Without objects there is but one level, on which the text is searched faster than parsed.
    const name: unknown = bindings.includes('{')
      ? (JSON.parse(`{${bindings.slice(1)}}`) as Parsed).name
      : JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(bindings.slice(at + 8))?.[0] ?? '""');
    return typeof name === 'string' ? name : '';
  } catch {
    // A serializer wrote what is no JSON: no name.
    return '';
  }
}

/** Whether a call brought that key itself, as with `{ time: order.date }`: what the line shows is a field then. */
function isIn(object: object | undefined, key: string): boolean {
  try {
    return object !== undefined && Object.hasOwn(object, key);
  } catch {
    // A proxy threw: pino has read it, and its line is what is known.
    return false;
  }
}

/** Whether the logger's name says it already. */
function isNameOf(source: string, value: unknown): boolean {
  return typeof value === 'string' && source.length === value.length + PREFIX_LENGTH && source.endsWith(value);
}

/** The error that pino's serializer has written, an error again. */
function takeErrorIn(parsed: Parsed, { errorKey, nestedKey }: LoggerKeys): Error | undefined {
  const found = takeError(parsed, errorKey);
  if (found !== undefined || nestedKey === undefined) return found;
  const nested = parsed[nestedKey];
  if (typeof nested !== 'object' || nested === null || Array.isArray(nested)) return undefined;
  const fields = nested as Parsed;
  const error = takeError(fields, errorKey);
  if (Object.keys(fields).length === 0) Reflect.deleteProperty(parsed, nestedKey);
  return error;
}

/** Takes the error out of `fields`; what `exception.*` has no place for stays under its key. */
function takeError(fields: Parsed, errorKey: string): Error | undefined {
  return takeUnder(fields, errorKey) ?? takeUnder(fields, 'err') ?? takeUnder(fields, 'error');
}

function takeUnder(fields: Parsed, key: string): Error | undefined {
  const value = fields[key];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(fields, key)) return undefined;
  const found = findError(value);
  if (found === undefined) return undefined;
  if (found.rest === undefined) Reflect.deleteProperty(fields, key);
  else fields[key] = found.rest;
  return found.error;
}

/**
 * Pino's serializer joins the messages of all causes: `charge failed: connection refused`. The causes are in the stack, so the
 * error's own message is put back; it is the beginning of the joined one, or the line hides it and so do we.
 */
function separateCauses(error: Error, object: object | undefined, errorKey: string): void {
  try {
    const given: unknown = object === undefined ? undefined : Reflect.get(object, errorKey);
    if (!isError(given) || typeof given.message !== 'string' || given.message === '') return;
    if (error.message.startsWith(`${given.message}: `)) {
      Object.defineProperty(error, 'message', { value: given.message, configurable: true });
    }
  } catch {
    // A getter threw: the joined message stays.
  }
}
