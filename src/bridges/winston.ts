import { Writable } from 'node:stream';
import type { Level } from '../core/level.ts';
import type { BridgeTarget } from './bridge-target.ts';
import { repeatKey } from './repeats.ts';
import { levelOf, readInfo, severitiesOf, severityOfLevel, sourceOf } from './winston-record.ts';
import type { WinstonInfo, WinstonLevels } from './winston-record.ts';

/** A format of logform, by what a transport does with it. */
export interface WinstonFormat {
  readonly options?: object;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- so that logform's own type fits, and ours fits winston's
  transform(info: any, options?: any): any;
}

export interface WinstonTransportOptions {
  /** The least urgent level that is taken; the logger's own unless given. */
  readonly level?: string;
  /** Severities of levels of your own, by name. */
  readonly levels?: Readonly<Record<string, Level>>;
  readonly silent?: boolean;
  readonly format?: WinstonFormat;
  readonly handleExceptions?: boolean;
  readonly handleRejections?: boolean;
}

/** The logger that a transport is piped from. */
interface Parent {
  readonly level?: string;
  readonly levels?: WinstonLevels;
}

const LIBRARY = 'winston';
const FLUSH_TIMEOUT_MS = 5_000;

/**
 * A transport for winston 3, as `winston-transport` makes them, without needing that package: the same options, the same
 * rules for what is taken. It takes each info in the tick that winston gives it, so it never pushes back.
 *
 * `finish`, which `logger.end()` waits for, comes when everything is delivered, or after 5 s.
 */
export class WinstonTransport extends Writable {
  level?: string;
  silent: boolean;
  format?: WinstonFormat;
  handleExceptions: boolean;
  handleRejections: boolean;
  /** Set by the logger that pipes here. */
  levels: WinstonLevels | undefined;
  parent: Parent | null = null;
  readonly #target: BridgeTarget;
  readonly #severities: ReadonlyMap<string, number>;

  constructor(target: BridgeTarget, options: WinstonTransportOptions) {
    super({ objectMode: true });
    this.#target = target;
    this.#severities = severitiesOf(options.levels);
    if (options.level !== undefined) this.level = options.level;
    this.silent = options.silent ?? false;
    if (options.format !== undefined) this.format = options.format;
    this.handleExceptions = options.handleExceptions ?? false;
    this.handleRejections = options.handleRejections ?? false;
    target.open(LIBRARY, 'transport');
    this.on('pipe', (logger: Parent) => {
      this.levels = logger.levels;
      this.parent = logger;
    });
    this.on('unpipe', (logger: Parent) => {
      if (logger === this.parent) this.parent = null;
    });
  }

  /** What winston asks before it waits for `finish`: a transport of two loggers may have ended already. */
  get finished(): boolean {
    return this.writableFinished;
  }

  override _write(info: WinstonInfo, _encoding: string, callback: (error?: Error | null) => void): void {
    if (this.#accepts(info)) this.#target.attempt(() => this.#take(info));
    callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    void this.#target.flush(FLUSH_TIMEOUT_MS).then(() => callback());
  }

  /** Logs one info; for wrappers that call a transport's `log` themselves. */
  log(info: WinstonInfo, callback?: () => void): void {
    this.#target.attempt(() => this.#emit(info, info));
    callback?.();
  }

  #accepts(info: WinstonInfo): boolean {
    if (this.silent || typeof info !== 'object') return false;
    try {
      // Whatever its level, which the logger's levels may not even have.
      if (info.exception === true) return this.handleExceptions;
      const level = this.level ?? this.parent?.level;
      const { levels } = this;
      if (level === undefined || levels === undefined) return true;
      const least = levels[level];
      const own = levels[levelOf(info)];
      return least !== undefined && own !== undefined && least >= own;
    } catch {
      // A getter threw: what the level would be is unknown, and a record too many beats one that is lost.
      return true;
    }
  }

  #take(info: WinstonInfo): void {
    let formatted: unknown = info;
    if (this.format !== undefined) {
      try {
        formatted = this.format.transform(Object.assign({}, info), this.format.options);
      } catch (error) {
        // Not into the call that logs: the record goes as it came, and whoever listens is told.
        formatted = info;
        this.emit('warn', error);
      }
    }
    // As formats say that an info is filtered.
    if (typeof formatted !== 'object' || formatted === null) return;
    this.#emit(formatted as WinstonInfo, info);
  }

  #emit(info: WinstonInfo, token: WinstonInfo): void {
    const level = levelOf(info);
    const severity = this.#severities.get(level) ?? severityOfLevel(level, this.levels);
    if (!this.#target.isEnabled(sourceOf(info), severity)) return;
    const { source, record } = readInfo(info, severity);
    const key = keyOf(info, record.body);
    if (!this.#target.isRepeat({ library: LIBRARY, route: 'transport', key, token, via: this })) {
      this.#target.emit(source, record);
    }
    if (this.listenerCount('logged') > 0) this.emit('logged', info);
  }
}

/** The message as winston wrote it, which is the body that other transports send. */
function keyOf(info: WinstonInfo, body: unknown): string {
  try {
    return repeatKey(info.message);
  } catch {
    // A getter threw; the body says so in its place.
    return repeatKey(body);
  }
}
