/** What of Express's request tells the route. */
interface RoutedRequest {
  readonly baseUrl?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Learns the pattern of the route that a request matches, as `/orders/:id`.
 *
 * A router takes its `baseUrl` and `params` away again when it passes on an error, so that nothing of a failed request
 * would tell at its end under which path its route was mounted. They are taken down at the moment of the match: when the
 * router sets `request.route`.
 */
export function watchExpressRoute(request: object): () => string | undefined {
  const routed = request as RoutedRequest;
  let route: unknown = Reflect.get(request, 'route');
  let pattern: string | undefined;
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set: (matched: unknown) => {
      // The route sets itself once more, when `params` are its own already.
      if (matched === route) return;
      route = matched;
      pattern = patternOf(routed.baseUrl ?? '', routed.params ?? {}, matched);
    },
  });
  return () => pattern;
}

function patternOf(base: string, params: Readonly<Record<string, unknown>>, route: unknown): string | undefined {
  const path: unknown = typeof route === 'object' && route !== null ? Reflect.get(route, 'path') : undefined;
  const own = typeof path === 'string' ? path : String(path);
  if (path === undefined) return undefined;
  if (base === '') return own;
  const mounted = withNames(base, params);
  return own === '/' ? mounted : `${mounted}${own}`;
}

/** `/users/42/orders` is one path of many: values of parameters become their names again. */
function withNames(base: string, params: Readonly<Record<string, unknown>>): string {
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') names.set(encodeURIComponent(value), name).set(value, name);
  }
  if (names.size === 0) return base;
  return base
    .split('/')
    .map((segment) => (names.has(segment) ? `:${names.get(segment)}` : segment))
    .join('/');
}
