import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import { test } from 'node:test';
import { RecordUids } from '../../src/core/record-uid.ts';
import { SEVERITY } from '../../src/core/level.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

const STACK = 'exception.stacktrace';

class PaymentDeclined extends Error {
  override readonly name = 'Declined';
}
class Legacy extends Error {}
const foreign = (code: string): unknown => runInContext(code, createContext({}));

/** What is thrown, and what the record must say of it. */
const thrown: readonly (readonly [title: string, thrown: unknown, type: string, message: string, code?: string])[] = [
  ['a class of the application', new PaymentDeclined('no funds'), 'PaymentDeclined', 'no funds'],
  ['a class without a name of its own', new Legacy('old'), 'Legacy', 'old'],
  ['a built-in class', new RangeError('too far'), 'RangeError', 'too far'],
  [
    'an error of the system',
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED', errno: -111 }),
    'Error',
    'connect',
    'ECONNREFUSED',
  ],
  ['a number for a code', Object.assign(new Error('pg'), { code: 23505 }), 'Error', 'pg', '23505'],
  ['an abort, whose code is a number for old programs', new DOMException('stop', 'AbortError'), 'AbortError', 'stop'],
  ['undefined', undefined, 'undefined', 'undefined'],
  ['null', null, 'null', 'null'],
  [
    'an error whose name says more than its class',
    Object.assign(new Error('x'), { name: 'AxiosError' }),
    'AxiosError',
    'x',
  ],
  ['several errors', new AggregateError([new Error('a')], 'all failed'), 'AggregateError', 'all failed'],
  ['an error of another realm', foreign('new TypeError("far away")'), 'TypeError', 'far away'],
  ['a text', 'just a text', 'string', 'just a text'],
  ['a number', 404, 'number', '404'],
  ['false', false, 'boolean', 'false'],
  ['an object with a message', { message: 'shaped' }, 'Object', 'shaped'],
  ['an object without', { reason: 'x' }, 'Object', '[Object]'],
  ['an array', ['x'], 'Array', '[Array]'],
  ['a function', () => 1, 'function', '[function]'],
  ['a symbol', Symbol('s'), 'symbol', 'Symbol(s)'],
];

for (const [title, error, type, message, code] of thrown) {
  test(`R6.1 ${title} is told with its class as type, never its code`, () => {
    const { hub, records, attributes } = createRecordingHub({ expectedErrors: [] });
    const log = hub.getLogger('a');
    log.exception(error, 'failed', { n: 1 });
    log.time('failed', { n: 1 }).fail(error);
    // As the third argument, these two say that there is no error.
    if (error !== undefined && error !== null) log.error('failed', { n: 1 }, error);
    for (let i = 0; i < records.length; i++) {
      const rest = attributes(i);
      assert.equal(rest['exception.type'], type);
      assert.equal(rest['exception.message'], message);
      assert.equal(rest['exception.code'], code);
      assert.equal(rest.n, 1);
    }
  });
}

test('R6.1 an error of another realm is one wherever it stands, its causes and inner errors too', () => {
  const { hub, attributes, records } = createRecordingHub();
  const log = hub.getLogger('a');
  const error = foreign(
    'new AggregateError([new Error("inner")], "outer", { cause: new RangeError("behind") })',
  ) as Error;
  log.error(error);
  log.error('failed', error);
  log.error('failed', { err: error });
  log.error('failed', {}, error);
  for (let i = 0; i < 4; i++) {
    assert.equal(attributes(i)['exception.type'], 'AggregateError');
    assert.match(
      String(attributes(i)[STACK]),
      /outer[\s\S]+Caused by: RangeError: behind[\s\S]+One of 1: Error: inner/,
    );
    assert.equal(attributes(i).err, undefined);
  }
  assert.equal(records[0]?.body, 'outer');
});

test('R6.1 what was caught is unknown to the types, and taken as the third argument and by exception', () => {
  const { hub, attributes } = createRecordingHub();
  const log = hub.getLogger('a');
  try {
    JSON.parse('{');
  } catch (error: unknown) {
    log.error('failed', {}, error);
    log.exception(error);
    // @ts-expect-error -- unknown could be anything; in the place of fields it must be known to be an Error
    log.error('failed', error);
  }
  for (const i of [0, 1, 2]) assert.equal(attributes(i)['exception.type'], 'SyntaxError');
});

test('R6.1 what an error says of itself is exception.data: plain values only, redacted and bounded', () => {
  const { hub, attributes } = createRecordingHub({ limits: { valueLength: 100 } });
  const error = Object.assign(new Error('duplicate'), {
    code: '23505',
    table: 'orders',
    status: 409,
    password: 'hunter2',
    detail: 'Key (email)=(ann@example.com) exists',
    query: 'x'.repeat(10_000),
    at: new Date(0),
    config: { headers: { authorization: 'Bearer abc' } },
    request: new Map(),
    retry: () => 1,
  });
  Object.defineProperty(error, 'lazy', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  hub.getLogger('a').error('failed', {}, error);
  const data = attributes(0)['exception.data'] as Record<string, unknown>;
  assert.deepEqual(Object.keys(data), ['table', 'status', 'password', 'detail', 'query', 'at']);
  assert.deepEqual([data.table, data.status, data.at], ['orders', 409, '1970-01-01T00:00:00.000Z']);
  assert.doesNotMatch(JSON.stringify(attributes(0)), /hunter2|ann@example|Bearer abc|x{101}/);

  const many = Object.assign(new Error('many'), Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i])));
  hub.getLogger('a').error('failed', {}, many);
  assert.equal(Object.keys(attributes(1)['exception.data'] as object).length, 16);
  hub.getLogger('a').error('failed', {}, new Error('bare'));
  assert.equal('exception.data' in attributes(2), false);
});

test('R2.1 of several errors in one call one is the exception, and none is lost', () => {
  const { hub, attributes } = createRecordingHub();
  const log = hub.getLogger('errors');
  const [first, second, third] = [new Error('first'), new TypeError('second'), new RangeError('third')];
  const messageOf = (value: unknown): unknown => (value as { message?: unknown } | undefined)?.message;
  const told = (i: number): unknown[] => {
    const { err, error, 'exception.message': message } = attributes(i);
    return [message, messageOf(err), messageOf(error)];
  };
  log.error('failed', { err: first }, second);
  log.error('failed', first, second);
  log.error('failed', { err: first, error: second });
  log.error('failed', { err: first, error: second }, third);
  log.error(first, { err: second });
  log.exception(first, 'failed', { error: second });
  log.error('failed', { err: first, error: first }, first);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((i) => told(i)),
    [
      ['second', undefined, 'first'],
      ['second', undefined, 'first'],
      ['first', undefined, 'second'],
      ['third', 'first', 'second'],
      ['first', undefined, 'second'],
      ['first', undefined, 'second'],
      ['first', undefined, undefined],
    ],
  );
  hub.getLogger('errors').child({ error: 'bound' }).error('failed', { err: first }, second);
  assert.equal(messageOf(attributes(7).error), 'first');
});

test('R6.2 the same error logged again points to the record that carries its stack', () => {
  const { hub, attributes, records } = createRecordingHub({ expectedErrors: [], uids: new RecordUids() });
  const error = new Error('no funds');
  hub.getLogger('payments').error('charge_failed', {}, error);
  hub.getLogger('checkout').error('order_failed', { err: error });
  const [first, second] = [attributes(0), attributes(1)];
  assert.match(String(first[STACK]), /no funds\n +at /);
  assert.equal('exception.first_event' in first, false);
  assert.equal(second[STACK], undefined);
  assert.deepEqual([second['exception.type'], second['exception.message']], ['Error', 'no funds']);
  assert.equal(second['exception.first_event'], 'charge_failed');
  assert.equal(second['exception.first_uid'], first['log.record.uid']);
  const { seconds = 0, nanos = 0 } = records[0]?.observed ?? {};
  const time = String(second['exception.first_time']);
  assert.equal(Date.parse(time), seconds * 1_000 + Math.trunc(nanos / 1_000_000));
  assert.ok(time.endsWith(`${String(nanos).padStart(9, '0')}Z`), time);
});

test('R6.2 without ids of records event and time point to the first', () => {
  const { hub, attributes } = createRecordingHub({ expectedErrors: [] });
  const error = new Error('x');
  for (const event of ['one', 'Two: a sentence', 'three']) hub.getLogger('a').error(event, {}, error);
  assert.equal('exception.first_uid' in attributes(1), false);
  assert.deepEqual(
    [attributes(1), attributes(2)].map((found) => found['exception.first_event']),
    ['one', 'one'],
  );
});

test('R6.2 a first record whose event is a long text is pointed to by the beginning of it', () => {
  const { hub, attributes } = createRecordingHub({ expectedErrors: [] });
  const error = new Error('x');
  const long = 'a long story '.repeat(10_000);
  for (const event of [long, 'again']) hub.getLogger('a').error(event, {}, error);
  const event = String(attributes(1)['exception.first_event']);
  assert.ok(event.length < 200 && event.startsWith('a long story'), event);
});

test('R6.2 a more severe record of the same error carries its stack again, for destinations that take only that', () => {
  const { hub, attributes } = createRecordingHub({ expectedErrors: [] });
  const log = hub.getLogger('a');
  const error = new Error('x');
  log.warn('retrying', {}, error);
  log.error('gave_up', {}, error);
  log.warn('again', {}, error);
  log.fatal('ends', {}, error);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => STACK in attributes(i)),
    [true, true, false, true],
  );
  assert.equal(attributes(2)['exception.first_event'], 'gave_up');
});

test('R6.2 an error that wraps a logged one has its own stack, and points to the other’s', () => {
  const { hub, attributes } = createRecordingHub({ expectedErrors: [] });
  const log = hub.getLogger('a');
  const inner = new Error('socket closed');
  log.error('read_failed', {}, inner);
  log.error('load_failed', {}, new Error('no order', { cause: inner }));
  assert.match(
    String(attributes(1)[STACK]),
    /no order\n +at [\s\S]+Caused by: Error: socket closed \[its stack: read_failed, 2/,
  );
  assert.equal(String(attributes(1)[STACK]).split('Caused by')[1]?.includes('\n'), false);
});

test('R6.2 after a minute the stack is told again', (t) => {
  const { hub, attributes } = createRecordingHub({ expectedErrors: [] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const constant = new Error('thrown time and again');
  for (const at of [0, 60_000, 60_001]) {
    now = at;
    hub.getLogger('a').error('failed', {}, constant);
  }
  assert.deepEqual(
    [0, 1, 2].map((i) => STACK in attributes(i)),
    [true, false, true],
  );
});

test('R6.2 texts that are thrown, and equal errors that are not the same, are each told in full', () => {
  const { hub, attributes } = createRecordingHub({ expectedErrors: [] });
  const log = hub.getLogger('a');
  for (const error of ['text', 'text', new Error('x'), new Error('x')]) log.error('failed', {}, error);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => 'exception.first_event' in attributes(i)),
    [false, false, false, false],
  );
});

class NotFound extends Error {}
class OrderNotFound extends NotFound {}

test('R6.4 an expected error is told without its stack, at INFO, and as expected', () => {
  const { hub, attributes, records } = createRecordingHub({
    expectedErrors: [
      { match: NotFound, severity: SEVERITY.info },
      { match: 'ECONNRESET', severity: SEVERITY.warn },
      { match: 'ValidationError', severity: SEVERITY.debug },
    ],
  });
  const log = hub.getLogger('a');
  log.error('failed', { n: 1 }, new OrderNotFound('o-1'));
  log.exception(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  log.error('failed', {}, new Error('real'));
  log.info('noted', {}, Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  assert.deepEqual(
    records.map(({ severity, severityText }) => [severity, severityText]),
    [
      [9, 'INFO'],
      [13, 'WARN'],
      [17, 'ERROR'],
      [9, 'INFO'],
    ],
  );
  assert.deepEqual(attributes(0), {
    n: 1,
    'exception.type': 'OrderNotFound',
    'exception.message': 'o-1',
    'exception.expected': true,
  });
  assert.deepEqual(
    [1, 2, 3].map((i) => [STACK in attributes(i), attributes(i)['exception.expected']]),
    [
      [false, true],
      [true, undefined],
      [false, true],
    ],
  );
});

test('R6.4 an expected error whose level its logger does not log is not logged, and FATAL stays what it is', () => {
  const { hub, account, records } = createRecordingHub({
    expectedErrors: [{ match: 'Validation', severity: SEVERITY.debug }],
  });
  const log = hub.getLogger('a');
  const error = Object.assign(new Error('bad input'), { name: 'Validation' });
  log.error('failed', {}, error);
  assert.equal(records.length, 0);
  hub.levels.override('a', SEVERITY.debug);
  log.error('failed', {}, error);
  log.fatal('ends', {}, error);
  assert.deepEqual(
    records.map(({ severity }) => severity),
    [5, 21],
  );
  assert.equal(account.delivered, 2);
});

test('R6.4 a class that judges for itself and throws is passed over', () => {
  class Broken extends Error {
    static override [Symbol.hasInstance](): boolean {
      throw new Error('no');
    }
  }
  const { hub, attributes } = createRecordingHub({ expectedErrors: [{ match: Broken, severity: 9 }] });
  hub.getLogger('a').error('failed', {}, new Error('x'));
  assert.equal(STACK in attributes(0), true);
});
