import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** True when the built package is missing or older than what it is built from. */
export function isBuildStale(): boolean {
  const built = [...readFileSync(join(root, 'package.json'), 'utf8').matchAll(/"\.\/(dist\/[^"*]+)"/g)].map(
    ([, file = '']) => modifiedMs(file),
  );
  const sources = globSync('src/**/*.ts', { cwd: root, exclude: ['src/dev/**'] });
  return Math.max(...[...sources, 'package.json', 'tsdown.config.ts'].map(modifiedMs)) > Math.min(...built);
}

/** Builds `dist`, which the services import as any application does. Throws with the builder's words. */
export function buildPackage(): void {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsdown/dist/run.mjs'), '--log-level', 'error'],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the package does not build:\n${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

/** When the file was last written, in ms; 0 when it is missing. */
function modifiedMs(file: string): number {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
