import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_READ_LIMITS, ValueReader } from '../../src/core/read-value.ts';
import type { LogRecord } from '../../src/core/record.ts';
import { ValueMap } from '../../src/core/value.ts';
import { SHOW_ALL } from '../../src/core/value-policy.ts';
import { createLineEncoder } from '../../src/encode/line.ts';
import type { LineOptions } from '../../src/encode/line.ts';
import { addException } from '../../src/logger/exception.ts';
import { ACTING, bind, encodeText, INJECTIONS, makeRecord, RESOURCE, SPAN } from './line-records.ts';
import type { RecordParts } from './line-records.ts';

const plain = createLineEncoder({ slot: 0, resource: RESOURCE, colors: false, columns: false });
const HEAD = '2026-03-04T05:06:07.089Z | INFO | checkout | pid=4242 | req=-';
const PROCESS = 'environment=production version=1.4.2 region=eu-1 host=web-1 thread=0';

function line(parts: RecordParts = {}): string {
  return encodeText(plain, makeRecord(parts));
}

/** The part of a line that the application wrote: from after `req=… |` to before the logger. */
function middle(parts: RecordParts): string {
  const written = line(parts);
  assert.ok(written.startsWith(`${HEAD} | `), written);
  return written.slice(HEAD.length + 3, written.indexOf(' logger='));
}

function errorRecord(error: unknown, parts: RecordParts = {}): LogRecord {
  const record = makeRecord({ severity: 17, eventName: 'payment_failed', ...parts });
  addException(record, { reader: new ValueReader(SHOW_ALL, DEFAULT_READ_LIMITS) }, error);
  return record;
}

function withStack(error: Error, stack: string): Error {
  error.stack = stack;
  return error;
}

describe('R7.1 lines for people, golden', () => {
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
          ['note', 'two words'],
          ['gift', true],
          ['coupon', null],
          ['items', [ValueMap.from([['sku', 'A-1']])]],
        ],
      }),
      '2026-03-04T05:06:07.089Z | INFO | checkout | pid=4242 | req=req-7 | order_placed | ' +
        'tenant=acme order=17 total=12.5 note="two words" gift=true coupon=null items=[{"sku":"A-1"}] ' +
        'logger=checkout.payments trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 ' +
        `${PROCESS}\n`,
    );
  });

  test('R7.1 a message outside of everything, of a service that knows little of itself', () => {
    const resource = ValueMap.from([['service.name', 'nightly job']]);
    const encoder = createLineEncoder({ slot: 1, resource, colors: false, columns: false });
    assert.equal(
      encodeText(encoder, makeRecord({ severity: 13, body: 'Disk is "nearly" full' })),
      '2026-03-04T05:06:07.089Z | WARN | "nightly job" | pid=- | req=- | Disk is "nearly" full | ' +
        'logger=checkout.payments thread=0\n',
    );
  });

  test('R7.1 on a terminal there are colours and columns', () => {
    const encoder = createLineEncoder({ slot: 2, resource: RESOURCE, colors: true, columns: true });
    const written = encodeText(encoder, makeRecord({ eventName: 'order_placed', fields: [['order', 17]] }));
    assert.equal(
      written,
      '\u001b[2m2026-03-04T05:06:07.089Z\u001b[0m | \u001b[32mINFO \u001b[0m | checkout | \u001b[2mpid=4242\u001b[0m | ' +
        'req=- | order_placed             | \u001b[36morder\u001b[0m=17 \u001b[2mlogger=checkout.payments\u001b[0m ' +
        `\u001b[2m${PROCESS}\u001b[0m\n`,
    );
    assert.equal(
      written.replace(/\u001b\[[\d;]*m/g, '').replace(/ +\|/g, ' |'),
      line({ eventName: 'order_placed', fields: [['order', 17]] }),
    );
  });

  test('R7.1 every level has its colour, and without colours no line has an escape', () => {
    const seen = new Set<string>();
    for (const severity of [1, 5, 9, 13, 17, 21]) {
      const written = encodeText(
        createLineEncoder({ slot: 3, resource: RESOURCE, colors: true, columns: false }),
        makeRecord({ severity, body: 'x' }),
      );
      seen.add(/\| (\u001b\[[\d;]*m)/.exec(written)?.[1] ?? '');
      assert.doesNotMatch(line({ severity, body: 'x' }), /\u001b/);
    }
    assert.equal(seen.size, 6);
  });

  test('R7.1 an error has its class and message on the line and its stack below', () => {
    const cause = withStack(new RangeError('no route'), 'RangeError: no route\n    at dial (net.js:7:1)');
    const error = withStack(
      new TypeError('gateway is gone', { cause }),
      'TypeError: gateway is gone\n    at charge (pay.js:12:5)\n    at checkout (shop.js:3:9)',
    );
    assert.equal(
      encodeText(plain, errorRecord(error, { fields: [['order', 17]] })),
      '2026-03-04T05:06:07.089Z | ERROR | checkout | pid=4242 | req=- | payment_failed | order=17 ' +
        'exception.type=TypeError exception.message="gateway is gone" logger=checkout.payments ' +
        `${PROCESS}\n` +
        '    at charge (pay.js:12:5)\n' +
        '    at checkout (shop.js:3:9)\n' +
        '  Caused by: RangeError: no route\n' +
        '    at dial (net.js:7:1)\n',
    );
  });

  test('R7.1 an error whose message changed after it was made shows both', () => {
    const error = withStack(new Error('first'), 'Error: first\n    at a (b.js:1:1)');
    error.message = 'second';
    assert.match(encodeText(plain, errorRecord(error)), /exception\.message=second .*\n {2}Error: first\n {4}at a/);
  });

  test('R7.1 an error in a field has its stack below, too', () => {
    const reason = ValueMap.from([
      ['type', 'TypeError'],
      ['message', 'late'],
      ['stack', 'TypeError: late\n    at a (b.js:1:1)'],
      ['code', 'E1'],
    ]);
    const expected = `${HEAD} | settled | reason={"type":"TypeError","message":"late","code":"E1"} logger=checkout.payments ${PROCESS}\n  reason: TypeError: late\n    at a (b.js:1:1)\n`;
    assert.equal(line({ eventName: 'settled', fields: [['reason', reason]] }), expected);
    const bound = bind([['reason', reason]]);
    assert.equal(line({ eventName: 'settled', bound: [bound] }), expected);
  });

  test('R7.1 something thrown that is no error has no block', () => {
    const written = encodeText(plain, errorRecord('just text'));
    assert.match(written, /exception\.message="just text"/);
    assert.equal(written.indexOf('\n'), written.length - 1);
  });
});

describe('columns and values', () => {
  test('values are bare where they read well and quoted where they would not', () => {
    const fields: [string, string][] = [
      ['id', 'ord-123'],
      ['url', 'https://shop.example/cart?id'],
      ['mail', 'a@b.example'],
      ['umlaut', 'Zoë'],
      ['empty', ''],
      ['space', 'a b'],
      ['equals', 'a=b'],
      ['bar', 'a|b'],
      ['quote', 'say "hi"'],
      ['path', 'C:\\x'],
      ['json', '{"a":1}'],
      ['hidden', '[REDACTED:card]'],
      ['key with space', 'x'],
      ['key=sign', 'x'],
    ];
    assert.equal(
      middle({ body: 'm', fields }),
      'm | id=ord-123 url=https://shop.example/cart?id mail=a@b.example umlaut=Zoë empty="" space="a b" equals="a=b" ' +
        'bar="a|b" quote="say \\"hi\\"" path="C:\\\\x" json="{\\"a\\":1}" hidden=[REDACTED:card] "key with space"=x "key=sign"=x',
    );
  });

  test('R2.4 numbers, bytes and unusual values have their forms', () => {
    const fields = [
      ['nan', NaN],
      ['inf', -Infinity],
      ['zero', -0],
      ['big', 2n ** 62n],
      ['bytes', Uint8Array.of(1, 2)],
      ['list', []],
    ] as const;
    assert.equal(
      middle({ body: 'm', fields }),
      'm | nan=NaN inf=-Infinity zero=-0 big=4611686018427387904 bytes="AQI=" list=[]',
    );
  });

  test('a body that is no text, an event with a message, and nothing at all', () => {
    assert.equal(middle({ body: ValueMap.from([['a', 1]]) }), '{"a":1} |');
    assert.equal(middle({ eventName: 'order_placed', body: 'It is placed' }), 'order_placed: It is placed |');
    assert.equal(middle({}), '- |');
  });

  test('fields whose names are ours get an underscore, as on JSON lines', () => {
    assert.equal(
      middle({
        body: 'm',
        fields: [
          ['level', 'fatal'],
          ['trace_id', 'x'],
          ['host', 'y'],
        ],
      }),
      'm | level_=fatal trace_id_=x host_=y',
    );
  });

  test('R2.7 what the limit on attributes left out is counted on the line', () => {
    assert.equal(middle({ body: 'm', droppedAttributes: 2 }), 'm | dropped_attributes=2');
  });

  test('R3.3 bound fields are encoded once', () => {
    const bound = bind([['tenant', 'acme']]);
    line({ bound: [bound] });
    assert.equal(bound.encoded[0], ' tenant=acme');
  });
});

describe('R4.6 injection', () => {
  const encoders: readonly (readonly [string, LineOptions])[] = [
    ['plain', { slot: 4, resource: RESOURCE, colors: false, columns: false }],
    ['coloured', { slot: 5, resource: RESOURCE, colors: true, columns: true }],
  ];
  for (const [kind, options] of encoders) {
    const encoder = createLineEncoder(options);

    /** The line, having checked that it is one line and that the only escapes in it are our colours. */
    const oneLine = (record: LogRecord): string => {
      const written = encodeText(encoder, record);
      assert.ok(written.endsWith('\n'));
      const inside = written.slice(0, -1);
      assert.doesNotMatch(options.colors ? inside.replace(/\u001b\[[\d;]*m/g, '') : inside, ACTING);
      return inside;
    };

    test(`R4.6 no text at any place breaks a line or drives the terminal (${kind})`, () => {
      for (const text of INJECTIONS) {
        oneLine(
          makeRecord({
            body: text,
            logger: text,
            eventName: text,
            spanContext: { ...SPAN, traceId: text },
            fields: [
              [text, text],
              ['request_id', text],
              ['nested', ValueMap.from([[text, [text]]])],
            ],
            bound: [bind([[`bound ${text}`, text]])],
          }),
        );
      }
    });

    test(`R4.6 any record without a stack is one line (${kind})`, () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, text) => {
          oneLine(makeRecord({ body: text, eventName: key, fields: [[key, text]] }));
        }),
        { numRuns: 500 },
      );
    });

    test(`R4.6 the message of an error, of its cause and its stack can not begin a line (${kind})`, () => {
      for (const text of INJECTIONS) {
        const cause = withStack(new Error(text), `Error: ${text}\n    at inner (a.js:1:1)`);
        const error = withStack(
          new Error(`outer ${text}`, { cause }),
          `Error: outer ${text}\n    at outer (b.js:2:2)${text}`,
        );
        const written = encodeText(encoder, errorRecord(error));
        const [first, ...block] = written.slice(0, -1).split('\n');
        const colourless = (part: string): string => part.replace(/\u001b\[[\d;]*m/g, '');
        assert.doesNotMatch(options.colors ? colourless(first ?? '') : (first ?? ''), ACTING);
        for (const part of block) {
          assert.match(colourless(part), /^ {2}(?: {2}at |Caused by: )/);
          assert.doesNotMatch(options.colors ? colourless(part) : part, ACTING);
        }
        assert.equal(block.length, 3);
      }
    });
  }

  test('R4.6 a message can not look like further columns', () => {
    assert.equal(middle({ body: 'done | paid=true' }), '"done | paid=true" |');
    assert.equal(middle({ eventName: 'a | b', body: 'a | b' }), '"a | b" |');
  });

  test('R4.6 escape sequences survive nowhere, also where our colours are', () => {
    const coloured = createLineEncoder({ slot: 6, resource: RESOURCE, colors: true, columns: true });
    const written = encodeText(coloured, makeRecord({ body: '\u001b[31mred', fields: [['\u001b[1mk', '\u001b[0m']] }));
    assert.ok(written.includes('\\u001b[31mred'));
    assert.ok(written.includes('"\\u001b[1mk"'));
    assert.ok(written.includes('"\\u001b[0m"'));
  });
});
