import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Options } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { ResolvedSettings } from '../../src/config/resolve.ts';
import { problemText } from '../../src/core/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanlog-config-'));
const path = join(folder, 'spanlog.json');
after(() => rmSync(folder, { recursive: true }));

function resolveFile(content: unknown, env: NodeJS.ProcessEnv = {}, options: Options = {}): ResolvedSettings {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return resolveSettings(options, { SPANLOG_CONFIG_FILE: path, ...env }, { isTty: false });
}

test('R10.2 code wins over variables, they over the file, it over defaults', () => {
  const file = { level: 'trace', strict: true, limits: { depth: 3 } };
  const originOf = ({ origins }: ResolvedSettings): string | undefined =>
    origins.find(({ setting }) => setting === 'level')?.origin;

  const alone = resolveFile(file);
  assert.deepEqual(alone.problems, []);
  assert.deepEqual([alone.settings.level, alone.settings.strict, alone.settings.limits.depth], [1, true, 3]);
  assert.equal(originOf(alone), `file ${path}`);

  const env = resolveFile(file, { SPANLOG_LEVEL: 'warn' });
  assert.deepEqual([env.settings.level, originOf(env)], [13, 'env SPANLOG_LEVEL']);

  const code = resolveFile(file, { SPANLOG_LEVEL: 'warn' }, { level: 'error' });
  assert.deepEqual([code.settings.level, originOf(code)], [17, 'code']);

  assert.equal(originOf(resolveFile({})), 'default');
});

test('R10.2 maps of all sources are joined, entry by entry', () => {
  const { settings } = resolveFile(
    { levels: { a: 'error', b: 'error', c: 'error' } },
    { SPANLOG_LEVELS: 'a=warn,b=warn' },
    { levels: { a: 'debug' } },
  );
  assert.deepEqual(Object.fromEntries(settings.levels), { a: 5, b: 13, c: 17 });
});

test('R10.2 every group of settings can stand in a file, destinations too', () => {
  const { settings, problems } = resolveFile({
    service: { name: 'shop', worker: 3 },
    resource: { team: 'a' },
    redact: { keys: ['pin'], kinds: { email: false } },
    sample: { rate: 0.5 },
    propagate: { hosts: ['orders'] },
    baggage: ['tenant'],
    destinations: ['otlp', 'json'],
    otlp: { endpoint: 'http://collector:4318', headers: { 'api-key': 'k' }, timeoutMs: 500, name: null },
    console: { stream: 'stderr' },
    spool: { maxAgeMs: 5_000 },
    durability: 'disk',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual([settings.service.name, settings.service.worker], ['shop', '3']);
  assert.deepEqual(settings.redact !== false && [settings.redact.keys, settings.redact.kinds.get('email')], [
    ['pin'],
    false,
  ]);
  assert.deepEqual([settings.sample.rate, settings.propagate.hosts, settings.baggage], [0.5, ['orders'], ['tenant']]);
  assert.deepEqual([settings.spool.maxAgeMs, settings.durability], [5_000, 'disk']);
  const [otlp, json] = settings.destinations;
  assert.ok(otlp?.kind === 'otlp' && json?.kind === 'json');
  assert.deepEqual(
    [otlp.otlp.url, otlp.otlp.headers, otlp.otlp.timeoutMs, json.text.stream],
    ['http://collector:4318/v1/logs', { 'api-key': 'k' }, 500, 'stderr'],
  );
});

test('R10.2 an endpoint in the file is one: records go there; a variable of either kind wins over it', () => {
  const urlOf = ({ settings }: ResolvedSettings): string | undefined => {
    const [first] = settings.destinations;
    return first?.kind === 'otlp' ? first.otlp.url : first?.kind;
  };
  assert.equal(urlOf(resolveFile({ otlp: { url: 'http://file/x' } })), 'http://file/x');
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env' };
  assert.equal(urlOf(resolveFile({ otlp: { url: 'http://file/x' } }, env)), 'http://env/v1/logs');
});

const bad: readonly (readonly [title: string, content: unknown, setting: string, text: RegExp])[] = [
  ['a wrong value', { level: 'loud' }, 'level', /BAD_LEVEL: level is "loud" \(from file .*spanlog\.json\)/],
  ['a wrong entry', { levels: { db: 7.5 } }, 'levels.db', /levels\.db is 7\.5 \(from file/],
  ['a misspelt name', { levle: 'info' }, 'levle', /Did you mean level\?/],
  ['a misspelt name in a group', { limits: { dpeth: 3 } }, 'limits.dpeth', /Did you mean depth\?/],
  ['a group that is none', { limits: 7 }, 'limits', /BAD_TYPE: limits is 7 .*Give an object/],
  ['a path to another file', { configFile: '/etc/x' }, 'configFile', /UNKNOWN_SETTING: configFile .*from file/],
  ['a pattern', { redact: { patterns: { a: 'x+' } } }, 'redact.patterns.a', /BAD_PATTERN/],
  ['a destination that is no word', { destinations: [{ kind: 'otlp' }] }, 'destinations', /array of words/],
  ['no JSON', '{"level": "info",\n secret-token', 'configFile', /BAD_CONFIG_FILE: .*valid JSON/],
  ['no object', '["level"]', 'configFile', /JSON object/],
];

for (const [title, content, setting, text] of bad) {
  test(`R10.3 ${title} in the file is named with the file, and the rest holds`, () => {
    const { settings, problems } = resolveFile(content, {}, { strict: true });
    assert.deepEqual(
      problems.map((problem) => problem.setting),
      [setting],
    );
    const said = problems.map(problemText).join('\n');
    assert.match(said, text);
    assert.doesNotMatch(said, /secret-token/);
    assert.equal(settings.level, 9);
    assert.equal(settings.strict, true);
  });
}

test('R10.3 a file that is not there, a folder, a device, and one that is absurdly long are named', () => {
  const codes = (file: string): string[] =>
    resolveSettings({ configFile: file }, {}, { isTty: false }).problems.map(
      ({ code, origin, fix }) => `${code} ${origin} ${fix}`,
    );
  assert.match(codes(join(folder, 'none.json')).join(), /^SPANLOG_BAD_CONFIG_FILE code .*ENOENT/);
  assert.match(codes(folder).join(), /^SPANLOG_BAD_CONFIG_FILE code .*EISDIR/);
  assert.match(codes('/dev/null').join(), /a pipe or a device/);
  writeFileSync(path, ' '.repeat(1_048_577));
  assert.match(codes(path).join(), /more than 1048576 bytes/);
});

test('R10.2 a byte order mark at the beginning of the file is no mistake', () => {
  assert.equal(resolveFile('\ufeff{"level": "debug"}').settings.level, 5);
});
