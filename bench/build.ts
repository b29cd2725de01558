import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds the package when `dist` is missing or older than the source, since what is published is what counts. */
export function buildIfStale(): void {
  const builtMs = newestMs(`${ROOT}dist`);
  if (builtMs > 0 && builtMs >= newestMs(`${ROOT}src`)) return;
  const { status, stdout, stderr } = spawnSync('npx', ['tsdown'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the package does not build:\n${stdout}\n${stderr}`);
}

/** The latest time at which a file below `folder` was written, in ms; 0 when there is none. */
function newestMs(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(`${entry.parentPath}/${entry.name}`).mtimeMs);
  }
  return newest;
}
