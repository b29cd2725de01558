/**
 * Which hosts outgoing headers may go to: `name`, `name:port`, `*.suffix`, `*.suffix:port`, spelt as URLs spell them. A
 * name without a port means each of its ports. A suffix covers what is below it, not itself: `*.internal` is
 * `api.internal` and `a.b.internal`, and neither `internal` nor `notinternal`.
 */
export class AllowedHosts {
  readonly #names = new Set<string>();
  readonly #suffixes: readonly string[];

  constructor(hosts: readonly string[]) {
    this.#suffixes = hosts.filter((host) => host.startsWith('*.')).map((host) => host.slice(1));
    for (const host of hosts) if (!host.startsWith('*.')) this.#names.add(host);
  }

  /**
   * @param hostname as the caller of the request wrote it
   * @param port undefined where it is not known; rules that name one don't apply then
   */
  has(hostname: string, port: string | undefined): boolean {
    const name = canonicalHost(hostname);
    const full = port === undefined ? undefined : `${name}:${port}`;
    if (this.#names.has(name) || (full !== undefined && this.#names.has(full))) return true;
    return this.#suffixes.some((suffix) => name.endsWith(suffix) || full?.endsWith(suffix) === true);
  }
}

/** Node's own requests have names as they were given, and IPv6 addresses without brackets. */
export function canonicalHost(hostname: string): string {
  const name = hostname.toLowerCase();
  if (name.includes(':') && !name.startsWith('[')) return `[${name}]`;
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
