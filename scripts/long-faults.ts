/**
 * `npm run long-faults`: the faults whose tests are run small by `npm test`, at full length: 200 processes killed with
 * `kill -9` for each durability, and a spool of a GiB at start. Some ten minutes; `-- --kills 20 --mib 64` for less.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, mib: { type: 'string', default: '1024' } },
});
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', 'test/faults/disk-kill.test.ts', 'test/faults/disk-giant.test.ts'],
  {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'inherit',
    env: { ...process.env, SPANLOG_KILL_ROUNDS: values.kills, SPANLOG_SPOOL_MIB: values.mib },
  },
);
process.exitCode = status ?? 1;
