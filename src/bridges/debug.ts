import { SEVERITY } from '../core/level.ts';
import { isError } from '../logger/fields.ts';
import type { BridgeTarget } from './bridge-target.ts';
import { readCall, tokenCount } from './call-text.ts';

/** The `debug` package, by what the bridge needs of it; any version from 2 on. */
export interface DebugModule {
  formatArgs: (this: never, args: unknown[]) => void;
  coerce: (value: unknown) => unknown;
  log: (...args: unknown[]) => void;
  readonly formatters: Record<string, ((value: never) => string) | undefined>;
}

interface DebugInstance {
  readonly namespace: string;
}

export interface DebugBridgeOptions {
  /** Whether `debug` goes on printing to stderr; true unless given. */
  readonly passThrough?: boolean;
}

type Formatter = (this: unknown, value: unknown) => string;

/** An object that `%o` or `%O` has turned into text. */
interface Rendered {
  readonly text: string;
  readonly value: unknown;
}

/** What is known of a call before it prints. */
interface OpenCall {
  readonly first: unknown;
  readonly rendered: Rendered[];
}

/** Calls inside calls, from formatters that call `debug` themselves; and what was left by formatters that threw. */
const MAX_OPEN_CALLS = 32;
const MARK = Symbol.for('spanlog.debug');
const LIBRARY = 'debug';

/**
 * Bridges one copy of `debug`: what its enabled namespaces print becomes records at DEBUG of the logger `debug.<namespace>`,
 * colons as dots. Which namespaces are enabled remains the business of `DEBUG` and `debug.enable`.
 *
 * Three functions are replaced that `debug` calls on itself in each call, in this order: `coerce` sees the first argument,
 * the formatters see what they turn into text, `formatArgs` sees the rest just before printing.
 *
 * @returns puts its own functions back
 */
export function openDebug(target: BridgeTarget, debug: DebugModule, options: DebugBridgeOptions): () => void {
  if (MARK in debug.formatArgs) return () => undefined;
  target.open(LIBRARY, 'debug', true);
  // For instances whose `log` was pointed at the console, as debug's manual shows.
  target.open('console', 'debug', true);
  const restore: (() => void)[] = [];
  /** The innermost one last. */
  const open: OpenCall[] = [];
  let closed = false;

  const { coerce, formatArgs, log } = debug;
  const ourCoerce = (value: unknown): unknown => {
    if (open.length === MAX_OPEN_CALLS) open.shift();
    open.push({ first: value, rendered: [] });
    return Reflect.apply<DebugModule, [unknown], unknown>(coerce, debug, [value]);
  };
  debug.coerce = ourCoerce;
  restore.push(() => {
    if (debug.coerce === ourCoerce) debug.coerce = coerce;
  });

  const { formatters } = debug;
  for (const letter of ['o', 'O', 'j']) {
    const formatter = formatters[letter] as Formatter | undefined;
    if (formatter === undefined) continue;
    const ours: Formatter = function (value) {
      const text = Reflect.apply(formatter, this, [value]);
      if (!closed && typeof value === 'object' && value !== null) open.at(-1)?.rendered.push({ text, value });
      return text;
    };
    formatters[letter] = ours;
    restore.push(() => {
      if (formatters[letter] === ours) formatters[letter] = formatter;
    });
  }

  const ourFormatArgs = function (this: DebugInstance, args: unknown[]): void {
    const given = [...args];
    const call = open.pop() ?? { first: undefined, rendered: [] };
    if (!closed) target.attempt(() => emitCall(target, this, given, call));
    formatArgs.call(this as never, args);
    if (!closed && typeof args[0] === 'string') {
      target.isRepeat({ library: 'console', route: 'debug', key: args[0] });
    }
  };
  Object.defineProperty(ourFormatArgs, MARK, { value: true });
  debug.formatArgs = ourFormatArgs;
  restore.push(() => {
    if (debug.formatArgs === ourFormatArgs) debug.formatArgs = formatArgs;
  });

  if (options.passThrough === false) {
    const quiet = (): void => undefined;
    debug.log = quiet;
    restore.push(() => {
      if (debug.log === quiet) debug.log = log;
    });
  }

  return () => {
    closed = true;
    for (const undo of restore) undo();
  };
}

function emitCall(
  target: BridgeTarget,
  instance: DebugInstance,
  args: readonly unknown[],
  { first, rendered }: OpenCall,
): void {
  const source = sourceOf(instance);
  if (!target.isEnabled(source, SEVERITY.debug)) return;
  // `debug` logs the stack of an Error that comes first, as text.
  const given = isError(first) ? [first, ...args.slice(1)] : restored(args, rendered);
  const { body, attributes, error } = readCall(given, (value) => target.read(value));
  target.emit(source, { severity: SEVERITY.debug, body, attributes, error });
}

/**
 * The arguments with each text that a formatter has made of an object turned back into the object: what stands in a text
 * has no keys to be redacted by.
 */
function restored(args: readonly unknown[], rendered: readonly Rendered[]): readonly unknown[] {
  const [text, ...rest] = args;
  if (typeof text !== 'string' || rendered.length === 0) return args;
  let format = '';
  let at = 0;
  const values: unknown[] = [];
  for (const { text: part, value } of rendered) {
    const found = text.indexOf(part, at);
    if (found === -1) {
      // A formatter was called by another: what it made is not in the text as it was.
      rest.push(value);
      continue;
    }
    const before = text.slice(at, found);
    values.push(...rest.splice(0, tokenCount(before)), value);
    format += `${before}%o`;
    at = found + part.length;
  }
  return [format + text.slice(at), ...values, ...rest];
}

/** `express:router` logs as `debug.express.router`. */
function sourceOf(instance: DebugInstance): string {
  const { namespace } = instance as { readonly namespace?: unknown };
  const name = typeof namespace === 'string' ? namespace.replaceAll(/[:.]+/g, '.').replaceAll(/^\.|\.$/g, '') : '';
  return name === '' ? LIBRARY : `${LIBRARY}.${name}`;
}
