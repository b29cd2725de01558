/**
 * The real libraries behind our bridges, each with the few calls that the conformance suite asks of all of them. What a
 * library prints is caught, so that it can be compared with what it prints without us.
 */
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import createDebug from 'debug';
import pino from 'pino';
import winston from 'winston';
import { bridgeConsole, bridgeDebug, bridgePino, pinoStream, winstonTransport } from '../../src/bridges.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface LoggingCalls {
  info(message: string, fields?: Fields): void;
  error(message: string, error: unknown): void;
}

export interface BridgedLibrary extends LoggingCalls {
  /** One record at each level that the library knows, custom ones included. */
  everyLevel(): void;
  /** A logger that has `fields` on every record; undefined where the library has none. */
  child?: (fields: Fields) => LoggingCalls;
  /** What the library printed so far. */
  printed(): string;
  close(): void;
}

export interface Subject {
  readonly name: string;
  /** The logger that records come from, in the table of levels. */
  readonly source: string;
  /** What `everyLevel` logs: severity texts with their numbers. */
  readonly levels: readonly (readonly [text: string, severity: number])[];
  open(bridged: boolean): BridgedLibrary;
}

/** Collects what is written to it, at once. */
class Sink extends PassThrough {
  text = '';
  override write(chunk: unknown): boolean {
    this.text += String(chunk);
    return true;
  }
}

const consoleSubject: Subject = {
  name: 'console',
  source: 'console',
  levels: [
    ['DEBUG', 5],
    ['INFO', 9],
    ['INFO', 9],
    ['WARN', 13],
    ['ERROR', 17],
    ['TRACE', 1],
    ['WARN', 13],
  ],
  open(bridged) {
    const sink = new Sink();
    const printing = new Console({ stdout: sink, stderr: sink });
    const close = bridged ? bridgeConsole({ console: printing }) : () => undefined;
    return {
      info: (message, fields) => printing.info(message, ...(fields === undefined ? [] : [fields])),
      error: (message, error) => printing.error(message, error),
      everyLevel() {
        printing.debug('debug line');
        printing.log('log line');
        printing.info('info line');
        printing.warn('warn line');
        printing.error('error line');
        printing.trace('trace line');
        printing.assert(false, 'assert line');
      },
      printed: () => sink.text,
      close,
    };
  },
};

const CUSTOM_LEVELS = { notice: 35, audit: 70, low: 1, half: 42.5 };

const PINO_LEVELS = [
  ['trace', 1],
  ['debug', 5],
  ['info', 9],
  ['warn', 13],
  ['error', 17],
  ['fatal', 21],
  ['notice', 10],
  ['audit', 24],
  ['low', 1],
  ['half', 14],
] as const;

function pinoLibrary(logger: pino.Logger<keyof typeof CUSTOM_LEVELS>, sink: Sink, close: () => void): BridgedLibrary {
  const calls = (of: Pick<pino.Logger, 'info' | 'error'>): LoggingCalls => ({
    info: (message, fields) => of.info({ ...fields }, message),
    error: (message, error) => of.error(error, message),
  });
  return {
    ...calls(logger),
    info: (message, fields) => (fields === undefined ? logger.info(message) : logger.info(fields, message)),
    everyLevel() {
      for (const [level] of PINO_LEVELS) logger[level](`${level} line`);
    },
    child: (fields) => calls(logger.child(fields)),
    printed: () => sink.text.replaceAll(/"time":\d+/g, '"time":0'),
    close,
  };
}

const PINO_OPTIONS = { level: 'low', base: { name: 'shop' }, customLevels: CUSTOM_LEVELS } as const;

const pinoStreamSubject: Subject = {
  name: 'pino, by its stream',
  source: 'pino.shop',
  levels: PINO_LEVELS,
  open(bridged) {
    const sink = new Sink();
    const stream = bridged ? pinoStream({ destination: sink }) : sink;
    return pinoLibrary(pino(PINO_OPTIONS, stream), sink, () => undefined);
  },
};

const pinoChannelSubject: Subject = {
  name: 'pino, by its diagnostics channel',
  source: 'pino.shop',
  levels: PINO_LEVELS,
  open(bridged) {
    const sink = new Sink();
    const close = bridged ? bridgePino() : () => undefined;
    return pinoLibrary(pino(PINO_OPTIONS, sink), sink, close);
  },
};

const WINSTON_LEVELS = {
  ...{
    emerg: 0,
    alert: 1,
    crit: 2,
    error: 3,
    audit: 4,
    warning: 5,
    notice: 6,
    info: 7,
    http: 8,
    verbose: 9,
    debug: 10,
  },
  ...{ silly: 11, whisper: 12 },
};

const winstonSubject: Subject = {
  name: 'winston',
  source: 'winston',
  levels: [
    ['emerg', 23],
    ['alert', 22],
    ['crit', 21],
    ['error', 17],
    ['audit', 13],
    ['warning', 13],
    ['notice', 10],
    ['info', 9],
    ['http', 7],
    ['verbose', 6],
    ['debug', 5],
    ['silly', 1],
    ['whisper', 1],
  ],
  open(bridged) {
    const sink = new Sink();
    const printing = new winston.transports.Stream({
      stream: sink,
      format: winston.format.printf(({ level, message }) => `${level}: ${String(message)}`),
    });
    const logger = winston.createLogger({
      levels: WINSTON_LEVELS,
      level: 'whisper',
      // The default format is JSON, which ends the process on a getter that throws, with or without us.
      format: winston.format((info) => info)(),
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
      transports: bridged ? [printing, winstonTransport()] : [printing],
    });
    const calls = (of: winston.Logger): LoggingCalls => ({
      info(message, fields) {
        if (fields === undefined) of.info(message);
        else of.info(message, fields);
      },
      error: (message, error) => void of.error(message, error),
    });
    return {
      ...calls(logger),
      everyLevel() {
        for (const level of Object.keys(WINSTON_LEVELS)) logger.log(level, `${level} line`);
      },
      child: (fields) => calls(logger.child(fields)),
      printed: () => sink.text,
      close: () => void logger.close(),
    };
  },
};

const debugSubject: Subject = {
  name: 'debug',
  source: 'debug.shop.cart',
  levels: [['DEBUG', 5]],
  open(bridged) {
    let text = '';
    const { log } = createDebug;
    createDebug.log = (...args: unknown[]) => {
      text += `${args.map(String).join(' ')}\n`;
    };
    createDebug.enable('shop:*');
    const close = bridged ? bridgeDebug(createDebug) : () => undefined;
    const logger = createDebug('shop:cart');
    return {
      info: (message, fields) => (fields === undefined ? logger(message) : logger(`${message} %o`, fields)),
      error: (message, error) => logger(message, error),
      everyLevel: () => logger('debug line'),
      printed: () => text.replaceAll(/\d{4}-[^ ]+Z/g, '<time>').replaceAll(/\+\d+ms/g, '<ms>'),
      close() {
        close();
        createDebug.log = log;
      },
    };
  },
};

export const SUBJECTS: readonly Subject[] = [
  consoleSubject,
  pinoStreamSubject,
  pinoChannelSubject,
  winstonSubject,
  debugSubject,
];
