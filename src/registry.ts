import type { BridgeTarget } from './bridges/bridge-target.ts';
import type { Options } from './config/options.ts';
import type { EndedSpan } from './core/recorder.ts';
import type { ActiveRequest } from './logger/context.ts';
import type { Fields } from './logger/fields.ts';
import type { Logger } from './logger/logger.ts';
import type { FlushResult, Logging } from './logging.ts';

/**
 * What every copy of this package in a process shares: the ESM build, the CommonJS build, a bundled one. The first copy
 * to be loaded makes it; the others find it. Within one major number this interface only grows.
 */
export interface Registry {
  readonly version: string;
  getLogger(name: string): Logger;
  register(options: Options | undefined, automatic: boolean): Logging;
  /** @param request given by the request middleware; a first copy of the package that is older ignores it */
  withContext<T>(fields: Fields, fn: () => T, request?: ActiveRequest): T;
  bindContext(fields: Fields): void;
  /** Where bridges of other libraries put their records. */
  readonly bridge: BridgeTarget;
  /** Flushes the logging that runs, if one does. The first copy may be an older one, without it. */
  flush?(options: { readonly timeoutMs: number }): Promise<FlushResult | undefined>;
  /** A span has ended: the flight recorder, if one runs, judges by it. The first copy may be an older one, without it. */
  spanEnded?(span: EndedSpan): void;
}

const KEY = Symbol.for('spanlog.1');

/** The one registry of this process. */
export function sharedRegistry(create: () => Registry): Registry {
  const found = Reflect.get(globalThis, KEY) as Registry | undefined;
  if (found !== undefined) return found;
  const made = create();
  // Without a prototype: a `get` that someone has put on the prototype of all objects would make it a bad descriptor.
  Object.defineProperty(globalThis, KEY, { __proto__: null, value: made } as PropertyDescriptor);
  return made;
}
