import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Destination, Options, SdkLogExporter } from '../../src/config/options.ts';
import type { DestinationSettings } from '../../src/config/resolved-settings.ts';
import type { ResolveFacts } from '../../src/config/resolve.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { resolveOtlp } from '../../src/config/resolve-otlp.ts';
import { consolePretty, jsonLines, otlp, sdkExporter } from '../../src/destinations.ts';

const PIPE: ResolveFacts = { isTty: false };
const TTY: ResolveFacts = { isTty: true };
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function destinations(env: NodeJS.ProcessEnv, facts: ResolveFacts, options?: Options): readonly DestinationSettings[] {
  const { settings, problems } = resolveSettings(options, env, facts);
  assert.deepEqual(problems, []);
  return settings.destinations;
}

const kinds = (env: NodeJS.ProcessEnv, facts: ResolveFacts, options?: Options): readonly string[] =>
  destinations(env, facts, options).map((destination) => destination.kind);

describe('R10.1 where records go when nobody says it', () => {
  const rows: readonly [title: string, env: NodeJS.ProcessEnv, facts: ResolveFacts, expected: string[]][] = [
    ['on a terminal: pretty lines', {}, TTY, ['pretty']],
    ['in a pipe: JSON lines', {}, PIPE, ['json']],
    ['in production on a terminal: JSON lines', { NODE_ENV: 'production' }, TTY, ['json']],
    ['with SPANLOG_FORMAT=pretty in a pipe: pretty lines', { SPANLOG_FORMAT: 'pretty' }, PIPE, ['pretty']],
    ['with SPANLOG_FORMAT=json on a terminal: JSON lines', { SPANLOG_FORMAT: 'json' }, TTY, ['json']],
    ['with an endpoint in a pipe: OTLP alone', ENDPOINT, PIPE, ['otlp']],
    ['with an endpoint on a terminal: both', ENDPOINT, TTY, ['otlp', 'pretty']],
    ['with an endpoint for logs: OTLP', { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c:4318/v1/logs' }, PIPE, ['otlp']],
    [
      'with an endpoint for traces alone: the console',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c' },
      PIPE,
      ['json'],
    ],
    [
      'with an endpoint in production on a terminal: OTLP alone',
      { ...ENDPOINT, NODE_ENV: 'production' },
      TTY,
      ['otlp'],
    ],
    ['OTEL_LOGS_EXPORTER=otlp needs no endpoint', { OTEL_LOGS_EXPORTER: 'otlp' }, TTY, ['otlp']],
    ['OTEL_LOGS_EXPORTER=console beats an endpoint', { ...ENDPOINT, OTEL_LOGS_EXPORTER: 'console' }, TTY, ['pretty']],
    ['OTEL_LOGS_EXPORTER=none beats an endpoint', { ...ENDPOINT, OTEL_LOGS_EXPORTER: 'none' }, TTY, []],
    ['OTEL_LOGS_EXPORTER may be a list', { OTEL_LOGS_EXPORTER: 'console,otlp' }, PIPE, ['json', 'otlp']],
    [
      'SPANLOG_DESTINATIONS beats OTEL_LOGS_EXPORTER=none, which may be meant for another SDK',
      { OTEL_LOGS_EXPORTER: 'none', SPANLOG_DESTINATIONS: 'otlp,json' },
      TTY,
      ['otlp', 'json'],
    ],
    ['OTEL_SDK_DISABLED leaves the console', { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }, TTY, ['pretty']],
    ['OTEL_SDK_DISABLED in a pipe leaves JSON lines', { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }, PIPE, ['json']],
  ];
  for (const [title, env, facts, expected] of rows) {
    test(`R10.1 ${title}`, () => assert.deepEqual(kinds(env, facts), expected));
  }

  test('R10.1 destinations in code beat every variable', () => {
    const options: Options = { destinations: [jsonLines()] };
    assert.deepEqual(kinds({ ...ENDPOINT, OTEL_LOGS_EXPORTER: 'otlp' }, TTY, options), ['json']);
  });

  test('R10.1 an empty list in code means nowhere', () => {
    assert.deepEqual(kinds(ENDPOINT, TTY, { destinations: [] }), []);
  });

  test('R10.1 disabled keeps a console given in code, and no exporter', () => {
    const options: Options = { disabled: true, destinations: [otlp(), jsonLines({ stream: 'stderr' })] };
    assert.deepEqual(kinds({}, TTY, options), ['json']);
  });
});

describe('R7.5 destinations', () => {
  test('R7.5 each has a name of its own in the ledger', () => {
    const given: Destination[] = [otlp(), otlp(), otlp({ name: 'audit' }), jsonLines(), consolePretty()];
    assert.deepEqual(
      destinations({}, PIPE, { destinations: given }).map((destination) => destination.name),
      ['otlp', 'otlp-2', 'audit', 'json', 'pretty'],
    );
  });

  test('R7.5 a level is a severity number; without one everything is taken', () => {
    const given: Destination[] = [otlp({ level: 'error' }), jsonLines()];
    assert.deepEqual(
      destinations({}, PIPE, { destinations: given }).map((destination) => destination.level),
      [17, 0],
    );
  });

  test('R7.4 an exporter is kept as it is', () => {
    const exporter: SdkLogExporter = { export: () => undefined, shutdown: () => Promise.resolve() };
    const [first] = destinations({}, PIPE, { destinations: [sdkExporter(exporter, { maxRecords: 10 })] });
    assert.deepEqual(first, { kind: 'sdk', name: 'sdk', level: 0, classes: new Map(), exporter, maxRecords: 10 });
    assert.equal(first.exporter, exporter);
  });

  test('R7.1 colours go by the terminal of the stream that is written to', () => {
    const given: Destination[] = [consolePretty({ stream: 'stderr' }), consolePretty()];
    assert.deepEqual(
      destinations({}, { isTty: true, stderrIsTty: false }, { destinations: given }).map(
        (destination) => destination.kind === 'pretty' && destination.text,
      ),
      [
        { stream: 'stderr', colors: false },
        { stream: 'stdout', colors: true },
      ],
    );
  });
});

describe('R7.4 the URL of OTLP', () => {
  const rows: readonly [title: string, env: NodeJS.ProcessEnv, options: Parameters<typeof otlp>[0], url: string][] = [
    ['the default', {}, {}, 'http://localhost:4318/v1/logs'],
    ['a base gets /v1/logs', ENDPOINT, {}, 'http://collector:4318/v1/logs'],
    ['a base with a slash', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }, {}, 'http://c:4318/v1/logs'],
    ['a base keeps its path', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c/otlp' }, {}, 'http://c/otlp/v1/logs'],
    [
      'a base keeps its path with a slash',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c/otlp/' },
      {},
      'http://c/otlp/v1/logs',
    ],
    ['a base keeps its query', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c/o?k=1' }, {}, 'http://c/o/v1/logs?k=1'],
    ['the one for logs is used as it is', { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c/in/' }, {}, 'http://c/in/'],
    ['the one for logs without a path gets /', { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c:80' }, {}, 'http://c/'],
    [
      'the one for logs beats the base',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://l/x' },
      {},
      'http://l/x',
    ],
    [
      'code’s base beats both',
      { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://l/x' },
      { endpoint: 'http://c' },
      'http://c/v1/logs',
    ],
    ['code’s URL beats code’s base', {}, { endpoint: 'http://c', url: 'http://u/x' }, 'http://u/x'],
    ['IPv6', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://[::1]:4318' }, {}, 'http://[::1]:4318/v1/logs'],
  ];
  for (const [title, env, options, url] of rows) {
    test(`R7.4 ${title}`, () => {
      const resolved = resolveOtlp(options ?? {}, env);
      assert.deepEqual(resolved.problems, []);
      assert.equal(resolved.otlp.url, url);
    });
  }

  test('R7.4 gRPC’s address of logs becomes the HTTP one of the same collector; a path is kept', () => {
    const url = (endpoint: string): string =>
      resolveOtlp({}, { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc' }).otlp
        .url;
    assert.equal(url('http://c:4317'), 'http://c:4318/v1/logs');
    assert.equal(url('http://c:9999'), 'http://c:9999/v1/logs');
    assert.equal(url('https://c/in'), 'https://c/in');
  });

  test('R7.4 gRPC in a variable leaves an address of code alone', () => {
    const { otlp: resolved, problems } = resolveOtlp(
      { url: 'http://c:4317/' },
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    );
    assert.equal(resolved.url, 'http://c:4317/');
    assert.equal(problems.length, 1);
  });

  test('R7.4 R4.4 credentials leave the URL and become a header, unless there is one', () => {
    const endpoint = 'https://us%40er:p%3Aw@collector/';
    const { otlp: resolved } = resolveOtlp({ endpoint }, {});
    assert.equal(resolved.url, 'https://collector/v1/logs');
    assert.deepEqual(resolved.headers, { authorization: `Basic ${Buffer.from('us@er:p:w').toString('base64')}` });
    const given = resolveOtlp({ endpoint, headers: { Authorization: 'Bearer t' } }, {});
    assert.deepEqual(given.otlp.headers, { authorization: 'Bearer t' });
  });
});
