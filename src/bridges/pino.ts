import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { BridgeTarget } from './bridge-target.ts';
import { PinoLines } from './pino-line.ts';
import type { LineContext, PinoLevels } from './pino-line.ts';
import { repeatKey } from './repeats.ts';

/** Where lines go besides; `process.stdout`, `pino.destination()`, another stream. */
export interface LineDestination {
  write(line: string): unknown;
}

export interface PinoStreamOptions extends PinoLevels {
  /** Gets every line as pino wrote it. It is not closed with the stream. */
  readonly destination?: LineDestination;
}

const LIBRARY = 'pino';
/** By which pino tells a stream what it knows of the line. */
const METADATA = Symbol.for('pino.metadata');
/** Pino publishes the line that it has made here, before it writes it (pino 10). */
const CHANNEL = 'tracing:pino_asJson:end';
/** A line without an end is a record of its own at this length. */
const MAX_LINE_LENGTH = 1024 * 1024;
const FLUSH_TIMEOUT_MS = 5_000;

/**
 * A destination for pino: each line becomes a record, in the tick of its call. It also takes lines that come in pieces,
 * such as another process's output.
 */
export class PinoStream extends Writable {
  readonly [METADATA] = true;
  /** Set by pino before it writes. */
  lastLevel: number | string | undefined;
  lastObj: object | undefined;
  lastMsg: unknown;
  lastTime: unknown;
  lastLogger: object | undefined;
  readonly #target: BridgeTarget;
  readonly #lines: PinoLines;
  readonly #destination: LineDestination | undefined;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #complained = false;

  constructor(target: BridgeTarget, options: PinoStreamOptions) {
    super({ decodeStrings: false });
    this.#target = target;
    this.#lines = new PinoLines(options);
    this.#destination = options.destination;
    target.open(LIBRARY, 'stream');
  }

  override _write(chunk: string | Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    this.#passOn(text);
    try {
      this.#take(text);
    } finally {
      this.lastObj = this.lastLogger = this.lastLevel = this.lastMsg = this.lastTime = undefined;
    }
    callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#rest !== '') this.#record(this.#rest, {}, undefined);
    this.#rest = '';
    void this.#target.flush(FLUSH_TIMEOUT_MS).then(() => callback());
  }

  /** Calls back when everything logged so far is delivered, or after 5 s. What `logger.flush(callback)` calls. */
  flush(callback?: (error?: Error | null) => void): void {
    const { flush } = (this.#destination ?? {}) as { readonly flush?: unknown };
    try {
      if (typeof flush === 'function') Reflect.apply(flush, this.#destination, [() => undefined]);
    } catch (error) {
      this.#complain(error);
    }
    void this.#target.flush(FLUSH_TIMEOUT_MS).then(() => callback?.());
  }

  /** Flushes the destination; records leave with the process, whose end waits for them. */
  flushSync(): void {
    const { flushSync } = (this.#destination ?? {}) as { readonly flushSync?: unknown };
    if (typeof flushSync === 'function') Reflect.apply(flushSync, this.#destination, []);
  }

  #passOn(text: string): void {
    const destination = this.#destination;
    if (destination === undefined) return;
    try {
      if (METADATA in destination) {
        const { lastLevel, lastObj, lastMsg, lastTime, lastLogger } = this;
        Object.assign(destination, { lastLevel, lastObj, lastMsg, lastTime, lastLogger });
      }
      destination.write(text);
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Not into the call that logs. Once, since a destination that is closed would say it for every line. */
  #complain(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    const reason = error instanceof Error ? error.message : 'unknown';
    process.emitWarning(`the destination of pinoStream failed: ${reason}`, { code: 'SPANLOG_PINO_DESTINATION' });
  }

  #take(text: string): void {
    const level = typeof this.lastLevel === 'number' ? this.lastLevel : undefined;
    const context = { logger: this.lastLogger, level, object: this.lastObj };
    // What pino writes is one line.
    if (this.#rest === '' && text.indexOf('\n') === text.length - 1) {
      this.#record(text, context, this.lastObj);
      return;
    }
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#record(line, {}, undefined);
    if (this.#rest.length <= MAX_LINE_LENGTH) return;
    this.#record(this.#rest, {}, undefined);
    this.#rest = '';
  }

  #record(line: string, context: LineContext, token: object | undefined): void {
    this.#target.attempt(() => {
      logLine(this.#target, this.#lines, line, context, { route: 'stream', token, via: this });
    });
  }
}

/**
 * Logs every line of every pino logger in the process, wherever it writes to, by the channel that pino 10 publishes.
 *
 * @returns stops it
 */
export function openPinoChannel(target: BridgeTarget, options: PinoLevels): () => void {
  const lines = new PinoLines(options);
  const via = {};
  // What a subscriber throws would end the process.
  const listener = (message: unknown): void => {
    target.attempt(() => {
      const {
        instance,
        arguments: given,
        result,
      } = message as {
        readonly instance?: object;
        readonly arguments?: ArrayLike<unknown>;
        readonly result?: unknown;
      };
      if (typeof result !== 'string') return;
      // The channel has it as it was before the hook.
      const line = lines.leaving(result, instance);
      if (line === undefined) return;
      const object = given?.[0];
      const level = given?.[2];
      const token = typeof object === 'object' && object !== null ? object : undefined;
      const context = { logger: instance, level: typeof level === 'number' ? level : undefined, object: token };
      logLine(target, lines, line, context, { route: 'channel', token, via });
    });
  };
  target.open(LIBRARY, 'channel');
  subscribe(CHANNEL, listener);
  return () => void unsubscribe(CHANNEL, listener);
}

function logLine(
  target: BridgeTarget,
  lines: PinoLines,
  line: string,
  context: LineContext,
  sighting: { readonly route: string; readonly token: object | undefined; readonly via: object },
): void {
  const { logger, level } = context;
  if (level !== undefined) {
    // Quiet loggers cost no parsing.
    const severity = lines.severityOf(level, lines.labelOf(logger, level));
    if (!target.isEnabled(lines.sourceOf(logger), severity)) return;
  }
  const { source, record } = lines.read(line, context);
  if (target.isRepeat({ library: LIBRARY, key: repeatKey(record.body), ...sighting })) return;
  target.emit(source, record);
}
