import { defineConfig } from 'tsdown';

/**
 * ESM and CommonJS from one build, types for both. Entries share chunks, so a process that imports several subpaths
 * loads each piece once; the two formats share state through the registry (`src/registry.ts`).
 */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    register: 'src/register.ts',
    processors: 'src/processors.ts',
    testing: 'src/testing.ts',
    destinations: 'src/destinations.ts',
    bridges: 'src/bridges.ts',
    node: 'src/node.ts',
    express: 'src/express.ts',
    fastify: 'src/fastify.ts',
    koa: 'src/koa.ts',
    hono: 'src/hono.ts',
    fetch: 'src/fetch.ts',
    cli: 'src/cli/main.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node22.15',
  platform: 'node',
  dts: true,
  // Timers and flows are disposable; an application's own `lib` may be older than that.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  sourcemap: true,
  clean: true,
  fixedExtension: true,
});
