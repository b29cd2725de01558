/**
 * Path rules: `user.address`, `items[*].card`, `*.pin`, `**.note`, `headers["x.y"]`.
 *
 * `*` stands for one key or position, `**` for any number of them, none included. A key that itself holds dots, as
 * attribute names do (`user.email`), counts as its parts, so that one rule covers both ways of writing a record.
 */

const ANY = Symbol('*');
const ANY_DEPTH = Symbol('**');
type Segment = string | typeof ANY | typeof ANY_DEPTH;

/** One part of a path rule: `[*]`, `[0]`, `["a.b"]`, or a name up to the next dot or bracket. */
const PART = /\[\s*(?:"([^"]*)"|'([^']*)'|(\*|\d+))\s*\]|([^.[\]]+)/y;

/** The segments of a rule, or `undefined` when it can't be read. */
export function parsePath(rule: string): readonly Segment[] | undefined {
  const segments: Segment[] = [];
  let at = 0;
  while (at < rule.length) {
    if (rule[at] === '.') {
      if (at === 0 || at === rule.length - 1) return undefined;
      at++;
    }
    PART.lastIndex = at;
    const match = PART.exec(rule);
    if (match === null) return undefined;
    at = PART.lastIndex;
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) segments.push(...quoted.split('.'));
    else segments.push(wildcard((match[3] ?? match[4] ?? '').trim()));
  }
  return segments.length === 0 ? undefined : segments;
}

function wildcard(name: string): Segment {
  return name === '*' ? ANY : name === '**' ? ANY_DEPTH : name;
}

/** All path rules of a policy, compiled once. */
export class PathRules {
  readonly #rules: readonly (readonly Segment[])[];

  /** Rules that can't be read are left out here; `checkRedactOptions` reports them. */
  constructor(rules: readonly string[]) {
    this.#rules = rules.map(parsePath).filter((rule) => rule !== undefined);
  }

  get size(): number {
    return this.#rules.length;
  }

  matches(path: readonly string[]): boolean {
    const parts = path.some((key) => key.includes('.')) ? path.flatMap((key) => key.split('.')) : path;
    return this.#rules.some((rule) => matchesRule(rule, parts));
  }
}

/** Glob matching that returns only to the last `**`: rule length × path length at most. */
function matchesRule(rule: readonly Segment[], path: readonly string[]): boolean {
  let r = 0;
  let p = 0;
  let starAt = -1;
  let starPath = 0;
  while (p < path.length) {
    const segment = rule[r];
    if (segment === ANY_DEPTH) {
      starAt = r++;
      starPath = p;
    } else if (segment === ANY || segment === path[p]) {
      r++;
      p++;
    } else if (starAt !== -1) {
      r = starAt + 1;
      p = ++starPath;
    } else {
      return false;
    }
  }
  while (rule[r] === ANY_DEPTH) r++;
  return r === rule.length;
}
