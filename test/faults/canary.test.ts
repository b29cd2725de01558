import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canariesIn, canary } from './canary-search.ts';
import { runCanary } from './canary-run.ts';

const NOWHERE = { wire: [], stdout: [], stderr: [], spool: [], audit: [], memory: [], early: [] };

describe('a secret on every road', { concurrency: 2 }, () => {
  test('R4.4 reaches no socket, console, spool, audit trail or buffer, nor what waits for register', async (t) => {
    const run = await runCanary(t, { durability: 'sync', redact: true, faults: false });
    assert.deepEqual(run.found, NOWHERE);
    // They were there, and are hidden.
    for (const text of [run.stdout, run.stderr, run.early]) assert.match(text, /\[REDACTED:password\]/);
    assert.match(run.stdout, /\[REDACTED:key-hmac\.\w+\.[a-p]{32}\]/);
    assert.equal(run.redactions.error, undefined);
  });

  test('R4.4 nor while a pattern throws, and while nothing can be hashed: what can’t be judged is hidden, and counted', async (t) => {
    const run = await runCanary(t, { durability: 'disk', redact: true, faults: true });
    assert.deepEqual(run.found, NOWHERE);
    const hidden = (run.redactions.error ?? 0) > 100;
    assert.ok(hidden, JSON.stringify(run.redactions));
    // A place under a rule says that hashing failed; its records are there all the same.
    assert.match(run.stdout, /"internal_note":"\[REDACTED:error\]"/);
    assert.match(run.stdout, /"event":"the_last"/);
  });

  test('R4.4 without redaction each of them is found in each place, but those that are marked', async (t) => {
    const { found, roads } = await runCanary(t, { durability: 'sync', redact: false, faults: false });
    const open = roads.filter((road) => !road.endsWith('marked'));
    const shown = open.filter((road) => road !== 'held').sort();
    assert.deepEqual(found, {
      wire: [...shown, 'resource'].sort(),
      stdout: shown,
      stderr: shown,
      spool: [...shown, 'resource'].sort(),
      audit: ['audit'],
      memory: [...open, 'resource'].sort(),
      // Before the settings are known, the defaults hold.
      early: [],
    });
    // A part of one is found as well, and in base64.
    assert.deepEqual(canariesIn(canary('road').slice(0, -4)), ['road']);
    assert.deepEqual(canariesIn(`x ${Buffer.from(`password=${canary('road')}`).toString('base64')}`), ['road']);
    assert.deepEqual(canariesIn(canary('road').slice(4)), ['an end']);
  });
});
