/** A path, everything below a path (`/internal/*`), a pattern, or a function. */
export type PathRule = string | RegExp | ((path: string) => boolean);

/** Paths that orchestrators and load balancers ask for every few seconds. */
export const HEALTH_PATHS: readonly string[] = ['/health', '/healthz', '/livez', '/readyz', '/ready', '/live', '/ping'];

/** Judges a path by rules; a rule that throws does not match. */
export function createPathMatch(rules: readonly PathRule[]): (path: string) => boolean {
  const exact = new Set(rules.filter((rule) => typeof rule === 'string' && !rule.endsWith('/*')));
  const others = rules.filter((rule) => !exact.has(rule)).map(testOf);
  return (path) => {
    if (exact.has(path)) return true;
    for (let i = 0; i < others.length; i++) {
      try {
        if (others[i]?.(path) === true) return true;
      } catch {
        // A user's function: a request is rather logged than overlooked.
        continue;
      }
    }
    return false;
  };
}

function testOf(rule: PathRule): (path: string) => boolean {
  if (typeof rule === 'function') return rule;
  // `search`, unlike `test`, leaves no `lastIndex` behind for the next request.
  if (typeof rule !== 'string') return (path) => path.search(rule) !== -1;
  const below = rule.slice(0, -1);
  return (path) => path.startsWith(below) || path === below.slice(0, -1);
}

/** The path of a request target, without query and fragment; a URL in full (as proxies get it) gives its path. */
export function pathOf(target: string): string {
  let start = 0;
  if (!target.startsWith('/')) {
    const authority = /^[A-Za-z][\w+.-]*:\/\/[^/?#]*/.exec(target);
    start = authority?.[0].length ?? 0;
  }
  const end = target.slice(start).search(/[?#]/);
  const path = end === -1 ? target.slice(start) : target.slice(start, start + end);
  return path === '' ? '/' : path;
}
