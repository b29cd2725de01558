import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { errorsPage, settingsPage } from '../../scripts/docs-pages.ts';
import { explainSettings } from '../../src/config/explain.ts';
import type { Options } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { detectResource } from '../../src/config/resource.ts';
import type { SettingOrigin } from '../../src/config/setting-reader.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { problemText } from '../../src/core/errors.ts';

function explain(options: Options, env: NodeJS.ProcessEnv): ReadonlyMap<string, SettingOrigin> {
  const { settings, origins } = resolveSettings(options, env, { isTty: false });
  const resource = detectResource(
    settings,
    {
      pid: 1,
      hostName: 'host-1',
      executable: 'node',
      nodeVersion: '24.0.0',
      threadId: undefined,
      clusterWorkerId: undefined,
      application: () => ({ name: 'shop', version: '2.0.0' }),
      randomId: () => 'an-id',
    },
    '0.1.0',
  );
  return new Map(explainSettings(origins, resource).map((row) => [row.setting, row]));
}

describe('R10.5 explain', () => {
  test('R10.5 every setting in force is there once, with value, origin and description', () => {
    const { origins } = resolveSettings(
      { destinations: [{ kind: 'otlp', options: {} }] },
      { SPANLOG_LEVEL: 'debug' },
      { isTty: false },
    );
    const names = origins.map((row) => row.setting);
    assert.equal(new Set(names).size, names.length);
    const general = Object.keys(SETTINGS).filter((path) => !/^(otlp|console|auditFile|sdk)\./.test(path));
    assert.deepEqual(
      general.filter((path) => !names.includes(path)),
      [],
    );
    for (const row of origins) assert.ok(row.value !== '' && row.description !== '', row.setting);
  });

  test('R10.5 origins tell code, variable and default apart', () => {
    const rows = explain({ levels: { http: 'warn' } }, { SPANLOG_LEVEL: 'debug' });
    assert.deepEqual(
      ['levels', 'level', 'sample.rate'].map((name) => [rows.get(name)?.value, rows.get(name)?.origin]),
      [
        ['http=warn', 'code'],
        ['debug', 'env SPANLOG_LEVEL'],
        ['1', 'default'],
      ],
    );
  });

  test('R10.5 what was detected stands in the place of the default', () => {
    const rows = explain({ service: { region: 'eu-1' } }, {});
    assert.deepEqual(
      ['name', 'version', 'instanceId', 'region', 'worker'].map((key) => rows.get(`service.${key}`)?.value),
      ['shop', '2.0.0', 'an-id', 'eu-1', 'the id of a node:cluster worker'],
    );
  });

  test('R10.5 settings of a destination go by its name', () => {
    const rows = explain({ destinations: [{ kind: 'otlp', options: { name: 'audit', timeoutMs: 5 } }] }, {});
    assert.deepEqual([rows.get('audit.timeoutMs')?.value, rows.get('audit.timeoutMs')?.origin], ['5', 'code']);
    assert.equal(rows.get('destinations')?.value, 'otlp');
  });

  test('R10.5 R4.4 no secret is shown, in rows or in problems', () => {
    const secret = 's3cr3t';
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${secret},api-key=${secret}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${secret}@collector/?token=${secret}`,
    };
    const { origins, problems } = resolveSettings(undefined, env, { isTty: false });
    assert.deepEqual(problems, []);
    const otlp = origins.filter((row) => row.setting.startsWith('otlp.'));
    assert.equal(otlp.find((row) => row.setting === 'otlp.url')?.value, 'http://collector/v1/logs?[REDACTED]');
    assert.equal(
      otlp.find((row) => row.setting === 'otlp.headers')?.value,
      'authorization=[REDACTED], api-key=[REDACTED]',
    );
    assert.doesNotMatch(JSON.stringify(origins), new RegExp(secret));

    const wrong = [
      { OTEL_EXPORTER_OTLP_ENDPOINT: `collector:4318?token=${secret}` },
      { OTEL_EXPORTER_OTLP_ENDPOINT: `htp://user:pa/${secret}@collector` },
      { OTEL_EXPORTER_OTLP_ENDPOINT: `user:${secret}@collector:4318` },
      { OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${secret}?x@collector:99999` },
      { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${'u'.repeat(200)}:${secret}@collector:99999` },
      { ...env, OTEL_EXPORTER_OTLP_LOGS_HEADERS: `authorization: ${secret}` },
      { ...env, OTEL_EXPORTER_OTLP_LOGS_HEADERS: `a b=${secret}` },
      { SPANLOG_HEADERS: secret, SPANLOG_LEVEL5: secret },
    ];
    for (const variables of wrong) {
      const said = resolveSettings(undefined, variables, { isTty: false }).problems.map(problemText).join('\n');
      assert.notEqual(said, '');
      assert.doesNotMatch(said, new RegExp(secret));
    }
  });
});

describe('R10.2 the pages made from the tables', () => {
  test('R10.2 docs/settings.md and docs/errors.md are up to date', () => {
    const docs = new URL('../../docs/', import.meta.url);
    assert.equal(readFileSync(new URL('settings.md', docs), 'utf8'), settingsPage(), 'run `npm run docs`');
    assert.equal(readFileSync(new URL('errors.md', docs), 'utf8'), errorsPage(), 'run `npm run docs`');
  });
});
