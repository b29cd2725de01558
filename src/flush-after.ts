import { registry } from './start.ts';

/** How `flushAfter` flushes. */
export interface FlushAfterOptions {
  /** How long a response may be held up by its records, in ms; 2,000 when left out. */
  readonly timeoutMs?: number;
  /**
   * The platform's way of letting work go on after the response: `waitUntil` of Vercel, `after` of Next.js,
   * `ctx.waitUntil` of workers. The flush is handed to it, and the response goes out at once.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

const FLUSH_TIMEOUT_MS = 2_000;
/** Properties that mean one function and no other. */
const OF_THE_FUNCTION: ReadonlySet<string | symbol> = new Set(['prototype', 'arguments', 'caller']);

/**
 * Wraps the handler of a serverless function, so that its records have left before the platform freezes the process.
 *
 *     export const handler = flushAfter(async (event) => { … });
 *
 * Once the handler has returned, resolved, thrown or rejected, the running logging is flushed; then the caller gets what
 * the handler gave, whatever became of the flush. Nothing is waited for where `register` was never called.
 *
 * The handler's name, `length` and other properties are kept, so that one for AWS Lambda that streams its response is
 * still known as such, whichever of `streamifyResponse` and `flushAfter` comes first. Handlers that answer through a
 * callback (`(event, context, callback)`) are not supported: they return before they are done.
 *
 * @throws TypeError when `handler` is no function, or `timeoutMs` no number from 0 up
 */
export function flushAfter<This, Args extends unknown[], Result>(
  handler: (this: This, ...args: Args) => Result,
  options: FlushAfterOptions = {},
): (this: This, ...args: Args) => Promise<Awaited<Result>> {
  const { timeoutMs = FLUSH_TIMEOUT_MS, waitUntil } = options;
  if (typeof handler !== 'function') throw new TypeError(`flushAfter wraps a function, got ${typeof handler}`);
  if (!(timeoutMs >= 0)) throw new TypeError(`timeoutMs must be a number of milliseconds, got ${String(timeoutMs)}`);

  const flushed = async function (this: This, ...args: Args): Promise<Awaited<Result>> {
    try {
      return await handler.apply(this, args);
    } finally {
      await leave(flush(timeoutMs), waitUntil);
    }
  };
  // Platforms look at them: the number of parameters, and symbols that mark how a handler wants to be called.
  for (const key of Reflect.ownKeys(handler)) {
    const property = Object.getOwnPropertyDescriptor(handler, key);
    if (property !== undefined && !OF_THE_FUNCTION.has(key)) Object.defineProperty(flushed, key, property);
  }
  return flushed;
}

/** Never rejects. The copy of the package that runs the logging may be one from before there was a `flush`. */
async function flush(timeoutMs: number): Promise<void> {
  await registry().flush?.({ timeoutMs });
}

async function leave(work: Promise<void>, waitUntil: FlushAfterOptions['waitUntil']): Promise<void> {
  if (waitUntil === undefined) return work;
  try {
    waitUntil(work);
  } catch {
    // Outside of a request it throws, on most platforms. The outcome is the handler's, so that the flush is waited for.
    await work;
  }
}
