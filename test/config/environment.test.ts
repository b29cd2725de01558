import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Options } from '../../src/config/options.ts';
import type { AuditFileSettings, OtlpSettings, Settings } from '../../src/config/resolved-settings.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { PEM_FOLDER } from './pem-files.ts';
import { policyRows } from './policy-variables.ts';
import { REDACTION_VARIABLES } from './redaction-variables.ts';
import { volumeRows } from './volume-variables.ts';
import type { VariableRow } from './variable-row.ts';

function resolve(env: NodeJS.ProcessEnv, options?: Options): Settings {
  const { settings, problems } = resolveSettings(options, env, { isTty: false });
  assert.deepEqual(problems, []);
  return settings;
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function resolveOtlp(env: NodeJS.ProcessEnv): OtlpSettings {
  const [first] = resolve({ ...ENDPOINT, ...env }).destinations;
  assert.equal(first?.kind, 'otlp');
  return first.otlp;
}

const fixture = (name: string): string => join(PEM_FOLDER, name);

/** A configuration file that says nothing. */
const EMPTY_CONFIG = fixture('empty-config.json');
writeFileSync(EMPTY_CONFIG, '{}');

const rows: readonly VariableRow[] = [
  ['OTEL_SDK_DISABLED', 'TRUE', (settings) => settings.disabled, true],
  ['OTEL_SERVICE_NAME', 'checkout', (settings) => settings.service.name, 'checkout'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'team=a%2Cb, tier = 1', (settings) => settings.resource.values, ['a,b', '1']],
  ['OTEL_LOG_LEVEL', 'error', (settings) => [settings.diagnosticLevel, settings.level], [17, 9]],
  ['OTEL_LOG_LEVEL', 'NONE', (settings) => settings.diagnosticLevel, 25],
  ['OTEL_LOG_LEVEL', 'all', (settings) => settings.diagnosticLevel, 1],
  ['OTEL_LOGS_EXPORTER', 'otlp', (settings) => settings.destinations.map(({ kind }) => kind), ['otlp']],
  [
    'OTEL_LOGS_EXPORTER',
    ' Console , otlp,',
    (settings) => settings.destinations.map(({ kind }) => kind),
    ['json', 'otlp'],
  ],
  ['OTEL_LOGS_EXPORTER', 'none', (settings) => settings.destinations, []],
  ['OTEL_BLRP_SCHEDULE_DELAY', '250', (settings) => settings.limits.batchDelayMs, 250],
  ['OTEL_BLRP_SCHEDULE_DELAY', '0', (settings) => settings.limits.batchDelayMs, 0],
  ['OTEL_BLRP_EXPORT_TIMEOUT', '5000', (settings) => settings.limits.flushTimeoutMs, 5_000],
  ['OTEL_BLRP_EXPORT_TIMEOUT', '0', (settings) => settings.limits.flushTimeoutMs, 2 ** 31 - 1],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '4096', (settings) => settings.limits.queueRecords, 4_096],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '100', (settings) => settings.limits.batchRecords, 100],
  ['OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', '64', (settings) => settings.limits.batchRecords, 64],
  ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', '10', (settings) => settings.limits.attributeCount, 10],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', '20', (settings) => settings.limits.attributeCount, 20],
  ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', '100', (settings) => settings.limits.valueLength, 100],
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '200', (settings) => settings.limits.valueLength, 200],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'none', (settings) => [...settings.resourceDetectors], []],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'env,host', (settings) => [...settings.resourceDetectors], ['host']],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'serviceinstance', (settings) => [...settings.resourceDetectors], ['service']],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'aws,process', (settings) => [...settings.resourceDetectors], ['process']],
  ['NODE_ENV', 'staging', (settings) => settings.service.environment, 'staging'],
  ['NODE_APP_INSTANCE', '3', (settings) => settings.service.worker, '3'],
  ['SPANLOG_LEVEL', 'WARNING', (settings) => settings.level, 13],
  [
    'SPANLOG_LEVELS',
    'checkout=debug, http = warn',
    (settings) => [...settings.levels],
    [
      ['checkout', 5],
      ['http', 13],
    ],
  ],
  ['SPANLOG_LEVEL_SIGNAL', 'sigusr2', (settings) => settings.levelSignal, 'SIGUSR2'],
  ['SPANLOG_LEVEL_SIGNAL_FOR_MS', '60000', (settings) => settings.levelSignalForMs, 60_000],
  ['SPANLOG_CONFIG_FILE', EMPTY_CONFIG, (settings) => settings.configFile, EMPTY_CONFIG],
  ['SPANLOG_PROPAGATE_HOSTS', 'Api.internal., *.b', (settings) => settings.propagate.hosts, ['api.internal', '*.b']],
  [
    'SPANLOG_EXPECTED_ERRORS',
    'NotFoundError, ECONNRESET = debug',
    (settings) => settings.expectedErrors,
    [
      { match: 'NotFoundError', severity: 9 },
      { match: 'ECONNRESET', severity: 5 },
    ],
  ],
  ['SPANLOG_BAGGAGE', 'tenant, plan', (settings) => settings.baggage, ['tenant', 'plan']],
  ['SPANLOG_STRICT', 'true', (settings) => settings.strict, true],
  ...REDACTION_VARIABLES,
  [
    'SPANLOG_AUDIT_EVENTS',
    'user_deleted, role_granted',
    (settings) => settings.audit.events,
    ['user_deleted', 'role_granted'],
  ],
  [
    'SPANLOG_AUDIT_KEY',
    `b:${'s'.repeat(22)}, a:${'t'.repeat(22)}`,
    (settings) => settings.audit.key,
    { id: 'b', secret: 's'.repeat(22) },
  ],
  ['SPANLOG_AUDIT_LOGGERS', 'audit', (settings) => settings.audit.loggers, ['audit']],
  ...policyRows(),
  ...volumeRows(),
  ['SPANLOG_DESTINATIONS', 'pretty', (settings) => settings.destinations.map(({ kind }) => kind), ['pretty']],
  ['SPANLOG_FORMAT', 'PRETTY', (settings) => settings.destinations.map(({ kind }) => kind), ['pretty']],
  ['SPANLOG_TAKE_OVER_GLOBALS', 'true', (settings) => settings.takeOverGlobals, true],
  ['SPANLOG_WARNINGS', 'false', (settings) => settings.warnings, false],
  ['SPANLOG_LIMITS_DEPTH', '8', (settings) => settings.limits.depth, 8],
  ['SPANLOG_LIMITS_ENTRIES', '8', (settings) => settings.limits.entries, 8],
  ['SPANLOG_LIMITS_NODES', '8', (settings) => settings.limits.nodes, 8],
  ['SPANLOG_LIMITS_RECORD_TEXT', '8', (settings) => settings.limits.recordText, 8],
  ['SPANLOG_LIMITS_QUEUE_BYTES', '8388608', (settings) => settings.limits.queueBytes, 8_388_608],
  ['SPANLOG_LIMITS_BATCH_BYTES', '8', (settings) => settings.limits.batchBytes, 8],
  ['SPANLOG_LIMITS_EXIT_TIMEOUT_MS', '0', (settings) => settings.limits.exitTimeoutMs, 0],
  ['SPANLOG_LIMITS_DRAIN_BYTES_PER_SECOND', '65536', (settings) => settings.limits.drainBytesPerSecond, 65_536],
  ['SPANLOG_DURABILITY', 'Disk', (settings) => settings.durability, 'disk'],
  ['SPANLOG_DURABILITY', 'sync', (settings) => settings.recordUid, true],
  ['SPANLOG_ON_FULL', 'drop-oldest', (settings) => settings.onFull, 'drop-oldest'],
  ['SPANLOG_ON_FULL', 'spill', (settings) => settings.recordUid, true],
  ['SPANLOG_RECORD_UID', 'true', (settings) => settings.recordUid, true],
  ['SPANLOG_SPOOL_DIRECTORY', '/var/spool/app', (settings) => settings.spool.directory, '/var/spool/app'],
  ['SPANLOG_SPOOL_DIRECTORY', 'spool', (settings) => settings.spool.directory, join(process.cwd(), 'spool')],
  ['SPANLOG_SPOOL_MAX_BYTES', '1048576', (settings) => settings.spool.maxBytes, 1_048_576],
  ['SPANLOG_SPOOL_MAX_AGE_MS', '60000', (settings) => settings.spool.maxAgeMs, 60_000],
  ['SPANLOG_SPOOL_FSYNC', 'always', (settings) => settings.spool.fsync, 'always'],
  ['SPANLOG_SPOOL_WINDOW_MS', '10', (settings) => settings.spool.windowMs, 10],
];

/** The same for an audit file. */
const auditRows: readonly (readonly [variable: string, text: string, expected: Partial<AuditFileSettings>])[] = [
  ['SPANLOG_AUDIT_FILE_PATH', 'logs/audit.jsonl', { path: join(process.cwd(), 'logs', 'audit.jsonl') }],
  ['SPANLOG_AUDIT_FILE_FSYNC', 'Interval', { fsync: 'interval' }],
  ['SPANLOG_AUDIT_FILE_MAX_BYTES', '65536', { maxBytes: 65_536 }],
];

/** The same for what one OTLP destination gets. */
type OtlpRow = readonly [variable: string, text: string, read: (otlp: OtlpSettings) => unknown, expected: unknown];

const pem = (name: string): Buffer => readFileSync(fixture(name));
const certificate = fixture('test-client.cert.pem');
const key = fixture('test-client.key.pem');

const otlpRows: readonly OtlpRow[] = [
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://c/base', (otlp) => otlp.url, 'https://c/base/v1/logs'],
  ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'https://c/custom', (otlp) => otlp.url, 'https://c/custom'],
  ...both('PROTOCOL', 'http/json', (otlp) => otlp.protocol, 'http/json'),
  ...both('HEADERS', 'api-key=a%20b,X-Two=b==', (otlp) => otlp.headers, { 'api-key': 'a b', 'x-two': 'b==' }),
  ...both('COMPRESSION', 'gzip', (otlp) => otlp.compression, 'gzip'),
  ...both('TIMEOUT', '2500', (otlp) => otlp.timeoutMs, 2_500),
  ...both('TIMEOUT', '0', (otlp) => otlp.timeoutMs, 2 ** 31 - 1),
  ...both('CERTIFICATE', certificate, (otlp) => otlp.tls.ca, pem('test-client.cert.pem')),
];

function both(name: string, text: string, read: OtlpRow[2], expected: unknown): readonly OtlpRow[] {
  return [
    [`OTEL_EXPORTER_OTLP_${name}`, text, read, expected],
    [`OTEL_EXPORTER_OTLP_LOGS_${name}`, text, read, expected],
  ];
}

describe('R7.4 R10.2 variables', () => {
  for (const [variable, text, read, expected] of rows) {
    test(`R10.2 ${variable}=${text} takes effect`, () => {
      assert.deepEqual(read(resolve({ [variable]: text })), expected);
      assert.notDeepEqual(read(resolve({})), expected, 'the default alone would pass as well');
    });
  }

  for (const [variable, text, expected] of auditRows) {
    test(`R12.2 ${variable}=${text} takes effect`, () => {
      const file = (env: NodeJS.ProcessEnv): Partial<AuditFileSettings> => {
        const least = { SPANLOG_AUDIT_FILE_PATH: '/audit.jsonl', SPANLOG_AUDIT_LOGGERS: 'audit' };
        const found = resolve({ ...least, ...env }).destinations.at(-1);
        return found?.kind === 'audit' ? found.file : {};
      };
      assert.deepEqual({ ...file({ [variable]: text }), ...expected }, file({ [variable]: text }));
      assert.notDeepEqual({ ...file({}), ...expected }, file({}), 'the default alone would pass as well');
    });
  }

  for (const [variable, text, read, expected] of otlpRows) {
    test(`R7.4 ${variable}=${text.startsWith('/') ? '<file>' : text} takes effect`, () => {
      assert.deepEqual(read(resolveOtlp({ [variable]: text })), expected);
      assert.notDeepEqual(read(resolveOtlp({})), expected, 'the default alone would pass as well');
    });
  }

  for (const infix of ['', 'LOGS_']) {
    test(`R7.4 OTEL_EXPORTER_OTLP_${infix}CLIENT_CERTIFICATE and _CLIENT_KEY take effect together`, () => {
      const { tls } = resolveOtlp({
        [`OTEL_EXPORTER_OTLP_${infix}CLIENT_CERTIFICATE`]: certificate,
        [`OTEL_EXPORTER_OTLP_${infix}CLIENT_KEY`]: key,
      });
      assert.deepEqual([tls.cert, tls.key], [pem('test-client.cert.pem'), pem('test-client.key.pem')]);
    });

    test(`R7.4 OTEL_EXPORTER_OTLP_${infix}INSECURE decides for gRPC addresses without a scheme`, () => {
      const url = (insecure: string): unknown => {
        const { settings } = resolveSettings(
          undefined,
          {
            OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
            OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
            [`OTEL_EXPORTER_OTLP_${infix}INSECURE`]: insecure,
          },
          { isTty: false },
        );
        return settings.destinations.map((destination) => destination.kind === 'otlp' && destination.otlp.url);
      };
      assert.deepEqual(url('true'), ['http://collector:4318/v1/logs']);
      assert.deepEqual(url(''), ['https://collector:4318/v1/logs']);
    });
  }

  test('R10.2 FORCE_COLOR and NO_COLOR decide on colours, the former first, and code before both', () => {
    const colors = (env: NodeJS.ProcessEnv, isTty: boolean, options: Options = {}): unknown =>
      resolveSettings({ format: 'pretty', ...options }, env, { isTty }).settings.destinations.map(
        (destination) => destination.kind === 'pretty' && destination.text.colors,
      );
    assert.deepEqual(colors({}, true), [true]);
    assert.deepEqual(colors({}, false), [false]);
    assert.deepEqual(colors({ TERM: 'dumb' }, true), [false]);
    assert.deepEqual(colors({ NO_COLOR: '1' }, true), [false]);
    assert.deepEqual(colors({ NO_COLOR: '' }, true), [true]);
    assert.deepEqual(colors({ FORCE_COLOR: '1' }, false), [true]);
    assert.deepEqual(colors({ FORCE_COLOR: '0' }, true), [false]);
    assert.deepEqual(colors({ FORCE_COLOR: '1', NO_COLOR: '1' }, false), [true]);
    const explicit: Options = { destinations: [{ kind: 'pretty', options: { colors: false } }] };
    assert.deepEqual(colors({ FORCE_COLOR: '1' }, true, explicit), [false]);
  });

  test('R10.2 no variable of the table is without a test', () => {
    const tested = new Set([...rows, ...auditRows, ...otlpRows].map(([variable]) => variable));
    for (const infix of ['', 'LOGS_']) {
      for (const name of ['CLIENT_CERTIFICATE', 'CLIENT_KEY', 'INSECURE']) {
        tested.add(`OTEL_EXPORTER_OTLP_${infix}${name}`);
      }
    }
    tested.add('FORCE_COLOR').add('NO_COLOR');
    const all = Object.values(SETTINGS).flatMap((row) => row.env.map((source) => source.split(' ')[0] ?? ''));
    assert.deepEqual(
      all.filter((variable) => !tested.has(variable)),
      [],
    );
  });

  test('R10.2 our own variables are named after the path of their setting', () => {
    const own = Object.entries(SETTINGS).flatMap(([path, row]) =>
      row.env.filter((variable) => variable.startsWith('SPANLOG_')).map((variable) => [path, variable]),
    );
    assert.ok(own.length > 15);
    for (const [path = '', variable] of own) {
      const name = path.replaceAll('.', '_').replace(/[A-Z]/g, (letter) => `_${letter}`);
      assert.equal(variable, `SPANLOG_${name.toUpperCase()}`);
    }
  });
});

describe('R10.2 precedence', () => {
  test('R10.2 code wins over the variable, the variable over the default', () => {
    assert.equal(resolve({}).level, 9);
    assert.equal(resolve({ SPANLOG_LEVEL: 'warn' }).level, 13);
    assert.equal(resolve({ SPANLOG_LEVEL: 'warn' }, { level: 'debug' }).level, 5);
  });

  test('R10.2 an empty variable counts as unset, blanks too', () => {
    assert.equal(resolve({ SPANLOG_LEVEL: '' }).level, 9);
    assert.equal(resolve({ SPANLOG_LEVEL: '  ' }).level, 9);
    assert.equal(
      resolve({ OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' }).service.name,
      'shop',
    );
  });

  test('R10.2 undefined in code counts as not given', () => {
    const options: Record<string, undefined> = { level: undefined };
    assert.equal(resolve({ SPANLOG_LEVEL: 'warn' }, options as Options).level, 13);
  });

  test('R10.2 of several variables the first that is set wins, also when a later one is wrong', () => {
    const env = { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '1', OTEL_ATTRIBUTE_COUNT_LIMIT: 'many' };
    assert.equal(resolve(env).limits.attributeCount, 1);
  });

  test('R10.2 a wrong variable gives way to the more general one', () => {
    const env = { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: 'many', OTEL_ATTRIBUTE_COUNT_LIMIT: '7' };
    const { settings, problems } = resolveSettings(undefined, env, { isTty: false });
    assert.equal(settings.limits.attributeCount, 7);
    assert.equal(problems.length, 1);
  });

  test('R10.2 the service’s name: code, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES', () => {
    const env = { OTEL_SERVICE_NAME: 'by-name', OTEL_RESOURCE_ATTRIBUTES: 'service.name=by-attribute' };
    assert.equal(resolve(env).service.name, 'by-name');
    assert.equal(resolve({ OTEL_RESOURCE_ATTRIBUTES: env.OTEL_RESOURCE_ATTRIBUTES }).service.name, 'by-attribute');
    assert.equal(resolve(env, { service: { name: 'by-code' } }).service.name, 'by-code');
    assert.equal(resolve(env, { resource: { 'service.name': 'by-resource' } }).service.name, 'by-resource');
  });

  test('R10.2 the environment: code, OTEL_RESOURCE_ATTRIBUTES under its new and old name, NODE_ENV', () => {
    const NODE_ENV = 'production';
    const attributes = 'deployment.environment.name=staging,deployment.environment=old';
    assert.equal(resolve({ NODE_ENV }).service.environment, 'production');
    assert.equal(
      resolve({ NODE_ENV, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=old' }).service.environment,
      'old',
    );
    assert.equal(resolve({ NODE_ENV, OTEL_RESOURCE_ATTRIBUTES: attributes }).service.environment, 'staging');
    assert.equal(
      resolve({ NODE_ENV, OTEL_RESOURCE_ATTRIBUTES: attributes }, { service: { environment: 'qa' } }).service
        .environment,
      'qa',
    );
  });

  test('R10.2 attributes of code and variable are merged, code wins', () => {
    const { resource } = resolve({ OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=2' }, { resource: { b: 3, c: true } });
    assert.deepEqual(
      [resource.keys, resource.values],
      [
        ['a', 'b', 'c'],
        ['1', 3, true],
      ],
    );
  });

  test('R10.2 redaction lists of code and variable are joined: nothing that one of them hides is shown', () => {
    const { redact } = resolve({ SPANLOG_REDACT_KEYS: 'pin,badge' }, { redact: { keys: ['badge', 'staff_no'] } });
    assert.deepEqual(redact !== false && redact.keys, ['pin', 'badge', 'staff_no']);
  });

  test('R10.2 headers are merged without regard to case: code, logs, general', () => {
    const { settings } = resolveSettings(
      { destinations: [{ kind: 'otlp', options: { headers: { A: 'code' } } }] },
      { OTEL_EXPORTER_OTLP_HEADERS: 'a=general,b=general,c=general', OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=logs,B=logs' },
      { isTty: false },
    );
    const [first] = settings.destinations;
    assert.deepEqual(first?.kind === 'otlp' && first.otlp.headers, { a: 'code', b: 'logs', c: 'general' });
  });

  test('R10.2 Kubernetes’ variables of a service that is called spanlog are no mistakes', () => {
    resolve({
      SPANLOG_PORT: 'tcp://10.0.0.1:4318',
      SPANLOG_SERVICE_HOST: '10.0.0.1',
      SPANLOG_PORT_4318_TCP_ADDR: '10.0.0.1',
    });
  });
});

describe('R1.1 levels in settings', () => {
  const spellings: readonly (readonly [string | number, number])[] = [
    ['trace', 1],
    ['DEBUG', 5],
    ['Info', 9],
    ['warn', 13],
    ['WARNING', 13],
    ['error', 17],
    ['fatal', 21],
    ['Critical', 21],
    [' info ', 9],
    [10, 10],
    ['24', 24],
    ['off', 25],
  ];
  for (const [spelling, severity] of spellings) {
    test(`R1.1 ${JSON.stringify(spelling)} means severity number ${severity}, in code and in variables`, () => {
      assert.equal(resolve({}, { level: spelling as 'info' }).level, severity);
      assert.equal(resolve({ SPANLOG_LEVEL: String(spelling) }).level, severity);
      assert.equal(resolve({}, { levels: { a: spelling as 'info' } }).levels.get('a'), severity);
    });
  }

  test('R1.2 R1.4 a variable adds prefixes to those of code, which win where both name one', () => {
    const { levels } = resolve(
      { SPANLOG_LEVELS: 'http=warn,checkout.payments=error' },
      { levels: { 'checkout.payments': 'trace' } },
    );
    assert.deepEqual(Object.fromEntries(levels), { http: 13, 'checkout.payments': 1 });
  });
});
