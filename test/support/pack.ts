/**
 * The package as users get it: built, packed by npm, installed into an empty project.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child-process.ts';
import type { Ended } from './child-process.ts';
import { buildPackage, isBuildStale } from '../../scripts/package-build.ts';

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
  if (isBuildStale()) buildPackage();
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
