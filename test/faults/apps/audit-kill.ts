/**
 * Logs numbered audit records until it is killed: `audit-kill.ts <progress file>`. After each call it notes in the file
 * how many have returned: what it noted outlives it.
 */
import { openSync, writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';

const [progressFile = ''] = process.argv.slice(2);
const log = getLogger('audit');
const file = openSync(progressFile, 'w');
const returned = Buffer.alloc(4);
const parent = process.ppid;

for (let i = 0; process.ppid === parent;) {
  for (const until = i + 50; i < until;) {
    log.debug('granted', { i, note: 'x'.repeat(i % 700) });
    i++;
    returned.writeUInt32LE(i, 0);
    writeSync(file, returned, 0, 4, 0);
    if (i === 20) console.log('logging');
  }
  await turn();
}
