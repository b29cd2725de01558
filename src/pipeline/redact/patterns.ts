import type { SettingProblem } from '../../core/errors.ts';
import type { Identifier } from './identifiers.ts';
import { refusePattern } from './pattern-check.ts';
import type { Scan } from './scan.ts';

/**
 * The user's own patterns. Where V8's linear engine is switched on (`--enable-experimental-regexp-engine`), patterns that
 * it knows run on it; all others must be of a shape whose time is linear (`pattern-check.ts`), or they are not used.
 */

/** A text is searched so far; what lies behind it is hidden, since nobody has looked at it. */
export const MOST_SEARCHED = 256 * 1024;
const UNSEARCHED = 'unsearched';

/** The flag of that engine. */
const LINEAR = 'l';

const hasLinearEngine = ((): boolean => {
  try {
    return new RegExp('', LINEAR).flags.includes(LINEAR);
  } catch {
    return false;
  }
})();

/** The pattern as it is searched with, or why it is not used. */
function compile(pattern: RegExp): RegExp | string {
  const flags = [...new Set(`${pattern.flags.replace('y', '')}g`)].join('');
  if (hasLinearEngine) {
    try {
      return new RegExp(pattern.source, flags + LINEAR);
    } catch {
      // It looks around or refers back, which that engine does not do.
    }
  }
  return refusePattern(pattern) ?? new RegExp(pattern.source, flags);
}

/** What is wrong with the user's patterns, one problem each; those patterns are not used. */
export function checkPatterns(patterns: Readonly<Record<string, RegExp>>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const [name, pattern] of Object.entries(patterns)) {
    const isPattern = pattern instanceof RegExp;
    const compiled = isPattern ? compile(pattern) : 'it is no regular expression';
    if (typeof compiled !== 'string') continue;
    problems.push({
      code: 'SPANLOG_BAD_PATTERN',
      setting: `redact.patterns.${name}`,
      value: isPattern ? String(pattern) : typeof pattern,
      origin: 'code',
      fix: `It is not used, since its time could grow faster than the text: ${compiled}. Give repetitions bounds, such as {1,64}.`,
    });
  }
  return problems;
}

/** What is searched for beside the pass over a text: a match is hidden when the check, if there is one, takes its letters. */
interface Search {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly isValid?: (bare: string) => boolean;
}

/** Runs the user's patterns and the identifiers that are switched on, and adds what they match to a scan. */
export class UserPatterns {
  readonly #searches: readonly Search[];

  /** Patterns that `checkPatterns` refuses are left out. */
  constructor(patterns: Readonly<Record<string, RegExp>>, identifiers: readonly Identifier[] = []) {
    const own = Object.entries(patterns).flatMap(([kind, pattern]) => {
      const compiled = pattern instanceof RegExp ? compile(pattern) : '';
      return typeof compiled === 'string' ? [] : [{ kind, pattern: compiled }];
    });
    this.#searches = [...own, ...identifiers];
  }

  get size(): number {
    return this.#searches.length;
  }

  /** True when something is to be hidden; throws what a pattern throws. */
  find(scan: Scan, whole: string): boolean {
    const starts: number[] = [];
    const ends: number[] = [];
    const kinds: string[] = [];
    const text = whole.length > MOST_SEARCHED ? whole.slice(0, MOST_SEARCHED) : whole;
    for (const { kind, pattern, isValid } of this.#searches) {
      pattern.lastIndex = 0;
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        if (match[0] === '') {
          pattern.lastIndex++;
          continue;
        }
        if (isValid?.(match[0].replace(/[^\p{L}\p{N}]/gu, '')) === false) {
          // Something that is valid may start inside of it.
          pattern.lastIndex = match.index + 1;
          continue;
        }
        starts.push(match.index);
        ends.push(match.index + match[0].length);
        kinds.push(kind);
      }
    }
    if (text.length < whole.length) {
      starts.push(text.length);
      ends.push(whole.length);
      kinds.push(UNSEARCHED);
    }
    if (starts.length > 0) scan.merge(starts, ends, kinds);
    return starts.length > 0;
  }
}
