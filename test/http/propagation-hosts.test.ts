import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSettings } from '../../src/config/resolve.ts';
import { AllowedHosts } from '../../src/http/propagation-hosts.ts';

function hostsOf(...hosts: string[]): AllowedHosts {
  const { settings, problems } = resolveSettings({ propagate: { hosts } }, {}, { isTty: false });
  assert.deepEqual(problems, []);
  return new AllowedHosts(settings.propagate.hosts);
}

const rows: readonly (readonly [rule: string, hostname: string, port: string | undefined, allowed: boolean])[] = [
  ['api.internal', 'api.internal', '80', true],
  ['api.internal', 'API.Internal.', '8443', true],
  ['API.internal.', 'api.internal', '80', true],
  ['api.internal', 'xapi.internal', '80', false],
  ['api.internal', 'api.internal.evil.com', '80', false],
  ['order_service', 'order_service', '80', true],
  ['api.internal:8443', 'api.internal', '8443', true],
  ['api.internal:8443', 'api.internal', '443', false],
  ['api.internal:8443', 'api.internal', undefined, false],
  ['*.internal', 'api.internal', '80', true],
  ['*.internal', 'a.b.internal', '80', true],
  ['*.internal', 'internal', '80', false],
  ['*.internal', 'notinternal', '80', false],
  ['*.internal', 'api.internal.evil.com', '80', false],
  ['*.internal:8443', 'api.internal', '8443', true],
  ['*.internal:8443', 'api.internal', '80', false],
  ['bücher.example', 'xn--bcher-kva.example', '443', true],
  ['127.0.0.1', '127.0.0.2', '80', false],
  ['::1', '::1', '80', true],
  ['[::1]:80', '[::1]', '80', true],
  ['[0:0:0:0:0:0:0:1]', '::1', '80', true],
  ['[::1]:80', '::1', '81', false],
];

for (const [rule, hostname, port, allowed] of rows) {
  test(`R3.5 ${rule} ${allowed ? 'allows' : 'refuses'} ${hostname} at port ${port ?? 'unknown'}`, () => {
    assert.equal(hostsOf(rule).has(hostname, port), allowed);
  });
}

test('R3.5 what is no host is named, with its place and its remedy, and the others hold', () => {
  for (const bad of [
    'https://api.internal',
    '*',
    '*.',
    'a b',
    'api.internal/path',
    'api:99999',
    'api:0',
    'u@api',
    '*.[::1]',
  ]) {
    const { settings, problems } = resolveSettings({ propagate: { hosts: ['ok', bad] } }, {}, { isTty: false });
    assert.deepEqual(settings.propagate.hosts, ['ok'], bad);
    const [{ code, setting, origin, fix } = assert.fail(bad)] = problems;
    assert.deepEqual([code, setting, origin], ['SPANLOG_BAD_HOST', 'propagate.hosts[1]', 'code']);
    assert.match(fix, /\*\.internal/);
  }
  const { problems } = resolveSettings(undefined, { SPANLOG_PROPAGATE_HOSTS: 'ok, http://x' }, { isTty: false });
  assert.deepEqual(
    problems.map(({ setting, origin }) => [setting, origin]),
    [['propagate.hosts[1]', 'env SPANLOG_PROPAGATE_HOSTS']],
  );
});

test('R3.5 code alone decides where both code and environment name hosts', () => {
  const env = { SPANLOG_PROPAGATE_HOSTS: 'b' };
  assert.deepEqual(resolveSettings({ propagate: { hosts: ['a'] } }, env, { isTty: false }).settings.propagate.hosts, [
    'a',
  ]);
  assert.deepEqual(resolveSettings(undefined, env, { isTty: false }).settings.propagate.hosts, ['b']);
});
