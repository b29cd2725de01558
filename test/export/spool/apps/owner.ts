/**
 * One owner of many: `owner.ts <directory> <gate> <rounds>`. Once the file `gate` is there, it claims a folder, puts
 * a segment with the folder's name into it, looks `rounds` times for folders to adopt, and stays until it is killed.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { segmentFile } from '../../../../src/export/spool/frame.ts';
import { claimFolder } from '../../../../src/export/spool/owner.ts';

const [directory = '', gate = '', rounds = '0'] = process.argv.slice(2);
console.log('ready');
while (!existsSync(gate)) await setTimeout(1);

const folder = claimFolder({
  directory,
  group: { service: 'shop', destination: 'main', url: 'http://h:4318/v1/logs' },
});
const name = basename(folder.path);
// Whole or not at all, whenever it is killed.
writeFileSync(join(directory, name), name);
renameSync(join(directory, name), join(folder.path, segmentFile({ number: 1, firstId: 1, salt: process.pid })));
folder.onLost = () => console.log('lost', name);
console.log('claimed', name);
for (let round = 0; round < Number(rounds); round++) {
  for (const path of await folder.adopt()) console.log('adopted', basename(path));
  if (!(await folder.heartbeat())) break;
}
console.log('looked');
setInterval(() => undefined, 1_000);
