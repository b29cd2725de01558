import { SEVERITY } from '../core/level.ts';
import type { BridgeTarget } from './bridge-target.ts';
import { readCall } from './call-text.ts';
import type { CallText } from './call-text.ts';
import { WARNING_KEY } from './warnings.ts';

export interface ConsoleBridgeOptions {
  /** Whether the console goes on printing; true unless given. */
  readonly passThrough?: boolean;
  /** The console to bridge: the global one unless given. */
  readonly console?: Console;
}

type Method = (...args: unknown[]) => unknown;

/**
 * The methods that print by themselves. What the others print (`count`, `time`, `assert`, `trace`, a group's label) goes
 * through one of these inside of Node.
 */
const SEVERITIES = {
  debug: SEVERITY.debug,
  log: SEVERITY.info,
  info: SEVERITY.info,
  dir: SEVERITY.info,
  dirxml: SEVERITY.info,
  table: SEVERITY.info,
  warn: SEVERITY.warn,
  error: SEVERITY.error,
} as const;

type PrintMethod = keyof typeof SEVERITIES;

/** What `console.trace` hands to `console.error`. */
const TRACE = /^Trace(?:: ([^]*?))?\n( {4}at [^]*)$/;
/** What Node prints of a warning of the process, by `console.error`. */
const WARNING = /^\(node:\d+\) (?:\[\w+\] )?\w+: /;
const MARK = Symbol.for('spanlog.console');
/** Groups that are named on a record. */
const MAX_GROUPS = 32;
const SOURCE = 'console';

/**
 * Bridges a console: every call is printed as before, and is a record of the logger `console`. A second bridge of the same
 * console changes nothing.
 *
 * @returns puts the console's own methods back
 */
export function openConsole(target: BridgeTarget, options: ConsoleBridgeOptions): () => void {
  const bridged = options.console ?? globalThis.console;
  // Not on its methods: others may have put theirs in front of ours, which are called all the same.
  if (MARK in bridged) return () => undefined;
  const bridge = new ConsoleBridge(target, bridged, options.passThrough ?? true);
  return () => bridge.close();
}

class ConsoleBridge {
  readonly #target: BridgeTarget;
  readonly #console: Console;
  readonly #passThrough: boolean;
  /** Groups that are open, of which the labels of the outer ones are kept. */
  #depth = 0;
  readonly #groups: string[] = [];
  readonly #replaced: { readonly name: string; readonly own: PropertyDescriptor; readonly ours: Method }[] = [];
  /** Inside a call: what it prints, and what is logged by code that it runs, is part of it. */
  #inCall = false;
  #closed = false;

  constructor(target: BridgeTarget, bridged: Console, passThrough: boolean) {
    this.#target = target;
    this.#console = bridged;
    this.#passThrough = passThrough;
    Object.defineProperty(bridged, MARK, { value: true, configurable: true });
    target.open(SOURCE, 'console', true);
    for (const name of Object.keys(SEVERITIES)) this.#replace(name, this.#printing(name as PrintMethod));
    // Their label is printed by `log`.
    const group = (own: Method, args: unknown[]): unknown => {
      const returned = own(...args);
      // What lies deeper stands under the last one.
      let label = '';
      this.#target.attempt(() => {
        label = readCall(args, (value) => this.#target.read(value)).body;
      });
      if (this.#depth++ < MAX_GROUPS) this.#groups.push(label);
      return returned;
    };
    this.#replace('group', group);
    this.#replace('groupCollapsed', group);
    this.#replace('groupEnd', (own) => {
      this.#depth = Math.max(0, this.#depth - 1);
      if (this.#groups.length > this.#depth) this.#groups.pop();
      return own();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    Reflect.deleteProperty(this.#console, MARK);
    for (const { name, own, ours } of this.#replaced) {
      // Who has replaced ours by another goes on calling it: from now on it only passes on.
      if (Reflect.get(this.#console, name) === ours) Object.defineProperty(this.#console, name, own);
    }
  }

  #replace(name: string, call: (own: Method, args: unknown[]) => unknown): void {
    const own = Object.getOwnPropertyDescriptor(this.#console, name);
    const method: unknown = own?.value;
    if (own === undefined || typeof method !== 'function') return;
    const original = (...args: unknown[]): unknown => Reflect.apply(method, this.#console, args) as unknown;
    const ours: Method = (...args) => (this.#closed ? original(...args) : call(original, args));
    Object.defineProperty(ours, 'name', { value: method.name, configurable: true });
    Object.defineProperty(this.#console, name, { ...own, value: ours });
    this.#replaced.push({ name, own, ours });
  }

  #printing(name: PrintMethod): (own: Method, args: unknown[]) => unknown {
    return (own, args) => {
      if (this.#inCall) return this.#passThrough ? own(...args) : undefined;
      this.#inCall = true;
      try {
        return this.#passThrough ? own(...args) : undefined;
      } finally {
        // Also when printing threw, as it does into a pipe that has gone: the record takes another way.
        this.#target.attempt(() => this.#log(name, name === 'dir' || name === 'table' ? args.slice(0, 1) : args));
        this.#inCall = false;
      }
    };
  }

  #log(name: PrintMethod, args: readonly unknown[]): void {
    const severity: number = SEVERITIES[name];
    if (!this.#target.isEnabled(SOURCE, severity)) return;
    // An empty line is layout.
    if (args.every((arg) => arg === '')) return;
    const isWarning = name === 'error' && typeof args[0] === 'string' && WARNING.test(args[0]);
    if (this.#isPrintedByAnother(isWarning ? WARNING_KEY : args[0])) return;
    if (name === 'error' && this.#logTrace(args)) return;
    const call = readCall(args, (value) => this.#target.read(value));
    const attributes = this.#groups.length === 0 ? call.attributes : this.#inGroups(call);
    this.#target.emit(SOURCE, {
      severity: isWarning ? SEVERITY.warn : severity,
      body: call.body,
      attributes,
      error: call.error,
    });
  }

  /** A bridged library that prints on the console has logged it already. */
  #isPrintedByAnother(first: unknown): boolean {
    const key = typeof first === 'string' ? first : '';
    return this.#target.isRepeat({ library: SOURCE, route: 'console', key });
  }

  #logTrace(args: readonly unknown[]): boolean {
    const [text] = args;
    if (args.length !== 1 || typeof text !== 'string' || !text.startsWith('Trace')) return false;
    const [, message, stack] = TRACE.exec(text) ?? [];
    if (stack === undefined) return false;
    this.#target.emit(SOURCE, {
      severity: SEVERITY.trace,
      body: message ?? 'Trace',
      attributes: { 'code.stacktrace': stack },
    });
    return true;
  }

  #inGroups({ copy }: CallText): Readonly<Record<string, unknown>> {
    return { ...copy, 'console.group': [...this.#groups] };
  }
}
