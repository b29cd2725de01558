/**
 * `npm test`: makes sure that the real Collector is there (CI fails without one, elsewhere its tests say why they are
 * skipped), builds the package that the package tests install, then runs every test.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
// Hundreds of processes load the same sources: types are stripped and code is compiled once (0.4 to 0.2 s of a processor each).
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'), ...process.env };
const run = (command: string, ...args: string[]): number =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;

const patterns = process.argv.slice(2);
if (run(process.execPath, 'scripts/otelcol.ts') !== 0 && process.env.CI === 'true') process.exit(1);
if (run(join(root, 'node_modules/.bin/tsdown'), '--log-level', 'error') !== 0) process.exit(1);
process.exitCode = run(
  process.execPath,
  '--test',
  // More than two cores' worth: many tests wait, for outages, timeouts and the ends of processes.
  '--test-concurrency=3',
  '--test-timeout=120000',
  ...(patterns.length > 0 ? patterns : ['test/**/*.test.ts']),
);
