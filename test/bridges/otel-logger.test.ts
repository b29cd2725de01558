import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SpanlogLoggerProvider } from '../../src/bridges/otel-logger.ts';
import { severityOfText } from '../../src/bridges/severity-of-text.ts';
import { isBalanced } from '../../src/core/ledger.ts';
import { toPlain, ValueMap } from '../../src/core/value.ts';
import { createPolicy } from '../../src/pipeline/redact/policy.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording } from '../support/recording-hub.ts';

interface Bridged extends Recording {
  readonly provider: SpanlogLoggerProvider;
}

function createBridged(): Bridged {
  const recording = createRecordingHub();
  return { ...recording, provider: new SpanlogLoggerProvider(recording.hub) };
}

/** What plain JavaScript passes where the types ask for something else. */
function untyped(value: unknown): never {
  return value as never;
}

function levels(entries: Record<string, number>): Parameters<Recording['hub']['levels']['configure']>[0] {
  return { level: 9, levels: new Map(Object.entries(entries)) };
}

describe('levels of bridged loggers', () => {
  test('R1.5 the default level leaves a bridged logger alone, whose library has a level of its own', () => {
    const { hub, provider, records } = createBridged();
    hub.levels.configure({ level: 17, levels: new Map() });
    const logger = provider.getLogger('pino');
    logger.emit({ body: 'debug', severityNumber: 5 });
    logger.emit({ body: 'trace', severityText: 'silly' });
    hub.getLogger('own').info('own_record');
    assert.deepEqual(
      records.map(({ body }) => body),
      ['debug', 'trace'],
    );
    assert.equal(logger.enabled({ severityNumber: 1 }), true);
  });

  test('R3.7 an override of its name or of a prefix holds, also one that comes later', () => {
    const { hub, provider, records } = createBridged();
    hub.levels.configure(levels({ http: 13 }));
    const logger = provider.getLogger('http.client');
    const other = provider.getLogger('httpd');
    logger.emit({ body: 'quieted', severityNumber: 12 });
    logger.emit({ body: 'warned', severityNumber: 13 });
    other.emit({ body: 'not its prefix', severityNumber: 1 });
    assert.deepEqual([logger.enabled({ severityNumber: 12 }), logger.enabled({ severityNumber: 13 })], [false, true]);

    hub.levels.override('http.client', 5);
    logger.emit({ body: 'louder', severityNumber: 5 });
    hub.levels.override('http.client', 25);
    logger.emit({ body: 'off', severityNumber: 24 });
    assert.equal(logger.enabled(), false);
    assert.deepEqual(
      records.map(({ body }) => body),
      ['warned', 'not its prefix', 'louder'],
    );
  });

  test('R3.7 a custom level passes filters as what its name means, an unknown one as INFO', () => {
    const { hub, provider, records } = createBridged();
    hub.levels.configure(levels({ app: 13 }));
    const logger = provider.getLogger('app');
    for (const severityText of ['silly', 'http', 'notice', 'crit', 'emerg', 'audit']) logger.emit({ severityText });
    assert.deepEqual(
      records.map(({ severity, severityText }) => [severity, severityText]),
      [
        [21, 'crit'],
        [23, 'emerg'],
      ],
    );
    assert.deepEqual([logger.enabled({ severityNumber: 0 }), logger.enabled()], [false, true]);
  });
});

describe('R3.7 severity of a level name', () => {
  const NAMES: readonly (readonly [number, string])[] = [
    [1, 'trace silly finest TRACE Trace'],
    [2, 'input trace2'],
    [4, 'prompt TRACE4'],
    [5, 'debug finer DEBUG'],
    [6, 'verbose fine DEBUG2'],
    [7, 'http config'],
    [9, 'info information informational log INFO'],
    [10, 'notice data success info2'],
    [11, 'help'],
    [13, 'warn warning WARNING'],
    [16, 'WARN4'],
    [17, 'error err severe'],
    [21, 'fatal critical crit'],
    [22, 'alert'],
    [23, 'emerg emergency panic'],
    [24, 'FATAL4'],
    [0, 'audit 30 off __proto__ constructor info5 infos'],
  ];
  for (const [severity, names] of NAMES) {
    test(`${names} is ${severity}`, () => {
      for (const name of names.split(' ')) assert.equal(severityOfText(name), severity, name);
    });
  }

  test('colours and blanks around it do not matter, a long text is none', () => {
    assert.equal(severityOfText('\u001b[1;31merror\u001b[39m'), 17);
    assert.equal(severityOfText(' warn '), 13);
    assert.equal(severityOfText('error'.repeat(10_000)), 0);
    assert.equal(severityOfText(''), 0);
  });
});

describe('what a bridge may get wrong', () => {
  test('R3.7 a severity number that is none is taken from the text', () => {
    const { provider, records } = createBridged();
    const logger = provider.getLogger('app');
    for (const severityNumber of [0, -1, 25, 30, NaN, untyped('17')]) {
      logger.emit({ severityNumber, severityText: 'error' });
    }
    logger.emit({ severityNumber: 17.9 });
    assert.deepEqual(
      records.map(({ severity }) => severity),
      [17, 17, 17, 17, 17, 17, 17],
    );
    assert.equal(records.at(-1)?.severityText, 'ERROR');
  });

  test('R3.7 a time that is none gives way to the observed one, parts of a second are carried', () => {
    const { provider, records } = createBridged();
    const logger = provider.getLogger('app');
    const bad: unknown[] = [
      NaN,
      Infinity,
      -1e15,
      'now',
      {},
      [],
      [1],
      ['1', 2],
      [Infinity, 0],
      [1e18, 0],
      [-5, 0],
      new Date(NaN),
      null,
    ];
    for (const timestamp of bad) logger.emit({ timestamp: untyped(timestamp) });
    for (const { time, observed } of records) assert.deepEqual(time, observed);

    const kept: readonly (readonly [number, number])[] = [
      [1_700_000_000, 999_999_999],
      [1_700_000_000, 1_500_000_000],
      [1_700_000_000, -1],
      [1_700_000_000, 5.7],
    ];
    for (const timestamp of kept) logger.emit({ timestamp: [...timestamp] });
    assert.deepEqual(
      records.slice(bad.length).map(({ time }) => [time.seconds, time.nanos]),
      [
        [1_700_000_000, 999_999_999],
        [1_700_000_001, 500_000_000],
        [1_699_999_999, 999_999_999],
        [1_700_000_000, 5],
      ],
    );
  });

  test('R2.4 a hostile record costs only its own parts and never reaches the caller', () => {
    const { provider, records, account, complaints, attributes } = createBridged();
    const logger = provider.getLogger('app');
    const throwing = (): never => {
      throw new Error('no');
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    logger.emit({
      attributes: { kept: 1 },
      severityNumber: 9,
      get body() {
        return throwing();
      },
    });
    logger.emit({ body: 'context', context: { getValue: throwing, setValue: throwing, deleteValue: throwing } });
    logger.emit({ body: 'no context', context: untyped('text') });
    logger.emit({ body: 'revoked', attributes: revoked.proxy, exception: revoked.proxy });
    logger.emit(untyped(revoked.proxy));
    logger.emit(untyped('only text'));
    logger.emit(untyped(undefined));
    logger.emit(untyped(null));
    logger.emit({
      body: 'getters',
      attributes: {
        get bad() {
          return throwing();
        },
        good: 2,
      },
    });
    assert.deepEqual(
      records.map(({ body }) => body),
      ['[Throws]', 'context', 'no context', 'revoked', '[Throws]', 'only text', null, '[Throws]', 'getters'],
    );
    assert.deepEqual(attributes(0), { kept: 1 });
    assert.deepEqual(attributes(-1), { bad: '[Throws: no]', good: 2 });
    assert.deepEqual(complaints, []);
    assert.equal(account.emitted, 9);
    assert.ok(isBalanced(account.counts()));
  });

  test('R4.2 texts that are no level, and names of loggers, are redacted like everything else', () => {
    const { provider, records } = createBridged();
    const card = '4111 1111 1111 1111';
    const logger = provider.getLogger(`db ${card}`, card, {
      schemaUrl: `https://a:${card}@b/`,
      attributes: { password: 'x', team: 'pay' },
    });
    logger.emit({ severityText: card, eventName: card, body: card });
    assert.ok(!JSON.stringify(records).includes('4111 1111'));
    const attributes = records[0]?.scope.attributes ?? new ValueMap();
    assert.deepEqual([attributes.get('password'), attributes.get('team')], ['[REDACTED:password]', 'pay']);
  });

  test('R2.7 the text of a severity is bounded', () => {
    const { provider, records } = createBridged();
    provider.getLogger('app').emit({ severityText: 'x'.repeat(1e6) });
    assert.equal(records[0]?.severityText.length, 64);
  });
});

describe('loggers of the provider', () => {
  test('R3.7 the same name, version, schema and attributes give the same logger', () => {
    const { hub, provider } = createBridged();
    const logger = provider.getLogger('a', '1', { attributes: { n: 1 } });
    assert.equal(provider.getLogger('a', '1', { attributes: { n: 1 } }), logger);
    const others = [
      provider.getLogger('a', '1'),
      provider.getLogger('a', '2', { attributes: { n: 1 } }),
      provider.getLogger('a', '1', { attributes: { n: 2 } }),
      provider.getLogger('a', '1', { attributes: { n: 1 }, schemaUrl: 'https://example.com/1' }),
    ];
    assert.equal(new Set([logger, ...others]).size, 5);
    assert.equal(hub.scopes.length, 5);
  });

  test('R3.7 whatever is passed as a name gives a logger', () => {
    const { provider, records } = createBridged();
    const odd: unknown[] = [undefined, null, '', 7, {}];
    for (const name of odd) {
      provider.getLogger(untyped(name), untyped(null), untyped(null)).emit({ body: 'here' });
    }
    assert.equal(records.length, odd.length);
  });

  test('R2.7 loggers without end share one scope at last, and their records still arrive', () => {
    const { hub, provider, records } = createBridged();
    for (let i = 0; i < 3_000; i++) provider.getLogger(`request-${i}`).emit({ body: i });
    assert.equal(records.length, 3_000);
    assert.ok(hub.scopes.length <= 1_001, `${hub.scopes.length} scopes`);
    assert.equal(records.at(-1)?.scope.name, 'spanlog.too_many_loggers');
  });

  test('R3.7 a sink that shuts its provider down can not end the logging of the others', () => {
    const { provider } = createBridged();
    assert.equal('shutdown' in provider, false);
  });
});

test('R4.4 a logger from before new rules is judged by them: its scope hides what they hide', () => {
  const before = createRecordingHub();
  const after = createRecordingHub({ policy: createPolicy({ keys: ['tenant'], patterns: { ticket: /ACME-\d+/ } }) });
  const { hub } = before;
  const provider = new SpanlogLoggerProvider(hub);
  const logger = provider.getLogger('app ACME-77', '1', { attributes: { tenant: 'blue', team: 'a' } });
  const plain = provider.getLogger('plain', '1');
  logger.emit({ body: 'first' });
  const { reader, events, attributeLimit } = after.hub.intake;
  const { intake } = hub;
  hub.intake = {
    reader,
    events,
    attributeLimit,
    epoch: intake.epoch + 1,
    admit: () => true,
    submit: (record) => intake.submit(record),
    fail: (error) => intake.fail(error),
  };
  const scopes = hub.scopes.length;
  for (const body of ['second', 'third']) logger.emit({ body });
  plain.emit({ body: 'fourth' });
  hub.levels.override('app [REDACTED:ticket]', 25);
  assert.equal(logger.enabled(), false);

  assert.deepEqual(
    before.records.map(({ scope }) => JSON.stringify([scope.name, scope.version, toPlain(scope.attributes)])),
    [
      '["app ACME-77","1",{"tenant":"blue","team":"a"}]',
      '["app [REDACTED:ticket]","1",{"tenant":"[REDACTED:key]","team":"a"}]',
      '["app [REDACTED:ticket]","1",{"tenant":"[REDACTED:key]","team":"a"}]',
      '["plain","1",{}]',
    ],
  );
  assert.equal(hub.scopes.length, scopes + 1);
});
