import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Options } from '../../src/config/options.ts';
import type { ResolvedSettings } from '../../src/config/resolve.ts';
import { resolveSettings } from '../../src/config/resolve.ts';

/** Options as JavaScript callers write them: of any shape. */
function resolve(options: unknown): ResolvedSettings {
  return resolveSettings(options as Options | undefined, {}, { isTty: false, redactionKinds: ['card', 'email'] });
}

describe('R10.3 options that fight back', () => {
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('get');
      },
      ownKeys: () => {
        throw new Error('ownKeys');
      },
    },
  );
  const shapes: readonly unknown[] = [null, 0, '', [], revoked(), throwing, () => 1, Symbol('x'), 10n, new Date(NaN)];
  const places = [
    (value: unknown) => value,
    ...[
      'service',
      'level',
      'levels',
      'redact',
      'sample',
      'limits',
      'destinations',
      'resource',
      'resourceDetectors',
    ].map((key) => (value: unknown) => ({ [key]: value })),
    (value: unknown) => ({ destinations: [value] }),
    (value: unknown) => ({ destinations: [{ kind: 'otlp', options: value }] }),
    (value: unknown) => ({ destinations: [{ kind: 'sdk', exporter: value }] }),
    (value: unknown) => ({ destinations: [{ kind: 'otlp', options: { headers: value, certificate: value } }] }),
    (value: unknown) => ({ redact: { keys: value, paths: value, patterns: { a: value }, kinds: value } }),
    (value: unknown) => ({
      levels: { a: value },
      sample: { rate: value, events: { a: value } },
      limits: { depth: value },
    }),
  ];

  test('R10.3 nothing in any place makes the resolution throw, and the settings are whole', () => {
    for (const place of places) {
      for (const shape of shapes) {
        const { settings } = resolve(place(shape));
        assert.equal(settings.level, 9);
        assert.equal(settings.limits.depth, 64);
        assert.notEqual(settings.redact, false);
      }
    }
  });

  test('R10.3 a key named __proto__ is data', () => {
    const { settings, problems } = resolve(JSON.parse('{"levels":{"__proto__":"debug"},"resource":{"__proto__":"x"}}'));
    assert.deepEqual([...settings.levels], [['__proto__', 5]]);
    assert.deepEqual(settings.resource.keys, ['__proto__']);
    assert.deepEqual(problems, []);
  });
});
