/**
 * `spanlog/bridges`: other libraries' records on spanlog's way, with their call sites as they are.
 *
 * Each library is a logger of its own in the table of `levels`: `console`, `pino`, `winston`, `debug`, `process.warning`.
 */
import { openConsole } from './bridges/console.ts';
import type { ConsoleBridgeOptions } from './bridges/console.ts';
import { openDebug } from './bridges/debug.ts';
import type { DebugBridgeOptions, DebugModule } from './bridges/debug.ts';
import { openPinoChannel, PinoStream } from './bridges/pino.ts';
import type { LineDestination, PinoStreamOptions } from './bridges/pino.ts';
import type { PinoLevels } from './bridges/pino-line.ts';
import { openWarnings } from './bridges/warnings.ts';
import { WinstonTransport } from './bridges/winston.ts';
import type { WinstonFormat, WinstonTransportOptions } from './bridges/winston.ts';
import { registry } from './start.ts';

export type {
  ConsoleBridgeOptions,
  DebugBridgeOptions,
  DebugModule,
  LineDestination,
  PinoLevels,
  PinoStream,
  PinoStreamOptions,
  WinstonFormat,
  WinstonTransport,
  WinstonTransportOptions,
};

/**
 * Logs what the console prints, which it goes on doing. Returns what puts the console back.
 *
 * @example
 * const unbridge = bridgeConsole();
 * console.error('payment_failed', { order_id: 7 }, error);
 */
export function bridgeConsole(options: ConsoleBridgeOptions = {}): () => void {
  return openConsole(registry().bridge, options);
}

/**
 * A destination for pino. Give it the one that pino had, so that the lines still go there.
 *
 * @example
 * const log = pino({ level: 'debug' }, pinoStream({ destination: process.stdout }));
 */
export function pinoStream(options: PinoStreamOptions = {}): PinoStream {
  return new PinoStream(registry().bridge, options);
}

/**
 * Logs the lines of all pino loggers of the process, which go on writing where they write: pino 10 publishes them on a
 * diagnostics channel, so nothing is patched, and the order of loading does not matter. Returns what stops it.
 */
export function bridgePino(options: PinoLevels = {}): () => void {
  return openPinoChannel(registry().bridge, options);
}

/**
 * A transport for winston 3.
 *
 * @example
 * const log = winston.createLogger({ transports: [new winston.transports.Console(), winstonTransport()] });
 */
export function winstonTransport(options: WinstonTransportOptions = {}): WinstonTransport {
  return new WinstonTransport(registry().bridge, options);
}

/**
 * Logs what the enabled namespaces of `debug` print, at DEBUG. Each copy of the package is bridged on its own. Returns
 * what puts its functions back.
 *
 * @example
 * import debug from 'debug';
 * bridgeDebug(debug);
 * @throws TypeError when it is given something else
 */
export function bridgeDebug(debug: DebugModule, options: DebugBridgeOptions = {}): () => void {
  if (typeof debug !== 'function' || typeof (debug as DebugModule).formatArgs !== 'function') {
    throw new TypeError("bridgeDebug needs the debug package: import debug from 'debug'; bridgeDebug(debug)");
  }
  return openDebug(registry().bridge, debug, options);
}

/**
 * Logs the warnings of the process (`process.emitWarning`, deprecations) at WARN; Node prints them as before. `register`
 * does so by itself, unless the setting `warnings` is false.
 */
export function bridgeWarnings(): () => void {
  return openWarnings(registry().bridge);
}
