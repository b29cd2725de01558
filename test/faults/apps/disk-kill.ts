/**
 * Logs bursts of numbered records until it is killed, or nobody is there to do it: `disk-kill.ts <life> <progress file>`. After each call it notes in
 * the file how many have returned, and at each turn of its loop appends when that was: 4 bytes at the front, then
 * 12 bytes for each turn, the ms of its own clock and the count. What it noted outlives it.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';

const [life = '', progressFile = ''] = process.argv.slice(2);
const log = getLogger('app');
const file = openSync(progressFile, 'w');
const returned = Buffer.alloc(4);
const turn = Buffer.alloc(12);
const TURN_MS = 2;
const parent = process.ppid;

console.log('started');
let i = 0;
for (let turns = 0; process.ppid === parent; turns++) {
  turn.writeDoubleLE(performance.now(), 0);
  turn.writeUInt32LE(i, 8);
  writeSync(file, turn, 0, 12, 4 + turns * 12);
  const burst = Math.random() < 0.03 ? 200 : Math.floor(Math.random() * 16);
  const until = i + burst;
  while (i < until) {
    log.info('tick', { life: Number(life), i });
    i++;
    returned.writeUInt32LE(i, 0);
    writeSync(file, returned, 0, 4, 0);
  }
  await delay(TURN_MS);
}
