import type { Origin, SettingCode, SettingProblem } from '../core/errors.ts';
import type { ConfigFile } from './config-file.ts';
import { readObject } from './foreign.ts';
import { nearestName } from './nearest-name.ts';
import { decodePairs, UNREADABLE_FIX } from './setting-list-type.ts';
import type { Complain, Complaint, SettingType } from './setting-type.ts';
import type { Setting, SettingPath, SettingValues } from './setting-values.ts';
import { SETTINGS } from './settings.ts';
import { HIDDEN, valueText } from './value-text.ts';

/** One line of `explain()`: what is in force, and where it came from. */
export interface SettingOrigin {
  readonly setting: string;
  /** As text; secrets are hidden. */
  readonly value: string;
  readonly origin: Origin;
  readonly description: string;
}

export interface Found<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** A value that code gave, and what to call it: `limits.depth`, `destinations[1].url`. */
export interface CodeValue {
  readonly name: string;
  readonly value: unknown;
}

/** One object of the options, read once. */
export class OptionsNode {
  readonly name: string;
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(name: string, values: ReadonlyMap<string, unknown>) {
    this.name = name;
    this.#values = values;
  }

  get(key: string): CodeValue | undefined {
    if (!this.#values.has(key)) return undefined;
    return { name: join(this.name, key), value: this.#values.get(key) };
  }
}

type NonNullValue<P extends SettingPath> = NonNullable<SettingValues[P]>;

/**
 * Reads settings from code, variables, a file and defaults, in this order, and collects what is wrong with them. A wrong value
 * counts as not given: the next source is asked, and at last the default.
 */
export class SettingReader {
  readonly problems: SettingProblem[] = [];
  readonly origins: SettingOrigin[] = [];
  /** What is in force, by setting, as far as it was asked for. */
  readonly taken: Map<string, Found<unknown>> = new Map<string, Found<unknown>>();
  readonly #env: NodeJS.ProcessEnv;
  /** Several destinations read the same variables; a notice comes once. */
  readonly #reported = new Set<string>();
  #attributes: ReadonlyMap<string, string> | undefined;

  #file: ConfigFile | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** From now on the file is asked after the variables. */
  useFile(file: ConfigFile, origin: Origin): void {
    this.#file = file;
    for (const [setting, complaint] of file.complaints) {
      this.report(setting, complaint.code === 'SPANLOG_BAD_CONFIG_FILE' ? origin : `file ${file.path}`, complaint);
    }
  }

  /** A variable's trimmed text, or `undefined` when it is unset or empty. */
  variable(name: string): string | undefined {
    const text = this.#env[name]?.trim();
    return text === '' ? undefined : text;
  }

  /** Opens a section that may be `true` or `false` in place of an object, of which its own setting tells. */
  openSwitched(given: CodeValue | undefined, known: readonly string[]): OptionsNode {
    return this.open(typeof given?.value === 'object' && given.value !== null ? given : undefined, known);
  }

  /** Opens one object of the options; whatever is not among `known` is reported. */
  open(given: CodeValue | undefined, known: readonly string[]): OptionsNode {
    const name = given?.name ?? '';
    const none = new OptionsNode(name, new Map());
    if (given === undefined) return none;
    const object = readObject(given.value);
    if (object === undefined) {
      this.report(name || 'options', 'code', { code: 'SPANLOG_BAD_TYPE', fix: 'Give an object.', value: given.value });
      return none;
    }
    for (const key of object.unreadable) {
      this.report(join(name, key), 'code', { code: 'SPANLOG_UNREADABLE_SETTING', fix: UNREADABLE_FIX, value: HIDDEN });
    }
    for (const [key, value] of object.values) {
      if (!known.includes(key)) this.#reportUnknown(join(name, key), key, value, known);
    }
    return new OptionsNode(name, object.values);
  }

  fromCode<P extends SettingPath>(
    path: P,
    given: CodeValue | undefined,
    type: SettingType<NonNullValue<P>> = rowOf(path).type,
  ): Found<NonNullValue<P>> | undefined {
    if (given === undefined) return undefined;
    const value = type.fromCode(given.value, (complaint) => {
      this.report(given.name, 'code', { value: given.value, ...complaint }, isSecret(path));
    });
    return value === undefined ? undefined : { value, origin: 'code' };
  }

  /** What each variable of a setting says, the strongest first. Lazy: one that is outvoted is not even checked. */
  *fromEnv<P extends SettingPath>(
    path: P,
    type: SettingType<NonNullValue<P>> = rowOf(path).type,
  ): Generator<Found<NonNullValue<P>>> {
    for (const source of rowOf(path).env) {
      const [variable = '', attribute] = source.split(' ');
      const text = attribute === undefined ? this.variable(variable) : this.#attribute(attribute);
      if (text === undefined) continue;
      const origin: Origin = `env ${variable}`;
      const value = type.fromText(
        text,
        (complaint) => this.report(path, origin, { value: text, ...complaint }, isSecret(path)),
        variable,
      );
      if (value !== undefined) yield { value, origin };
    }
  }

  /** What the configuration file says. */
  fromFile<P extends SettingPath>(
    path: P,
    type: SettingType<NonNullValue<P>> = rowOf(path).type,
  ): Found<NonNullValue<P>> | undefined {
    if (this.#file?.values.has(path) !== true) return undefined;
    const given = this.#file.values.get(path);
    const origin: Origin = `file ${this.#file.path}`;
    const complain: Complain = (complaint) => this.report(path, origin, { value: given, ...complaint }, isSecret(path));
    const value = type.fromFile === undefined ? type.fromCode(given, complain) : type.fromFile(given, complain);
    return value === undefined ? undefined : { value, origin };
  }

  /** Whether any source says something, right or wrong. */
  isGiven(path: SettingPath, given: CodeValue | undefined): boolean {
    if (given !== undefined || this.#file?.values.has(path) === true) return true;
    return rowOf(path).env.some((source) => this.variable(source) !== undefined);
  }

  /** The value in force; maps and lists hold what all sources say, under the origin of the strongest. */
  read<P extends SettingPath>(path: P, given?: CodeValue): Found<SettingValues[P]> {
    const { join: joined } = rowOf(path).type;
    let strongest = this.fromCode(path, given);
    if (strongest !== undefined && joined === undefined) return strongest;
    const others = [() => this.fromEnv(path), () => [this.fromFile(path)]];
    for (const found of lazily(others)) {
      if (joined === undefined) return found;
      strongest =
        strongest === undefined ? found : { value: joined(strongest.value, found.value), origin: strongest.origin };
    }
    return strongest ?? { value: rowOf(path).fallback, origin: 'default' };
  }

  /** The value in force, with its line for `explain`; `label` names it there. */
  take<P extends SettingPath>(path: P, given?: CodeValue, label: string = path): SettingValues[P] {
    const found = this.read(path, given);
    this.explain(path, found, label);
    return found.value;
  }

  explain<P extends SettingPath>(path: P, found: Found<SettingValues[P]>, label: string = path): void {
    const { value, origin } = found;
    this.taken.set(label, found);
    const shown = value === undefined ? defaultText(path) : rowOf(path).type.show(value) || 'none';
    this.origins.push({ setting: label, value: plain(shown), origin, description: plain(rowOf(path).text) });
  }

  /** Adds a problem, unless the very same is known. */
  report(setting: string, origin: Origin, complaint: Complaint, secret = false): void {
    const { code, fix, key, value } = complaint;
    const problem: SettingProblem = {
      code,
      setting: key === undefined ? setting : join(setting, key, secret),
      value: secret || value === HIDDEN ? HIDDEN : valueText(value),
      origin,
      fix: plain(fix),
    };
    const identity = JSON.stringify(problem);
    if (this.#reported.has(identity)) return;
    this.#reported.add(identity);
    this.problems.push(problem);
  }

  /** An attribute of OTEL_RESOURCE_ATTRIBUTES; a list that does not parse is reported by the row of the whole list. */
  #attribute(name: string): string | undefined {
    this.#attributes ??= decodePairs(this.variable('OTEL_RESOURCE_ATTRIBUTES') ?? '') ?? new Map();
    const text = this.#attributes.get(name)?.trim();
    return text === '' ? undefined : text;
  }

  #reportUnknown(setting: string, key: string, value: unknown, known: readonly string[]): void {
    const near = nearestName(key, known);
    const fix = near === undefined ? `Leave it out; known here: ${known.join(', ')}.` : `Did you mean ${near}?`;
    const code: SettingCode = 'SPANLOG_UNKNOWN_SETTING';
    // What stands under an unknown name may be anything, a token too: only its type is shown.
    this.report(setting, 'code', { code, fix, value: typeof value === 'string' ? HIDDEN : value });
  }
}

/** What the sources say, one source after the other: one that is outvoted is not even asked. */
function* lazily<T>(sources: readonly (() => Iterable<T | undefined>)[]): Generator<T> {
  for (const source of sources) {
    for (const found of source()) if (found !== undefined) yield found;
  }
}

/** Rows are typed by their path; the union of all would not be. */
function rowOf<P extends SettingPath>(path: P): Setting<SettingValues[P]> {
  return SETTINGS[path];
}

/** What a setting is when nobody says anything, in Markdown. */
export function defaultText(path: SettingPath): string {
  const { type, fallback, fallbackText } = rowOf(path);
  if (fallbackText !== undefined) return fallbackText;
  return fallback === undefined ? 'none' : type.show(fallback) || 'none';
}

function isSecret(path: SettingPath): boolean {
  return rowOf(path).secret === true;
}

/** The names directly under a path: `namesUnder('limits')` are the keys of `limits`, `namesUnder('')` those of Options. */
export function namesUnder(path: string): readonly string[] {
  const start = path === '' ? '' : `${path}.`;
  const names = Object.keys(SETTINGS)
    .filter((known) => known.startsWith(start) && !(path === '' && /^(otlp|console|auditFile|sdk)\./.test(known)))
    .map((known) => known.slice(start.length).split('.')[0] ?? '');
  return [...new Set(names)];
}

/** `limits.depth`, `redact.keys[0]`; keys come from the application, so an odd one is quoted, or hidden with a secret. */
function join(name: string, key: string, secret = false): string {
  if (/^\d+$/.test(key)) return `${name}[${key}]`;
  const shown = /^[\w.*@/-]{1,80}$/.test(key) ? key : secret ? HIDDEN : valueText(key);
  return name === '' ? shown : `${name}.${shown}`;
}

/** The table is written for Markdown, a terminal is not. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
