import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchPath } from '../../src/config/watch-file.ts';

test('R1.3 a watch that has ended tells of no change, were a look under way', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-watch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'spanlog.json');
  writeFileSync(path, '{}');
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  let changes = 0;
  const stop = watchPath(path, () => changes++);
  t.mock.timers.tick(20);
  assert.equal(changes, 1);
  writeFileSync(path, '{"level": "debug"}');
  t.mock.timers.tick(1_000);
  changes = 0;
  stop();
  // Later than the look that began before, by the same queue.
  for (let i = 0; i < 10; i++) await stat(path);
  t.mock.timers.tick(1_000);
  assert.equal(changes, 0);
});
