import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DROPPED, ValueMap, Varied } from '../../src/core/value.ts';
import { createJsonLineEncoder } from '../../src/encode/json-line.ts';
import { createLineEncoder } from '../../src/encode/line.ts';
import { ACTING, bind, encodeText, INJECTIONS, makeRecord, RESOURCE, SPAN } from './line-records.ts';
import type { RecordParts } from './line-records.ts';

const encoder = createJsonLineEncoder({ slot: 0, resource: RESOURCE });

function line(parts: RecordParts = {}): string {
  return encodeText(encoder, makeRecord(parts));
}

function parsed(parts: RecordParts = {}): Record<string, unknown> {
  return JSON.parse(line(parts)) as Record<string, unknown>;
}

/** Fields that stand on every line, whatever was logged. */
const STABLE = [
  'time',
  'level',
  'service',
  'logger',
  'request_id',
  'trace_id',
  'span_id',
  'environment',
  'version',
  'region',
  'host',
  'pid',
  'thread',
  'worker',
];

describe('R7.1 JSON lines, golden', () => {
  test('R7.1 an event inside a request and a trace', () => {
    assert.equal(
      line({
        eventName: 'order_placed',
        spanContext: SPAN,
        bound: [
          bind([
            ['request_id', 'req-7'],
            ['tenant', 'acme'],
          ]),
        ],
        fields: [
          ['order', 17],
          ['total', 12.5],
          ['items', [ValueMap.from([['sku', 'A-1']])]],
        ],
      }),
      '{"time":"2026-03-04T05:06:07.089123456Z","level":"INFO","service":"checkout","logger":"checkout.payments",' +
        '"event":"order_placed","request_id":"req-7","trace_id":"0af7651916cd43dd8448eb211c80319c",' +
        '"span_id":"b7ad6b7169203331","trace_flags":"01","tenant":"acme","order":17,"total":12.5,' +
        '"items":[{"sku":"A-1"}],"environment":"production","version":"1.4.2","region":"eu-1","host":"web-1",' +
        '"pid":4242,"thread":0,"worker":"-"}\n',
    );
  });

  test('R7.1 a message outside of everything, of a service that knows little of itself', () => {
    const bare = createJsonLineEncoder({ slot: 1, resource: ValueMap.from([['service.name', 'job']]) });
    assert.equal(
      encodeText(bare, makeRecord({ severity: 13, body: 'Disk is "nearly" full' })),
      '{"time":"2026-03-04T05:06:07.089123456Z","level":"WARN","service":"job","logger":"checkout.payments",' +
        '"message":"Disk is \\"nearly\\" full","request_id":"-","trace_id":"-","span_id":"-",' +
        '"environment":"-","version":"-","region":"-","host":"-","pid":"-","thread":0,"worker":"-"}\n',
    );
  });
});

describe('R2.5 the stable fields', () => {
  test('R2.5 stand on every line, in one order', () => {
    const all: RecordParts[] = [
      {},
      { eventName: 'a', spanContext: SPAN, fields: [['request_id', 'r']] },
      { body: 'text', severity: 21 },
      { body: ValueMap.from([['a', 1]]), logger: '' },
    ];
    for (const parts of all) {
      const names = Object.keys(parsed(parts)).filter((name) => STABLE.includes(name));
      assert.deepEqual(names, STABLE);
    }
  });

  test('R2.5 a worker thread and a cluster worker are named', () => {
    const resource = ValueMap.from([
      ['thread.id', 3],
      ['worker.id', 'blue-1'],
    ]);
    const { thread, worker } = JSON.parse(
      encodeText(createJsonLineEncoder({ slot: 2, resource }), makeRecord()),
    ) as Record<string, unknown>;
    assert.deepEqual([thread, worker], [3, 'blue-1']);
  });

  test('R1.1 levels are the names of the severity numbers, and a bridge’s own name is kept beside them', () => {
    assert.equal(parsed({ severity: 10 }).level, 'INFO2');
    assert.equal(parsed({ severity: 0 }).level, 'INFO');
    const notice = parsed({ severity: 10, severityText: 'notice' });
    assert.deepEqual([notice.level, notice.severity_text], ['INFO2', 'notice']);
    assert.equal(parsed({ severity: 9, severityText: 'info' }).severity_text, undefined);
  });

  test('R2.6 times have nine digits, and one that is no time is replaced by when it was observed', () => {
    assert.equal(parsed({ seconds: 1_772_600_768, nanos: 5 }).time, '2026-03-04T05:06:08.000000005Z');
    for (const seconds of [NaN, Infinity, -1, 1.5, 1e300]) {
      assert.equal(parsed({ seconds }).time, '2026-03-04T05:06:07.089123456Z');
    }
  });

  test('R3.2 a request id may be a number; what can not be one stays a field', () => {
    assert.equal(parsed({ fields: [['request_id', 5]] }).request_id, '5');
    const odd = parsed({ fields: [['request_id', ValueMap.from([['a', 1]])]] });
    assert.deepEqual([odd.request_id, odd.request_id_], ['-', { a: 1 }]);
  });

  test('R2.7 what the limit on attributes left out is counted on the line', () => {
    assert.equal(parsed({ droppedAttributes: 3 }).dropped_attributes, 3);
  });
});

describe('what happened', () => {
  test('R2.1 an event has its name, a message its text, and both are there where they differ', () => {
    const said = (parts: RecordParts): unknown[] => {
      const { event, message, body } = parsed(parts);
      return [event, message, body];
    };
    assert.deepEqual(said({ eventName: 'a' }), ['a', undefined, undefined]);
    assert.deepEqual(said({ body: 'Hello you' }), [undefined, 'Hello you', undefined]);
    assert.deepEqual(said({ eventName: 'a', body: 'Hello you' }), ['a', 'Hello you', undefined]);
    assert.deepEqual(said({ body: ValueMap.from([['a', 1]]) }), [undefined, undefined, { a: 1 }]);
    assert.deepEqual(said({ body: 5 }), [undefined, undefined, 5]);
    assert.deepEqual(said({}), [undefined, '', undefined]);
  });
});

describe('fields of the application', () => {
  test('fields whose names are ours get an underscore and overwrite nothing', () => {
    const value = parsed({
      body: 'x',
      fields: [
        ['level', 'fatal'],
        ['time', 'never'],
        ['trace_id', 'forged'],
        ['pid', 1],
        ['level_', 'second'],
        ['user_', 'kept as it is'],
      ],
    });
    assert.equal(value.level, 'INFO');
    assert.equal(value.trace_id, '-');
    assert.deepEqual(
      [value.level_, value.time_, value.trace_id_, value.pid_, value.level__, value.user_],
      ['fatal', 'never', 'forged', 1, 'second', 'kept as it is'],
    );
  });

  test('R2.4 no two fields of a line share a name, whatever the application calls its own', () => {
    const name = fc
      .tuple(fc.constantFrom(...STABLE, 'event', 'message', 'body', 'x', '__proto__', ''), fc.nat(3))
      .map(([base, underscores]) => base + '_'.repeat(underscores));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
        const fields = names.map((key, i) => [key, i] as const);
        const keys = [...line({ body: 'x', fields }).matchAll(/[{,]"([^"]*)":/g)].map(([, key]) => key);
        assert.equal(new Set(keys).size, keys.length, keys.join(' '));
      }),
    );
  });

  test('R3.3 bound fields are encoded once', () => {
    const bound = bind([['tenant', 'acme']]);
    line({ bound: [bound] });
    assert.equal(bound.encoded[0], ',"tenant":"acme"');
    bound.encoded[0] = ',"tenant":"from the cache"';
    assert.equal(parsed({ bound: [bound] }).tenant, 'from the cache');
  });
});

describe('R4.6 injection', () => {
  test('R4.6 no text at any place breaks the line or reaches a terminal', () => {
    for (const text of INJECTIONS) {
      const written = line({
        body: text,
        logger: text,
        eventName: 'e',
        severityText: text,
        fields: [
          [text, text],
          ['request_id', text],
          ['nested', ValueMap.from([[text, [text]]])],
          ['exception.stacktrace', text],
        ],
        bound: [bind([[`bound ${text}`, text]])],
      });
      assert.ok(written.endsWith('}\n'));
      assert.doesNotMatch(written.slice(0, -1), ACTING);
      const value = JSON.parse(written) as Record<string, unknown>;
      assert.equal(value.message, text);
      assert.equal(value[text], text);
      assert.equal(value['exception.stacktrace'], text);
    }
  });

  test('R4.6 any record is one line of valid JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, text) => {
        const written = line({ body: text, fields: [[key, text]] });
        assert.equal(written.indexOf('\n'), written.length - 1);
        assert.equal((JSON.parse(written) as Record<string, unknown>).message, text.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });
});

test('R4.3 the id of a request that is classified stands on the line as its destination sees it', () => {
  const varied = new Varied(['[REDACTED:pii]', 'req-8', DROPPED], '[REDACTED:pii]');
  const record = makeRecord({ fields: [['request_id', varied]] });
  const shown = [0, 1, 2].map((index) => {
    const view = { index, drops: true };
    const text = encodeText(createJsonLineEncoder({ slot: 0, resource: RESOURCE, view }), record);
    const pretty = encodeText(
      createLineEncoder({ slot: 1, resource: RESOURCE, colors: false, columns: false, view }),
      record,
    );
    return [(JSON.parse(text) as { request_id: string }).request_id, /req="?([^"|]*?)"? \|/.exec(pretty)?.[1]];
  });
  assert.deepEqual(shown, [
    ['[REDACTED:pii]', '[REDACTED:pii]'],
    ['req-8', 'req-8'],
    ['-', '-'],
  ]);
});
