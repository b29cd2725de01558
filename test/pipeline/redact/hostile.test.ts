import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPolicy } from '../../../src/pipeline/redact/policy.ts';

/** Repeated, each of these makes some rule start, look far, and find nothing. */
const UNITS = [
  ...['a', '1', '-', '.', '@', '=', ':', '"', '<', '>', '~', '%40', '{', '[', '\\', '\n', 'é', 'é@', '::', 'a:a:'],
  ...['a@', '@a.', 'a.a@', '1-', '1 ', '4111 ', '411111111111111 ', '111-11-', 'DE89', 'GB82 WEST ', '1.1.1.1.', '+1 '],
  ...['eyJ-', 'eyJaaaaaaaaaaaaaaaaaa.', 'eyJaaaaaaaaaaaaaaaaaa-', 'BEGIN ', '-----BEGIN ', 'Bearer ', 'Basic aaa'],
  ...['https://', 'https://a:', 'https://a:b', 'x://a:1/', '<password>', '--password ', '- ', 'curl -u ', 'curl -u a '],
  ...['password=', 'password="', 'password=\\"', 'password: ', '\npassword: ', 'token: is ', '"token":["', 'token "'],
  ...['authorization: ', 'authorization: a', 'cookie: ', 'cookie: a', 'authorization: digest ', 'password=a.b('],
  ...['password=a,', 'password=)', 'password=(((', 'password={', '[password]=', 'secret[', '("token", "', 'value="'],
  ...['glpat-', 'SG.aaaaaaaaaaaaaaaa', 'SK', 'EAAA-', 'ABSK/', 'APAx_', 'AKC', 't1.a-', 'sk-ant-a', 'tskey-a-', 'A3-'],
  ...[
    'Maaaaaaaaaaaaaaaaaaaaaaa.',
    '7Q~',
    'us1',
    'atlasv1.',
    'kind: Secret\n',
    '?code=',
    'card: 1 ',
    'card=1 aaaaaaaa ',
  ],
];

/** The fastest of three runs, in ms: what the machine does besides only ever adds. */
function timeOf(text: (text: string) => string, length: number, unit: string): number {
  const hostile = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    text(hostile);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

test('R4.5 the time for a hostile text grows with its length, not with its square', () => {
  const policy = createPolicy({ kinds: { ip: true, phone: true } });
  const redact = (text: string): string => policy.text(text);
  for (const unit of UNITS) {
    timeOf(redact, 5_000, unit);
    const short = timeOf(redact, 25_000, unit);
    const long = timeOf(redact, 200_000, unit);
    // Eight times the text: a quadratic rule takes 64 times as long, which is seconds. Below 150 ms is noise.
    assert.ok(
      long < 150 || long < short * 30,
      `${JSON.stringify(unit)}: ${short.toFixed(1)} ms, then ${long.toFixed(1)} ms`,
    );
    assert.ok(long < 2_000, `${JSON.stringify(unit)} takes ${long.toFixed(0)} ms for 200 kB`);
  }
});

test('R4.5 a megabyte that holds secrets everywhere is redacted in one pass', () => {
  const policy = createPolicy({});
  const shown = policy.text('password=hunter2 card 4111111111111111 bob@example.com\n'.repeat(19_000));
  assert.ok(!/hunter2|4111|bob@/.test(shown));
  assert.equal(policy.counts().card, 19_000);
});
