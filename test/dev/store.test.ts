import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore, type LogStore } from '../../src/dev/store.ts';
import { emptyRecord, type LogRecord, type LogsRequest, type ValueMap } from '../../src/dev/otlp-model.ts';

const TRACE = '5b8efff798038103d269b633813fc60c';

describe('the store of received logs', () => {
  let store: LogStore;
  beforeEach(() => {
    store = openStore();
  });
  afterEach(() => store.close());

  test('R11.1 the records of a trace come in the order of their time across services', () => {
    store.insert(request('payment', [{ body: 'third', timeUnixNano: 30n, traceId: TRACE }]));
    store.insert(
      request('checkout', [
        { body: 'fourth', timeUnixNano: 2n ** 64n - 1n, traceId: TRACE },
        { body: 'first', timeUnixNano: 10n, traceId: TRACE },
        { body: 'of another trace', timeUnixNano: 15n, traceId: TRACE.replace('5', '6') },
        { body: 'of none', timeUnixNano: 15n },
      ]),
    );
    store.insert(request('gateway', [{ body: 'second', observedTimeUnixNano: 20n, traceId: TRACE }]));
    assert.deepEqual(
      store.byTrace(TRACE.toUpperCase()).map((record) => [record.service, record.body]),
      [
        ['checkout', 'first'],
        ['gateway', 'second'],
        ['payment', 'third'],
        ['checkout', 'fourth'],
      ],
    );
  });

  test('R11.1 the records of a request come in the order of their time, its id a string or a number', () => {
    store.insert(request('b', [{ body: '2', timeUnixNano: 2n, attributes: map({ request_id: 'req-1' }) }]));
    store.insert(request('a', [{ body: '1', timeUnixNano: 1n, attributes: map({ request_id: 'req-1' }) }]));
    store.insert(request('a', [{ body: 'other', attributes: map({ request_id: 42 }) }]));
    assert.deepEqual(bodies(store.byRequestId('req-1')), ['1', '2']);
    assert.deepEqual(bodies(store.byRequestId('42')), ['other']);
    assert.deepEqual(store.byRequestId('req'), []);
  });

  test('R11.1 a stored record gives back all that was received, with 64-bit times exact', () => {
    const record: LogRecord = {
      timeUnixNano: 1581452773000000789n,
      observedTimeUnixNano: 2n ** 64n - 1n,
      severityNumber: 17,
      severityText: 'ERROR',
      body: 'payment_failed',
      eventName: 'payment_failed',
      traceId: TRACE,
      spanId: 'eee19b7ec3c1b174',
      flags: 257,
      droppedAttributesCount: 3,
      attributes: map({
        request_id: 'req-1',
        text: 'a "quoted"\n\0 text',
        big: 2n ** 63n - 1n,
        ratio: Number.NaN,
        raw: Uint8Array.of(0, 255),
        nested: map({ list: [1, null, true] }),
      }),
    };
    store.insert(request('checkout', [record]));
    const [stored] = store.recent();
    assert.deepEqual(stored, {
      id: 1,
      timeNs: 1581452773000000789n,
      observedNs: 2n ** 64n - 1n,
      severity: 17,
      severityText: 'ERROR',
      service: 'checkout',
      logger: 'test.logger',
      eventName: 'payment_failed',
      body: 'payment_failed',
      traceId: TRACE,
      spanId: 'eee19b7ec3c1b174',
      requestId: 'req-1',
      flags: 257,
      droppedAttributes: 3,
      attributes: {
        request_id: 'req-1',
        text: 'a "quoted"\n\0 text',
        big: '9223372036854775807',
        ratio: 'NaN',
        raw: 'AP8=',
        nested: { list: [1, null, true] },
      },
      resource: { 'service.name': 'checkout', 'host.name': 'h "1"' },
      scope: { name: 'test.logger', version: '1.2.3', attributes: { module: 'm' } },
    });
  });

  test('R11.1 a record that says nothing is stored with nothing in it', () => {
    const bare = { resource: { attributes: map({}), droppedAttributesCount: 0 }, schemaUrl: '' };
    const scope = { name: '', version: '', attributes: map({}), droppedAttributesCount: 0 };
    const scopeLogs = [{ scope, logRecords: [emptyRecord()], schemaUrl: '' }];
    assert.equal(store.insert({ resourceLogs: [{ ...bare, scopeLogs }] }), 1);
    const [stored] = store.recent();
    assert.deepEqual(
      [stored?.service, stored?.body, stored?.eventName, stored?.traceId, stored?.requestId, stored?.timeNs],
      ['unknown_service', '', undefined, undefined, undefined, 0n],
    );
  });

  test('R11.1 a search finds the records with every word, in any case, in body, event or attributes', () => {
    store.insert(
      request('checkout', [
        { body: 'Payment failed', eventName: 'payment_failed', attributes: map({ user_id: 'u-17', path: '/pay/:id' }) },
        { body: 'payment done', attributes: map({ user_id: 'u-18', note: 'said "no" OR NOT -x* (ok)' }) },
        { body: map({ step: 'refund', deep: [map({ reason: 'Zürich' })] }), attributes: map({ mask: '*** 100%' }) },
      ]),
    );
    const found: Record<string, string[]> = {
      payment: ['payment done', 'Payment failed'],
      'PAYMENT fail': ['Payment failed'],
      payment_failed: ['Payment failed'],
      'u-17': ['Payment failed'],
      'user_id=u-18': ['payment done'],
      '/pay/:id': ['Payment failed'],
      '"no" OR': ['payment done'],
      'NOT payment': ['payment done'],
      '(ok) -x*': ['payment done'],
      'said"no': ['payment done'],
      zürich: ['{"step":"refund","deep":[{"reason":"Zürich"}]}'],
      'deep[0].reason=': ['{"step":"refund","deep":[{"reason":"Zürich"}]}'],
      '***': ['{"step":"refund","deep":[{"reason":"Zürich"}]}'],
      '100%': ['{"step":"refund","deep":[{"reason":"Zürich"}]}'],
      '%': ['{"step":"refund","deep":[{"reason":"Zürich"}]}'],
      'payment\0done': ['payment done'],
      'nothing of it': [],
      ' \n': [],
      '"': ['payment done'],
      'body:payment': [],
    };
    for (const [query, expected] of Object.entries(found)) {
      assert.deepEqual(bodies(store.search(query)), expected, query);
    }
    assert.deepEqual(bodies(store.search('payment', { limit: 1 })), ['payment done']);
  });

  test('R11.1 what lies behind a NUL is found, read and scanned like the rest', () => {
    store.insert(request('svc', [{ body: 'a\0hidden', eventName: 'e', attributes: map({ k: 'b\0secret' }) }]));
    for (const query of ['hidden', 'secret']) {
      assert.deepEqual(bodies(store.search(query)), ['a\u2400hidden'], query);
    }
    assert.deepEqual(store.recent()[0]?.attributes, { k: 'b\0secret' });
    assert.match([...store.allText()].join(), /hidden[^]*secret/);
  });

  test('R11.1 recent records come last first, by severity and service', () => {
    for (const [service, severityNumber] of [
      ['a', 9],
      ['b', 17],
      ['a', 13],
      ['a', 0],
    ] as const) {
      store.insert(request(service, [{ body: `${service}${severityNumber}`, severityNumber }]));
    }
    assert.deepEqual(bodies(store.recent()), ['a0', 'a13', 'b17', 'a9']);
    assert.deepEqual(bodies(store.recent({ limit: 2 })), ['a0', 'a13']);
    assert.deepEqual(bodies(store.recent({ minSeverity: 13 })), ['a13', 'b17']);
    assert.deepEqual(bodies(store.recent({ minSeverity: 13, service: 'a' })), ['a13']);
  });

  test('R11.1 records are counted, in all and by service', () => {
    assert.equal(store.count(), 0);
    assert.equal(store.insert(request('a', [{}, {}, {}])), 3);
    assert.equal(store.insert(request('__proto__', [{}])), 1);
    assert.equal(store.insert(request('empty', [])), 0);
    assert.equal(store.count(), 4);
    assert.deepEqual([...store.countByService()].sort(), [
      ['__proto__', 1],
      ['a', 3],
    ]);
  });

  test('R11.1 a scan sees every text as it was written, whatever part of a record it is in', () => {
    const secrets = [
      'pass"word',
      'back\\slash',
      'line\nbreak',
      'nul\0byte',
      'in bytes',
      'in body',
      'in a key',
      'in a scope',
    ];
    const attributes = map({
      a: secrets[0] ?? '',
      b: [map({ c: secrets[1] ?? '' }), secrets[2] ?? ''],
      d: secrets[3] ?? '',
      e: new Uint8Array(Buffer.from(secrets[4] ?? '')),
      'in a key': null,
    });
    const sent = request('svc', [{ body: map({ m: 'in body' }), eventName: 'an.event', attributes }]);
    for (const { scope } of sent.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)) scope.attributes.s = 'in a scope';
    store.insert(sent);
    const text = [...store.allText()].join('\n');
    for (const secret of [
      ...secrets.map((secret) => secret.replace('\0', '\u2400')),
      'an.event',
      'host.name=h "1"',
      'test.logger',
      '1.2.3',
    ]) {
      assert.ok(text.includes(secret), JSON.stringify(secret));
    }
  });

  test('R11.1 a scan goes through more records than it reads at a time, and sees what arrives meanwhile', () => {
    store.insert(
      request(
        'svc',
        Array.from({ length: 1_234 }, (_, index) => ({ body: `record ${index}` })),
      ),
    );
    let seen = 0;
    let late = false;
    for (const text of store.allText()) {
      if (text.startsWith('record ')) seen++;
      if (text === 'late') late = true;
      if (text === 'record 700') store.insert(request('svc', [{ body: 'late' }]));
    }
    assert.equal(seen, 1_234);
    assert.equal(late, true);
  });

  test('R11.1 a request that cannot be stored whole leaves nothing behind, and the store goes on', () => {
    const broken = request('svc', [{ body: 'good' }, { body: 'bad', severityNumber: Number.NaN }]);
    assert.throws(() => store.insert(broken), /NOT NULL/);
    assert.equal(store.count(), 0);
    assert.deepEqual(store.search('good'), []);
    assert.equal(store.insert(request('svc', [{ body: 'good' }])), 1);
    assert.deepEqual(bodies(store.search('good')), ['good']);
  });
});

describe('a store in a file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spanlog-store-'));
    path = join(folder, 'dev.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('R11.1 what was stored is there when the file is opened again, also while it is open elsewhere', () => {
    const writer = openStore(path);
    writer.insert(request('svc', [{ body: 'kept' }]));
    const reader = openStore(path);
    assert.deepEqual(bodies(reader.search('kept')), ['kept']);
    writer.insert(request('svc', [{ body: 'kept too' }]));
    assert.equal(reader.count(), 2);
    reader.close();
    writer.close();
    const again = openStore(path);
    assert.equal(again.insert(request('svc', [{ body: 'new' }])), 1);
    assert.deepEqual(bodies(again.recent()), ['new', 'kept too', 'kept']);
    again.close();
  });

  test("R11.1 a file that is something else's, or a folder that is not there, is refused and left alone", () => {
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    assert.throws(() => openStore(path), /is no log store of this version of spanlog/);
    const check = new DatabaseSync(path);
    assert.deepEqual(check.prepare('SELECT name FROM sqlite_schema').all().length, 1);
    check.close();
    assert.throws(() => openStore(join(folder, 'missing', 'dev.db')), /unable to open database file/);
  });

  test('R11.1 on Node 22.15, whose SQLite has no full-text search, a search scans, and a newer Node indexes that file', () => {
    const node22 = fileURLToPath(new URL('../../node_modules/node-22/bin/node', import.meta.url));
    const source = (name: string): string => JSON.stringify(new URL(`../../src/dev/${name}`, import.meta.url).href);
    const script = `
      import { openStore } from ${source('store.ts')};
      import { decodeLogsRequestJson } from ${source('otlp-json.ts')};
      const store = openStore(${JSON.stringify(path)});
      const scopeLogs = [{ logRecords: [{ body: { stringValue: 'written by an old Node' } }] }];
      const request = decodeLogsRequestJson(Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs }] })));
      let failed = 0;
      try { store.insert({ resourceLogs: [...request.resourceLogs, {}] }); } catch { failed++; }
      store.insert(request);
      console.log(process.version, failed, store.search('OLD ode').length, store.search('old -*').length, store.count());
      store.close();`;
    const child = spawnSync(
      node22,
      ['--no-warnings', '--experimental-strip-types', '--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 30_000 },
    );
    assert.match(child.stdout, /^v22\.\d+\.\d+ 1 1 0 1\n$/, child.stderr);
    const store = openStore(path);
    assert.deepEqual(bodies(store.search('old node')), ['written by an old Node']);
    store.close();
  });
});

function request(service: string, records: Partial<LogRecord>[]): LogsRequest {
  const scope = { name: 'test.logger', version: '1.2.3', attributes: map({ module: 'm' }), droppedAttributesCount: 0 };
  const logRecords = records.map((record) => ({ ...emptyRecord(), ...record }));
  const attributes = map({ 'service.name': service, 'host.name': 'h "1"' });
  const resource = { attributes, droppedAttributesCount: 0 };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords, schemaUrl: '' }], schemaUrl: '' }] };
}

function map(entries: ValueMap): ValueMap {
  return Object.assign(Object.create(null) as ValueMap, entries);
}

function bodies(records: { body: string }[]): string[] {
  return records.map((record) => record.body);
}
