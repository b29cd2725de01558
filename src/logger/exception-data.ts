import { Classified } from '../core/classified.ts';
import type { ValueReader } from '../core/read-value.ts';
import type { Value } from '../core/value.ts';
import { isError } from './fields.ts';

/** What an error says of itself, beside what `exception.*` has places for. */
const MAX_ENTRIES = 16;
const KNOWN: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'code', 'cause', 'errors']);

/**
 * The own properties of an error that are texts, numbers, flags or dates: `detail` and `table` of a database, `status` of
 * a client, `syscall` of the system. Objects are left out: what an error holds on to is the request, with its body and
 * credentials, or half of the application.
 *
 * A name to which the event catalogue gives a class has it here, too.
 *
 * What was thrown and is no error has no such data: it may be anything. Nothing in here throws.
 */
export function exceptionData(
  reader: ValueReader,
  error: object,
  classes: ReadonlyMap<string, string> | undefined,
): Value | undefined {
  if (!isError(error)) return undefined;
  const data: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let count = 0;
  for (const key of keysOf(error)) {
    if (KNOWN.has(key)) continue;
    const value = readValue(error, key);
    if (value === undefined) continue;
    const known = classes?.get(key);
    data[key] = known === undefined ? value : new Classified(known, value);
    if (++count === MAX_ENTRIES) break;
  }
  return count === 0 ? undefined : reader.readUnder('exception.data', undefined, data);
}

function keysOf(error: object): readonly string[] {
  try {
    return Object.keys(error);
  } catch {
    // A proxy that does not tell.
    return [];
  }
}

function readValue(error: object, key: string): unknown {
  try {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'object') return value instanceof Date ? value : undefined;
    return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
  } catch {
    // A getter threw: the other properties still tell something.
    return undefined;
  }
}
