import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';
import { HOSTILE_IDENTIFIERS, HOSTILE_UNITS, hostileTime } from '../../support/redaction/hostile.ts';

test('R4.5 the time for a hostile text grows with its length, not with its square', () => {
  const kinds = { ip: true, phone: true, national_id: true, mac_address: true, crypto_wallet: true };
  for (const [policy, units] of [
    [createPolicy({ kinds: { ip: true, phone: true } }), HOSTILE_UNITS],
    [createPolicy({ kinds }), HOSTILE_IDENTIFIERS],
  ] as const) {
    for (const unit of units) {
      hostileTime(policy, 5_000, unit, 1);
      const short = hostileTime(policy, 12_500, unit, 2);
      const long = hostileTime(policy, 100_000, unit, 2);
      // Eight times the text: a quadratic rule takes 64 times as long, which is seconds. Below 150 ms is noise.
      assert.ok(
        long < 150 || long < short * 30,
        `${JSON.stringify(unit)}: ${short.toFixed(1)} ms, then ${long.toFixed(1)} ms`,
      );
      assert.ok(long < 2_000, `${JSON.stringify(unit)} takes ${long.toFixed(0)} ms for 100 kB`);
    }
  }
});

test('R4.5 a megabyte that holds secrets everywhere is redacted in one pass', () => {
  const policy = createPolicy({});
  const shown = policy.text('password=hunter2 card 4111111111111111 bob@example.com\n'.repeat(19_000));
  assert.ok(!/hunter2|4111|bob@/.test(shown));
  assert.equal(policy.counts().card, 19_000);
});
