import { isClassified, kindOf } from '../../core/classified.ts';
import type { RedactOptions } from '../../config/options.ts';
import type { SettingProblem } from '../../core/errors.ts';
import type { Value } from '../../core/value.ts';
import type { KeyVerdict, ValuePolicy } from '../../core/value-policy.ts';
import { classOfKind, redactedMark, SHOW_ALL } from '../../core/value-policy.ts';
import { identifiers } from './identifiers.ts';
import { KeyRules } from './keys.ts';
import { kindSwitch, REDACTION_KINDS } from './kinds.ts';
import { parsePath, PathRules } from './paths.ts';
import { checkPatterns, UserPatterns } from './patterns.ts';
import { TextScanner } from './text.ts';

export { REDACTION_KINDS };

/** A policy that also says how often it hid what; kinds that never occurred are absent. */
export interface RedactionPolicy extends ValuePolicy {
  counts(): Record<string, number>;
}

/** Verdicts kept; keys beyond that are judged anew each time, so that keys made of data can't fill the memory. */
const CACHED_KEYS = 4_096;
/** A longer key is data. */
const CACHED_KEY_LENGTH = 128;
const PATH_KIND = 'path';

/**
 * Makes the policy that the record's way asks for each key and text.
 *
 * @param options what to add, except and switch; `false` hides only what is marked `secret()` or `pii()`. Settings that
 *   `checkRedactOptions` complains about are left out.
 */
export function createPolicy(options: RedactOptions | false = {}): RedactionPolicy {
  const counter = new Map<string, number>();
  const count = (kind: string): void => {
    counter.set(kind, (counter.get(kind) ?? 0) + 1);
  };
  const hide = hider(count);
  const counts = (): Record<string, number> => Object.fromEntries(counter);
  if (options === false) return { ...SHOW_ALL, hide, counts };

  const keys = new KeyRules({ builtIn: true, keys: options.keys ?? [], except: options.except ?? [] });
  const text = textRedactor(options, keys, count);
  const paths = new PathRules(options.paths ?? []);
  const policy: RedactionPolicy = { key: keyJudge(keys, text), text, hide, counts };
  if (paths.size === 0) return policy;
  return { ...policy, path: (path) => (paths.matches(path) ? PATH_KIND : undefined) };
}

/** "Was it there at all" stays visible: null, undefined and booleans under a secret key tell no secret. */
function hider(count: (kind: string) => void): ValuePolicy['hide'] {
  return (kind, value): Value => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'boolean') return value;
    const shown = classOf(value) ?? classOfKind(kind) ?? kind;
    count(shown);
    return redactedMark(shown);
  };
}

/** The class of a classified value, which says more than the key it stands under. */
function classOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !isClassified(value)) return undefined;
  return kindOf(value);
}

function textRedactor(options: RedactOptions, keys: KeyRules, count: (kind: string) => void): (text: string) => string {
  const enabled = kindSwitch(options.kinds);
  const scanner = new TextScanner({ enabled, keys, userKeys: options.keys ?? [] });
  const patterns = new UserPatterns(options.patterns ?? {}, identifiers(enabled));
  return (text) => {
    try {
      let found = scanner.find(text);
      if (patterns.size > 0) {
        if (!found) scanner.scan.load(text);
        found = patterns.find(scanner.scan, text) || found;
      }
      if (!found) return text;
      const shown = scanner.scan.redacted(redactedMark, count);
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
