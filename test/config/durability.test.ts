import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Options } from '../../src/config/options.ts';
import type { Settings } from '../../src/config/resolved-settings.ts';
import { resolveSettings } from '../../src/config/resolve.ts';

function resolve(options: Options, env: NodeJS.ProcessEnv = {}): Settings {
  const { settings, problems } = resolveSettings(options, env, { isTty: false });
  assert.deepEqual(problems, []);
  return settings;
}

describe('R8.3 the settings of durability', () => {
  test('R8.3 without any setting nothing is written to disk, and what would be in force is there all the same', () => {
    const { durability, onFull, recordUid, spool } = resolve({});
    assert.deepEqual([durability, onFull, recordUid], ['memory', 'drop-lowest', false]);
    assert.deepEqual(spool, {
      directory: tmpdir(),
      maxBytes: 536_870_912,
      maxAgeMs: 259_200_000,
      fsync: 'never',
      windowMs: 50,
    });
  });

  test('R8.3 each can be set in code', () => {
    const spool = {
      directory: '/var/spool',
      maxBytes: 2 ** 21,
      maxAgeMs: 5_000,
      fsync: 'interval',
      windowMs: 7,
    } as const;
    const settings = resolve({ durability: 'sync', onFull: 'drop-oldest', recordUid: false, spool });
    assert.deepEqual(
      [settings.durability, settings.onFull, settings.recordUid, settings.spool],
      ['sync', 'drop-oldest', false, spool],
    );
  });

  test('R8.3 records get an id where they could arrive twice, unless it is said otherwise', () => {
    assert.equal(resolve({ durability: 'disk' }).recordUid, true);
    assert.equal(resolve({ durability: 'sync' }).recordUid, true);
    assert.equal(resolve({ onFull: 'spill' }).recordUid, true);
    assert.equal(resolve({ onFull: 'drop-oldest' }).recordUid, false);
    assert.equal(resolve({ recordUid: true }).recordUid, true);
    assert.equal(resolve({ durability: 'disk' }, { SPANLOG_RECORD_UID: 'false' }).recordUid, false);
  });

  test('R8.3 a relative folder is absolute from then on', () => {
    assert.equal(
      resolve({ durability: 'disk', spool: { directory: './a/../b' } }).spool.directory,
      join(process.cwd(), 'b'),
    );
  });

  test('R8.3 code that chooses between memory and disk may give its spool to both', () => {
    const spool = { directory: '/var/spool' };
    assert.equal(resolve({ durability: 'memory', spool }).durability, 'memory');
    assert.equal(resolve({ spool }, { SPANLOG_DURABILITY: 'memory' }).durability, 'memory');
    assert.equal(resolve({ spool, onFull: 'spill' }).onFull, 'spill');
  });

  test('R8.3 spilling is no contradiction to a durability that has all on disk', () => {
    assert.equal(resolve({ durability: 'disk', onFull: 'spill' }).onFull, 'spill');
  });
});
