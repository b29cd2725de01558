import { format, inspect } from 'node:util';
import { errorType, textOf } from '../core/read-value.ts';
import { messageOf } from '../logger/exception.ts';
import { isError } from '../logger/fields.ts';

/** What a call in the manner of `console.log` says. */
export interface CallText {
  readonly body: string;
  readonly attributes: unknown;
  readonly error: unknown;
  /** `attributes`, read. */
  readonly copy: Readonly<Record<string, unknown>> | undefined;
}

/** `%%` takes no argument; Node's `util.format` knows the others. */
const TOKEN = /%[sdifjoOc%]/g;

/**
 * Reads the arguments of `console.log`, and of what is like it. The text is what the console shows, but each object in it is
 * rendered from its redacted copy: a text has no keys that a rule could go by. Objects stay structured beside it: a
 * single one gives the record its fields, several are the list `args`; the first Error is the record's.
 *
 * @param read makes the inert copy of a value, without secrets
 */
export function readCall(args: readonly unknown[], read: (value: unknown) => unknown): CallText {
  const [first] = args;
  const tokens = typeof first === 'string' && args.length > 1 ? tokenCount(first) : 0;
  const texts: unknown[] = [];
  const objects: unknown[] = [];
  const copies: unknown[] = [];
  const rendered = new Set<number>();
  let error: Error | undefined;
  for (const [i, arg] of args.entries()) {
    if ((typeof arg !== 'object' || arg === null) && typeof arg !== 'function') {
      texts.push(arg);
      continue;
    }
    const isInText = i > 0 && i <= tokens;
    if (error === undefined && isError(arg)) {
      error = arg;
      if (!isInText) continue;
      rendered.add(i);
      texts.push(summaryOf(arg));
      continue;
    }
    const copy = read(arg);
    if (typeof copy !== 'object' || copy === null) {
      texts.push(copy);
      continue;
    }
    objects.push(arg);
    copies.push(copy);
    if (!isInText) continue;
    rendered.add(i);
    texts.push(shown(copy));
  }
  if (rendered.size > 0) texts[0] = asTexts(first as string, rendered);
  const single = objects.length === 1 && hasFields(objects[0], copies[0]);
  return {
    // Only what comes first is a format.
    body:
      texts.length > 0
        ? format(...(typeof first === 'string' ? texts : ['%s', ...texts]))
        : copies.length > 0
          ? copies.map(shown).join(' ')
          : guardedMessage(error),
    attributes: objects.length === 0 ? undefined : single ? objects[0] : { args: objects },
    copy: copies.length === 0 ? undefined : single ? (copies[0] as Record<string, unknown>) : { args: copies },
    error,
  };
}

/** Whether an object, rather than being a value by itself, has the fields of a record: no list, no bytes, no second error. */
function hasFields(object: unknown, copy: unknown): boolean {
  return !Array.isArray(copy) && !(copy instanceof Uint8Array) && !isError(object);
}

/** How many arguments a format takes. */
export function tokenCount(text: string): number {
  return (text.match(TOKEN) ?? []).filter((token) => token !== '%%').length;
}

/** The format with `%s` for those arguments that are texts already. */
function asTexts(text: string, rendered: ReadonlySet<number>): string {
  let at = 0;
  return text.replace(TOKEN, (token) => {
    if (token === '%%') return token;
    at++;
    return rendered.has(at) && token !== '%c' ? '%s' : token;
  });
}

function shown(copy: unknown): string {
  return inspect(ordinary(copy), { depth: 6, breakLength: Infinity, compact: true });
}

/** The same with the prototypes that people expect to see. */
function ordinary(copy: unknown): unknown {
  if (Array.isArray(copy)) return copy.map(ordinary);
  if (typeof copy !== 'object' || copy === null || copy instanceof Uint8Array) return copy;
  return Object.fromEntries(Object.entries(copy).map(([key, value]) => [key, ordinary(value)]));
}

function guardedMessage(error: unknown): string {
  try {
    return error === undefined ? '' : messageOf(error);
  } catch {
    // The message itself throws: `exception.message` says so.
    return 'error';
  }
}

function summaryOf(error: Error): string {
  try {
    return `${errorType(error)}: ${textOf(error.message)}`;
  } catch {
    // Its parts throw: `exception.*` says so.
    return 'error';
  }
}
