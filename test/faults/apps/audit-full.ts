/**
 * Fills the file system of its trail and logs on: `audit-full.ts <folder> <filler>`. It has 10 records before, 10 while
 * nothing more fits, 10 when there is room again.
 */
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { auditFile, jsonLines } from '../../../src/destinations.ts';
import { getLogger, register } from '../../../src/index.ts';
import { reportAtExit } from '../../process/apps/report-ledger.ts';

const [folder = ''] = process.argv.slice(2);
const logging = register({
  audit: { loggers: ['audit'] },
  destinations: [jsonLines(), auditFile({ path: join(folder, 'audit.jsonl') })],
});
reportAtExit(logging);
const log = getLogger('audit');
const some = (when: string): void => {
  for (let i = 0; i < 10; i++) log.info(when, { i, padding: '.'.repeat(2_000) });
};

some('before');
const filler = join(folder, 'filler');
const fd = openSync(filler, 'w');
for (const size of [65_536, 1]) {
  try {
    for (;;) writeSync(fd, Buffer.alloc(size, 1));
  } catch {
    // Full.
  }
}
closeSync(fd);
some('while_full');
unlinkSync(filler);
some('after');
