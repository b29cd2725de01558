import type { SettingProblem } from '../../core/errors.ts';
import type { Scan } from './scan.ts';

/**
 * The user's own patterns.
 *
 * They run in the JavaScript engine, which backtracks; a pattern that can take exponential time on a hostile text is
 * refused before it is ever used. The check reads the source of the pattern and finds the two shapes that explode:
 * a repeated group that repeats something inside (`(a+)+`), and a repeated choice between branches that start alike
 * (`(a|ab)*`).
 */

interface Group {
  repeatsInside: boolean;
  /** First atoms of the branches. */
  readonly branches: string[];
  branchStart: boolean;
}

/** One atom of a pattern: an escape, a class, or a single character. */
const ATOM = /\\(?:u\{[^}]*\}|[pP]\{[^}]*\}|k<[^>]*>|.)|\[(?:\\.|[^\]\\])*\]|[^\\]/sy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y;
/** Repetitions up to this many are no danger. */
const FEW = 16;

/** Why the pattern is not used, or `undefined` when it may be. */
export function refusePattern(pattern: RegExp): string | undefined {
  const { source } = pattern;
  const open: Group[] = [newGroup()];
  let at = 0;
  while (at < source.length) {
    const group = open[open.length - 1] as Group;
    if (source[at] === '(') {
      noteBranch(group, '(');
      at += /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/.exec(source.slice(at))?.[0].length ?? 1;
      open.push(newGroup());
      continue;
    }
    if (source[at] === '|') {
      group.branchStart = true;
      at++;
      continue;
    }
    let closed: Group | undefined;
    if (source[at] === ')') {
      closed = open.pop();
      at++;
    } else {
      ATOM.lastIndex = at;
      const atom = ATOM.exec(source)?.[0] ?? source.slice(at, at + 1);
      if (/^\\(?:[1-9]|k<)/.test(atom)) return 'a reference back to a group can take exponential time';
      noteBranch(group, atom);
      at += atom.length;
    }
    const outer = open[open.length - 1] ?? newGroup();
    const repeated = repetitionAt(source, at);
    at += repeated.length;
    if (repeated.many && closed?.repeatsInside === true) return 'a repeated group repeats something inside of it';
    if (repeated.many && closed !== undefined && new Set(closed.branches).size < closed.branches.length) {
      return 'a repeated group chooses between branches that start alike';
    }
    if (repeated.many || closed?.repeatsInside === true) outer.repeatsInside = true;
  }
  return undefined;
}

function newGroup(): Group {
  return { repeatsInside: false, branches: [], branchStart: true };
}

function noteBranch(group: Group, atom: string): void {
  if (group.branchStart) group.branches.push(atom);
  group.branchStart = false;
}

function repetitionAt(source: string, at: number): { length: number; many: boolean } {
  QUANTIFIER.lastIndex = at;
  const match = QUANTIFIER.exec(source);
  if (match === null) return { length: 0, many: false };
  const [whole, from, comma, to] = match;
  const many =
    from === undefined ? !whole.startsWith('?') : (comma === ',' && to === '') || Number(to === '' ? from : to) > FEW;
  return { length: whole.length, many };
}

/** What is wrong with the user's patterns, one problem each; those patterns are not used. */
export function checkPatterns(patterns: Readonly<Record<string, RegExp>>): SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const [name, pattern] of Object.entries(patterns)) {
    const isPattern = pattern instanceof RegExp;
    const reason = isPattern ? refusePattern(pattern) : 'it is no regular expression';
    if (reason === undefined) continue;
    problems.push({
      code: 'SPANLOG_BAD_PATTERN',
      setting: `redact.patterns.${name}`,
      value: isPattern ? String(pattern) : typeof pattern,
      origin: 'code',
      fix: `It is not used: ${reason}. Write it with bounds, such as {1,64}, and without a repetition inside a repetition.`,
    });
  }
  return problems;
}

/** Runs the user's patterns and adds what they match to a scan. */
export class UserPatterns {
  readonly #patterns: readonly (readonly [kind: string, pattern: RegExp])[];

  /** Patterns that `checkPatterns` refuses are left out. */
  constructor(patterns: Readonly<Record<string, RegExp>>) {
    this.#patterns = Object.entries(patterns)
      .filter(([, pattern]) => pattern instanceof RegExp && refusePattern(pattern) === undefined)
      .map(([kind, pattern]) => [kind, globalForm(pattern)] as const);
  }

  get size(): number {
    return this.#patterns.length;
  }

  /** True when something matched; throws what a pattern throws. */
  find(scan: Scan, text: string): boolean {
    const starts: number[] = [];
    const ends: number[] = [];
    const kinds: string[] = [];
    for (const [kind, pattern] of this.#patterns) {
      pattern.lastIndex = 0;
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        if (match[0] === '') {
          pattern.lastIndex++;
          continue;
        }
        starts.push(match.index);
        ends.push(match.index + match[0].length);
        kinds.push(kind);
      }
    }
    if (starts.length > 0) scan.merge(starts, ends, kinds);
    return starts.length > 0;
  }
}

function globalForm(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, [...new Set(`${pattern.flags.replace('y', '')}g`)].join(''));
}
