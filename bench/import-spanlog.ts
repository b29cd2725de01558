import type * as destinationsModule from '../src/destinations.ts';
import type * as fastifyModule from '../src/fastify.ts';
import type * as indexModule from '../src/index.ts';

interface Entries {
  index: typeof indexModule;
  destinations: typeof destinationsModule;
  fastify: typeof fastifyModule;
}

/** One entry of spanlog: of the built package, as an application imports it, or of its source. */
export async function importSpanlog<Entry extends keyof Entries>(
  from: 'built' | 'source',
  entry: Entry,
): Promise<Entries[Entry]> {
  // Not a constant, or the compiler would look for a package that isn't built yet.
  let path = `../src/${entry}.ts`;
  if (from === 'built') path = entry === 'index' ? 'spanlog' : `spanlog/${entry}`;
  return (await import(path)) as Entries[Entry];
}
