/** Applications of `apps/call-sites`, bundled with the packed package as its users bundle it, and run against a Collector. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as esbuild from 'esbuild';
import type { Plugin } from 'esbuild';
import type { Ledger } from '../../src/core/ledger.ts';
import { noticesOf, runChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import type { Collector, FlatLogRecord } from '../support/collector.ts';
import { packPackage } from '../support/pack.ts';
import { environment, recordsOf } from './correlation-apps.ts';

const root = join(import.meta.dirname, '..', '..');
const apps = join(import.meta.dirname, 'apps', 'call-sites');

export type Format = 'esm' | 'cjs';

/** A folder where the package is installed, and one beside it that has no `node_modules` above it. */
export interface Project {
  readonly installed: string;
  readonly bare: string;
  remove(): void;
}

/** What libraries in CommonJS need in a bundle in ESM, with or without spanlog: esbuild gives them no `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

export async function createProject(): Promise<Project> {
  const directory = mkdtempSync(join(tmpdir(), 'spanlog-call-sites-'));
  const project = {
    installed: join(directory, 'installed'),
    bare: join(directory, 'bare'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  const { tarball } = await packPackage(directory);
  const { code, stderr } = await runChild({ command: 'tar', args: ['-xzf', tarball, '-C', directory] });
  assert.equal(code, 0, stderr);
  const modules = join(project.installed, 'node_modules');
  mkdirSync(project.bare);
  mkdirSync(modules, { recursive: true });
  cpSync(join(directory, 'package'), join(modules, 'spanlog'), { recursive: true });
  symlinkSync(join(root, 'node_modules', '@opentelemetry'), join(modules, '@opentelemetry'));
  return project;
}

/** Bundles `apps/call-sites/<name>.ts` into one file that needs nothing besides; returns its path. */
export async function bundle(project: Project, name: string, format: Format): Promise<string> {
  // Not in `installed`: a path that was left unbundled would be found there.
  const outfile = join(project.bare, `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const plugins = [packageInstead(project, format)];
  await write({ name, format, outfile, plugins, banner: name === 'own' ? '' : REQUIRE });
  return outfile;
}

/** The same with `outer.ts` left as it is: what it imports of spanlog is found in `node_modules` when it runs. */
export async function bundleHalf(project: Project, format: Format): Promise<string> {
  const outfile = join(project.installed, `half.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const plugins = [packageInstead(project, format, 'outer.ts')];
  await write({ name: 'outer', format, outfile, plugins, banner: REQUIRE });
  return outfile;
}

interface Output {
  readonly name: string;
  readonly format: Format;
  readonly outfile: string;
  readonly plugins: Plugin[];
  readonly banner: string;
}

async function write({ name, format, outfile, plugins, banner }: Output): Promise<void> {
  const { warnings } = await esbuild.build({
    entryPoints: [join(apps, `${name}.ts`)],
    outfile,
    format,
    plugins,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22.15',
    logLevel: 'silent',
    ...(format === 'esm' && { banner: { js: banner } }),
  });
  assert.deepEqual(warnings, []);
}

/** The applications import our sources, so that they are compiled with us; bundled they get the package instead. */
function packageInstead({ installed }: Project, format: Format, external?: string): Plugin {
  return {
    name: 'package-instead-of-sources',
    setup(build) {
      build.onResolve({ filter: /\/src\/[\w-]+\.ts$/ }, ({ path, importer }) => {
        const entry = basename(path, '.ts');
        const specifier = entry === 'index' ? 'spanlog' : `spanlog/${entry}`;
        if (basename(importer) === external) return { path: specifier, external: true };
        return build.resolve(specifier, {
          resolveDir: installed,
          kind: format === 'esm' ? 'import-statement' : 'require-call',
        });
      });
    },
  };
}

export interface Case {
  /** The service's name, by which its records are told from those of other cases. */
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How many records have to arrive. */
  readonly count: number;
}

export interface Arrived {
  readonly end: Ended;
  readonly records: readonly FlatLogRecord[];
  /** The span that was active. */
  readonly span: { readonly traceId: string; readonly spanId: string };
}

/** Runs a case to its end. Asserts that all it logged arrived once, and that the ledger says the same. */
export async function run(collector: Collector, { name, args, cwd, env, count }: Case): Promise<Arrived> {
  const end = await runChild({ args, cwd, env: { ...environment(collector, name), ...env } });
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(noticesOf(end), []);
  const { span, ledger } = JSON.parse(end.report) as { span?: Arrived['span']; ledger: Ledger };
  // A request holds them logger by logger; asked for in the order of their calls.
  const records = (await recordsOf(collector, name, ledger.delivered)).sort((a, b) =>
    Number(a.observedTimeUnixNano - b.observedTimeUnixNano),
  );
  const told = records.map(({ scope, body }) => `${scope.name}: ${JSON.stringify(body)}`).join('\n');
  assert.equal(ledger.balanced, true);
  assert.deepEqual(
    { emitted: ledger.emitted, delivered: ledger.delivered, pending: ledger.pending, dropped: ledger.dropped },
    { emitted: count, delivered: count, pending: 0, dropped: {} },
    told,
  );
  assert.equal(records.length, count, told);
  return { end, records, span: span ?? { traceId: '', spanId: '' } };
}

/** The path of an application that runs from its sources. */
export function sourceOf(name: string): string {
  return join(apps, `${name}.ts`);
}
