/** What of Express's request tells the route. */
interface RoutedRequest {
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Learns the pattern of the route that a request matches, as `/orders/:id`.
 *
 * A router takes its `baseUrl` and `params` away again when it passes on an error, and a router inside another does not see
 * the params of the outer one, so that at the end of a request nothing would tell under which path its route was mounted.
 * Each part is taken down at the moment of its match: when a router sets `request.baseUrl`, and when it sets `request.route`.
 *
 * @param enter called whenever a router, or an application that is mounted in another, takes the request over
 */
export function watchExpressRoute(request: object, enter: () => void): () => string | undefined {
  const paramsNow = (): Readonly<Record<string, unknown>> => (request as RoutedRequest).params ?? {};
  /** By the path of a mount: its pattern. */
  const mounts = new Map<string, string>();
  let base = textOf(Reflect.get(request, 'baseUrl'));
  if (base !== '') mounts.set(base, withNames(base, paramsNow()));
  let route: unknown = Reflect.get(request, 'route');
  let pattern: string | undefined;
  const mounted = (): string => mounts.get(base) ?? base;
  Object.defineProperty(request, 'baseUrl', {
    configurable: true,
    enumerable: true,
    get: () => base,
    set: (path: unknown) => {
      const next = textOf(path);
      if (next.length > base.length && next.startsWith(base)) {
        mounts.set(next, mounted() + withNames(next.slice(base.length), paramsNow()));
      }
      base = next;
      enter();
    },
  });
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set: (matched: unknown) => {
      // The route sets itself once more, when `params` are its own already.
      if (matched === route) return;
      route = matched;
      pattern = patternOf(mounted(), matched);
    },
  });
  return () => pattern;
}

function patternOf(mounted: string, route: unknown): string | undefined {
  const path: unknown = typeof route === 'object' && route !== null ? Reflect.get(route, 'path') : undefined;
  const own = typeof path === 'string' ? path : String(path);
  if (path === undefined) return undefined;
  return mounted !== '' && own === '/' ? mounted : `${mounted}${own}`;
}

/**
 * `/users/42` is one path of many: values of parameters become their names again, each once. What stands last comes first,
 * since mounts mostly end with their parameter: `/kinds/kinds` was `/kinds/:kind`.
 */
function withNames(path: string, params: Readonly<Record<string, unknown>>): string {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') names.set(name, value);
  }
  if (names.size === 0) return path;
  const segments = path.split('/');
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    for (const [name, value] of names) {
      if (segment !== value && segment !== encodeURIComponent(value)) continue;
      segments[i] = `:${name}`;
      names.delete(name);
      break;
    }
  }
  return segments.join('/');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
