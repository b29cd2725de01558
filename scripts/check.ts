/**
 * `npm run check`: everything that needs no running part. Each step is a command that can be run on its own.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format', bin('prettier'), '--check', '--log-level', 'warn', '.'],
  // Before the types, since the examples import the package by its name.
  ['build', bin('tsdown'), '--log-level', 'error'],
  ['types', bin('tsc'), '--noEmit', '-p', '.'],
  ['lint', bin('eslint'), '--max-warnings', '0', '.'],
  ['docs are up to date', process.execPath, 'scripts/docs.ts', '--check'],
  ['package', bin('publint'), '--strict'],
  ['types of the package', bin('attw'), '--pack', '.', '--profile', 'node16', '--format', 'ascii'],
];

let failed = 0;
for (const [name, command, ...args] of steps) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (status === 0) continue;
  failed++;
  console.log(`${stdout}${stderr}`.trim());
}
process.exitCode = failed === 0 ? 0 : 1;
