/**
 * The package as users get it: built, packed by npm, installed into an empty project.
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child-process.ts';
import type { Ended } from './child-process.ts';

const root = join(import.meta.dirname, '..', '..');

export interface PackedPackage {
  /** Path of the .tgz file. */
  readonly tarball: string;
  /** Of the tarball. */
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** Paths in the package. */
  readonly files: readonly string[];
}

/** Packs the package into `directory`, having built it unless what is built is up to date. */
export async function packPackage(directory: string): Promise<PackedPackage> {
  if (!isBuilt()) await command(join(root, 'node_modules', '.bin', 'tsdown'), ['--log-level', 'warn'], root);
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', directory], root);
  const [packed] = JSON.parse(stdout) as {
    filename: string;
    size: number;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  assert.ok(packed, stdout);
  return {
    tarball: join(directory, packed.filename),
    bytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    files: packed.files.map(({ path }) => path).sort(),
  };
}

/** Makes an empty project in `directory` and installs the packages into it; returns `directory`. */
export async function installInto(directory: string, packages: readonly string[]): Promise<string> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'the-application', version: '4.5.6' }));
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages], directory);
  return directory;
}

/** False when something that is built is missing, or older than what it is built from. */
function isBuilt(): boolean {
  const entries = ['index', 'register', 'processors', 'destinations'].flatMap((name) =>
    ['mjs', 'cjs', 'd.mts', 'd.cts'].map((ending) => `dist/${name}.${ending}`),
  );
  const age = (path: string): number => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['src/**/*.ts', 'tsdown.config.ts', 'package.json'], { cwd: root });
  return Math.min(...entries.map(age)) > Math.max(...sources.map(age));
}

/** npm, told nothing by an npm that may be running this test: its variables would point to our own project. */
async function npm(args: readonly string[], cwd: string): Promise<Ended> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const isSetting =
      /^npm_config_(registry|cache|userconfig|.*proxy)$|^(https?|no)_proxy$|^NODE_EXTRA_CA_CERTS$/i.test(name);
    if (isSetting && value !== undefined) env[name] = value;
  }
  return command('npm', args, cwd, env);
}

async function command(
  name: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const end = await runChild({ command: name, args, cwd, env, timeoutMs: 100_000 });
  assert.equal(end.code, 0, `${name} ${args.join(' ')}: ${end.stderr}${end.stdout}`);
  return end;
}
