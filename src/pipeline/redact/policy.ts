import type { ClassPolicy } from '../../core/disclosure.ts';
import type { RedactOptions } from '../../config/options.ts';
import type { SettingProblem } from '../../core/errors.ts';
import { RedactionCounts } from '../../core/redaction-counts.ts';
import type { KeyVerdict, ValuePolicy } from '../../core/value-policy.ts';
import { redactedMark, SHOW_ALL } from '../../core/value-policy.ts';
import { Hider } from './hider.ts';
import { identifiers } from './identifiers.ts';
import type { KeyedHash } from './keyed-hash.ts';
import { KeyRules } from './keys.ts';
import { KIND_FACTS, kindSwitch, REDACTION_KINDS, staysHidden } from './kinds.ts';
import { Marks } from './marks.ts';
import { parsePath, PathRules } from './paths.ts';
import { checkPatterns, UserPatterns } from './patterns.ts';
import type { Mark } from './scan.ts';
import { TextScanner } from './text.ts';

export { KIND_FACTS, REDACTION_KINDS };

/** A policy that also says how often it hid what; kinds that never occurred are absent. */
export interface RedactionPolicy extends ValuePolicy {
  counts(): Record<string, number>;
}

/** Verdicts kept; keys beyond that are judged anew each time, so that keys made of data can't fill the memory. */
const CACHED_KEYS = 4_096;
/** A longer key is data. */
const CACHED_KEY_LENGTH = 128;
const PATH_KIND = 'path';

/** What destinations see of what is hidden. */
export interface DisclosureParts {
  /** What each view shows of the data classes; one that masks them all when left out. */
  readonly views?: readonly ClassPolicy[];
  /** For those who ask for hashes; without it they get masks. */
  readonly hash?: KeyedHash | undefined;
  /** See `Marks`. */
  readonly place?: (mark: string, kind: string) => string;
  /** Where to count; of its own when left out. */
  readonly counts?: RedactionCounts;
}

/**
 * Makes the policy that the record's way asks for each key and text.
 *
 * @param options what to add, except and switch; `false` hides only what is marked `secret()` or `pii()`. Settings that
 *   `checkRedactOptions` complains about are left out.
 */
export function createPolicy(options: RedactOptions | false = {}, parts: DisclosureParts = {}): RedactionPolicy {
  const counter = parts.counts ?? new RedactionCounts();
  const count = (kind: string): void => counter.add(kind);
  const counts = (): Record<string, number> => counter.toRecord();
  const marks = new Marks({ ...parts, mask: options === false ? {} : (options.mask ?? {}) });
  const rules = options === false ? undefined : new Rules(options, marks, count);
  const views = parts.views ?? [NO_POLICY];
  const hider = new Hider({ views, marks, count, disclosing: () => policyOf(rules?.disclosing(), hide) });
  const hide: ValuePolicy['hide'] = (kind, value, disclose) => hider.hide(kind, value, disclose);
  return { ...policyOf(rules?.judging(), hide), counts };
}

const NO_POLICY: ClassPolicy = new Map();

function policyOf(rules: Omit<ValuePolicy, 'hide'> | undefined, hide: ValuePolicy['hide']): ValuePolicy {
  return { ...(rules ?? SHOW_ALL), hide };
}

/** What the options say, compiled. */
class Rules {
  readonly #options: RedactOptions;
  readonly #keys: KeyRules;
  readonly #paths: PathRules;
  readonly #marks: Marks;
  readonly #count: (kind: string) => void;

  constructor(options: RedactOptions, marks: Marks, count: (kind: string) => void) {
    this.#options = options;
    this.#keys = new KeyRules({ builtIn: true, keys: options.keys ?? [], except: options.except ?? [] });
    this.#paths = new PathRules(options.paths ?? []);
    this.#marks = marks;
    this.#count = count;
  }

  /** For everything that is logged. */
  judging(): Omit<ValuePolicy, 'hide'> {
    return this.#with(kindSwitch(this.#options.kinds));
  }

  /** For what a destination may see of a classified value: that it is personal is known, so only secrets are hidden. */
  disclosing(): Omit<ValuePolicy, 'hide'> {
    const enabled = kindSwitch(this.#options.kinds);
    return this.#with((kind) => staysHidden(kind) && enabled(kind));
  }

  #with(enabled: (kind: string) => boolean): Omit<ValuePolicy, 'hide'> {
    const text = textRedactor(this.#options, enabled, this.#keys, this.#marks, this.#count);
    const rules = { key: keyJudge(this.#keys, text), text };
    if (this.#paths.size === 0) return rules;
    return { ...rules, path: (path) => (this.#paths.matches(path) ? PATH_KIND : undefined) };
  }
}

function textRedactor(
  options: RedactOptions,
  enabled: (kind: string) => boolean,
  keys: KeyRules,
  marks: Marks,
  count: (kind: string) => void,
): (text: string) => string {
  const scanner = new TextScanner({ enabled, keys, userKeys: options.keys ?? [] });
  const patterns = new UserPatterns(options.patterns ?? {}, identifiers(enabled));
  const mark: Mark = (kind, text, start, end) => marks.found(kind, text, start, end);
  return (text) => {
    try {
      let found = scanner.find(text);
      if (patterns.size > 0) {
        if (!found) scanner.scan.load(text);
        found = patterns.find(scanner.scan, text) || found;
      }
      if (!found) return text;
      const shown = scanner.scan.redacted(mark, count);
      scanner.scan.release();
      return shown;
    } catch {
      // Fail closed: what could not be judged is not shown. The count is what tells of it.
      scanner.scan.release(true);
      count('error');
      return redactedMark('error');
    }
  };
}

function keyJudge(keys: KeyRules, text: (text: string) => string): (name: string) => KeyVerdict {
  const verdicts = new Map<string, KeyVerdict>();
  return (name) => {
    const known = verdicts.get(name);
    if (known !== undefined) return known;
    let verdict: KeyVerdict;
    try {
      verdict = { shown: text(name).toWellFormed(), hides: keys.kindOf(name) };
    } catch {
      verdict = { shown: redactedMark('error'), hides: 'error' };
    }
    // A name that holds a secret must not outlive the call, so it is judged each time.
    const isKept = verdict.shown === name && name.length <= CACHED_KEY_LENGTH;
    if (isKept && verdicts.size < CACHED_KEYS) verdicts.set(name, verdict);
    return verdict;
  };
}

/** What is wrong with the options, each with its fix; empty when all is well. */
export function checkRedactOptions(options: RedactOptions | false | undefined): SettingProblem[] {
  if (options === undefined || options === false) return [];
  const problems = checkPatterns(options.patterns ?? {});
  for (const rule of options.paths ?? []) {
    if (parsePath(rule) !== undefined) continue;
    problems.push({
      code: 'SPANLOG_BAD_PATTERN',
      setting: 'redact.paths',
      value: JSON.stringify(rule),
      origin: 'code',
      fix: 'It is not used. Write keys with dots and brackets, such as user.address, items[*].card, *.pin or **.note.',
    });
  }
  const known = new Set(REDACTION_KINDS);
  for (const kind of Object.keys(options.kinds ?? {})) {
    if (known.has(kind)) continue;
    problems.push({
      code: 'SPANLOG_UNKNOWN_KIND',
      setting: `redact.kinds.${kind}`,
      value: String(options.kinds?.[kind]),
      origin: 'code',
      fix: `It is ignored. Use one of ${known.size} kinds: card, ssn, iban, email, jwt, … (docs/redaction.md lists them).`,
    });
  }
  return problems;
}
