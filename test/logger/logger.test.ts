import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBalanced } from '../../src/core/ledger.ts';
import type { Level } from '../../src/core/level.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

test('R2.1 an identifier-like first argument is the event: it becomes EventName and body', () => {
  const { hub, records, attributes } = createRecordingHub();
  hub.getLogger('checkout').info('payment_failed', { order_id: 'o-1', amount: 12.5, retry: false });
  assert.deepEqual(
    records.map(({ eventName, body }) => [eventName, body]),
    [['payment_failed', 'payment_failed']],
  );
  assert.deepEqual(attributes(0), { order_id: 'o-1', amount: 12.5, retry: false });
});

test('R2.1 any other first argument is a message: body only', () => {
  const { hub, records } = createRecordingHub();
  const log = hub.getLogger('checkout');
  const messages = ['payment failed', '1st', '', `e${'x'.repeat(64)}`, 'zahlung_fehlgeschlagen!', 'a\nb'];
  for (const message of messages) log.info(message);
  assert.deepEqual(
    records.map(({ eventName, body }) => [eventName, body]),
    messages.map((message) => ['', message]),
  );
  log.info(`e${'x'.repeat(63)}`);
  assert.equal(records.at(-1)?.eventName.length, 64);
});

test('R1.6 a disabled call makes no record and does not call its thunk', () => {
  const { hub, records, account } = createRecordingHub();
  const log = hub.getLogger('quiet');
  let called = 0;
  log.debug('cache_state', () => {
    called++;
    return {};
  });
  assert.equal(called, 0);
  assert.equal(records.length, 0);
  assert.equal(account.emitted, 0);
  assert.equal(log.isEnabled('debug'), false);
  assert.equal(log.isEnabled('info'), true);
});

test('R1.6 a thunk runs once when its record is kept; one that throws costs only its fields', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('lazy');
  log.info('ready', () => ({ port: 8080 }));
  assert.deepEqual(attributes(0), { port: 8080 });
  log.info('ready', () => {
    throw new Error('no port');
  });
  assert.equal(records[1]?.eventName, 'ready');
  assert.match(String(attributes(1)['spanlog.problem']), /threw: no port/);
});

test('R1.2 an empty name is refused with the fix', () => {
  const { hub } = createRecordingHub();
  for (const name of ['', '  ', undefined, 7]) {
    assert.throws(() => hub.getLogger(name as string), /give each module its own/);
  }
});

test('R1.2 the longest prefix decides a level, at a dot, and later changes reach existing loggers and children', () => {
  const { hub } = createRecordingHub();
  const payments = hub.getLogger('checkout.payments');
  const child = payments.child({ tenant: 't1' });
  const other = hub.getLogger('checkouts');
  hub.levels.configure({
    level: 13,
    levels: new Map([
      ['checkout', 5],
      ['checkout.payments.card', 21],
    ]),
  });
  assert.equal(payments.isEnabled('debug'), true);
  assert.equal(child.isEnabled('debug'), true);
  assert.equal(other.isEnabled('info'), false);
  assert.equal(hub.getLogger('checkout.payments.card').isEnabled('error'), false);
  hub.levels.override('checkout', 17);
  assert.equal(child.isEnabled('warn'), false);
  hub.levels.override('checkout', undefined);
  assert.equal(child.isEnabled('debug'), true);
});

test('R2.1 the error may come third, second, first, or as err or error', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('errors');
  class GatewayTimeout extends Error {}
  const error = Object.assign(new GatewayTimeout('took 2 s'), { code: 'ETIMEDOUT' });
  log.error('payment_failed', { order_id: 'o-1' }, error);
  log.error('payment_failed', error);
  log.error(error);
  log.error('payment_failed', { err: error, order_id: 'o-1' });
  log.error('payment_failed', { error, order_id: 'o-1' });
  log.exception(error, 'payment_failed', { order_id: 'o-1' });
  for (let i = 0; i < 6; i++) {
    const found = attributes(i);
    assert.equal(found['exception.type'], 'GatewayTimeout', `call ${i}`);
    assert.equal(found['exception.message'], 'took 2 s');
    assert.equal(found['exception.code'], 'ETIMEDOUT');
    assert.match(String(found['exception.stacktrace']), /^Error: took 2 s\n {4}at /);
    assert.equal(found.err, undefined);
    assert.equal(found.error, undefined);
  }
  assert.equal(attributes(3).order_id, 'o-1');
  assert.equal(records[2]?.body, 'took 2 s');
  log.info('checked', { error: 'none', err: 0 });
  assert.deepEqual(attributes(6), { error: 'none', err: 0 });
});

test('R2.1 exception attributes that the caller gave win', () => {
  const { hub, attributes } = createRecordingHub();
  hub.getLogger('errors').error('failed', { 'exception.type': 'Mine' }, new RangeError('x'));
  assert.equal(attributes(0)['exception.type'], 'Mine');
  assert.equal(attributes(0)['exception.message'], 'x');
});

test('R2.1 causes and inner errors stand in the stack; what is thrown need not be an Error', () => {
  const { hub, attributes } = createRecordingHub();
  const log = hub.getLogger('errors');
  const root = new Error('root');
  log.error('failed', {}, new Error('outer', { cause: new Error('middle', { cause: root }) }));
  assert.match(
    String(attributes(0)['exception.stacktrace']),
    /outer[\s\S]+Caused by: Error: middle[\s\S]+Caused by: Error: root/,
  );
  const circular = new Error('circular');
  circular.cause = circular;
  log.error('failed', {}, circular);
  log.error('failed', {}, new AggregateError([new Error('one'), 'two'], 'both'));
  assert.match(String(attributes(2)['exception.stacktrace']), /One of 2: Error: one[\s\S]+One of 2: two/);
  for (const thrown of ['text', 42, { message: 'shaped' }, Symbol('s'), () => 1]) log.error('failed', {}, thrown);
  assert.deepEqual(
    [3, 4, 5].map((i) => [attributes(i)['exception.type'], attributes(i)['exception.message']]),
    [
      ['string', 'text'],
      ['number', '42'],
      ['Object', 'shaped'],
    ],
  );
  const hostile = new Error('x');
  Object.defineProperty(hostile, 'message', {
    get: () => {
      throw new Error('no');
    },
  });
  Object.defineProperty(hostile, 'stack', {
    get: () => {
      throw new Error('no');
    },
  });
  log.error('failed', { kept: 1 }, hostile);
  assert.equal(attributes(8).kept, 1);
  assert.equal(attributes(8)['exception.message'], '[Throws]');
});

test('R2.4 level, time, body and trace_id as field names stay fields and never touch the record', () => {
  const { hub, records, attributes } = createRecordingHub();
  const fields = {
    level: 'x',
    time: 1,
    timestamp: 2,
    body: 'y',
    trace_id: 'z',
    severity: 3,
    event: 'e',
    __proto__x: 1,
  };
  hub.getLogger('names').info('checked', fields);
  assert.deepEqual(attributes(0), fields);
  assert.deepEqual(
    records.map(({ severity, body }) => [severity, body]),
    [[9, 'checked']],
  );
  const proto = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Record<string, unknown>;
  hub.getLogger('names').info('checked', proto);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.deepEqual(records[1]?.fieldKeys.slice(0, 2), ['__proto__', 'constructor']);
});

test('R2.4 calls that the types refuse still make a record that says what was wrong', () => {
  const { hub, records, attributes, complaints, account } = createRecordingHub();
  const log = hub.getLogger('careless') as unknown as { info(...args: unknown[]): void };
  log.info();
  log.info(undefined, { a: 1 });
  log.info(42, { a: 1 });
  log.info('ok', 'text instead of fields');
  log.info('ok', [1, 2]);
  log.info({ order: 1 }, 'pino style');
  log.info({ order: 1 });
  log.info('ok', null);
  log.info('ok', new Map([['a', 1]]));
  assert.equal(records.length, 9);
  assert.match(String(attributes(0)['spanlog.problem']), /event must be a text, got undefined/);
  assert.equal(attributes(1).a, 1);
  assert.equal(records[2]?.body, 42);
  assert.deepEqual([attributes(3).fields, attributes(4).fields], ['text instead of fields', [1, 2]]);
  assert.match(String(attributes(4)['spanlog.problem']), /got an array/);
  assert.equal(records[5]?.body, 'pino style');
  assert.deepEqual(attributes(5), { order: 1 });
  assert.match(String(attributes(6)['spanlog.problem']), /event is missing/);
  assert.deepEqual(attributes(8), { a: 1 });
  assert.deepEqual(complaints, []);
  assert.ok(isBalanced(account.counts()));
});

test('R2.4 a throwing getter costs only its own field, a revoked proxy only itself', () => {
  const { hub, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('hostile');
  log.info('checked', {
    before: 1,
    get broken(): string {
      throw new Error('no');
    },
    after: 2,
  });
  assert.deepEqual(attributes(0), { before: 1, broken: '[Throws: no]', after: 2 });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  log.info('checked', proxy);
  log.info('checked', { proxy, sibling: 1 });
  assert.equal(attributes(2).sibling, 1);
  assert.deepEqual(complaints, []);
});

test('R2.4 a getter that logs makes a record of its own and leaves the outer one whole', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('nested');
  log.info('outer', {
    a: 1,
    get b() {
      log.info('inner', { c: 3 });
      return 2;
    },
    d: 4,
  });
  assert.deepEqual(
    records.map(({ eventName }) => eventName),
    ['inner', 'outer'],
  );
  assert.deepEqual(attributes(0), { c: 3 });
  assert.deepEqual(attributes(1), { a: 1, b: 2, d: 4 });
});

test('R2.4 changing an object after the call changes nothing', () => {
  const { hub, attributes } = createRecordingHub();
  const order = { id: 1, lines: [{ sku: 'a' }], raw: Buffer.from('abc') };
  hub.getLogger('copies').info('placed', { order });
  order.id = 2;
  (order.lines[0] as { sku: string }).sku = 'b';
  order.raw[0] = 0;
  assert.deepEqual(
    { ...(attributes(0).order as object) },
    {
      id: 1,
      lines: [Object.assign(Object.create(null) as object, { sku: 'a' })],
      raw: Uint8Array.from([97, 98, 99]),
    },
  );
});

test('R2.7 attributes past the limit are dropped and counted on the record, the exception never', () => {
  const { hub, records, attributes } = createRecordingHub({ attributeLimit: 5 });
  const fields = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}`, i]));
  hub.getLogger('limits').error('failed', fields, new Error('kept'));
  assert.equal(Object.keys(attributes(0)).length, 5);
  assert.equal(attributes(0)['exception.message'], 'kept');
  assert.equal(attributes(0).f0, 0);
  assert.equal(records[0]?.droppedAttributes, 8);
});

test('R3.3 a child carries its fields; the call wins over the child, the child over its parent', () => {
  const { hub, attributes } = createRecordingHub();
  const child = hub.getLogger('parent').child({ tenant: 't1', region: 'eu' });
  const grandchild = child.child({ region: 'us', shard: 7 });
  child.info('a', { order_id: 1 });
  grandchild.info('b', { shard: 8 });
  assert.deepEqual(attributes(0), { tenant: 't1', region: 'eu', order_id: 1 });
  assert.deepEqual(attributes(1), { tenant: 't1', region: 'us', shard: 8 });
  assert.equal(grandchild.name, 'parent');
});

test('R4.4 a secret in bound fields is hidden when it is bound', () => {
  const { hub, attributes } = createRecordingHub();
  const child = hub.getLogger('parent').child({ password: 'hunter2', tenant: 't1' });
  child.info('a');
  assert.equal(JSON.stringify(attributes(0)).includes('hunter2'), false);
  assert.equal(attributes(0).tenant, 't1');
});

test('R4.4 what was remembered of the keys of an event is never taken for those at other places', () => {
  const { hub, attributes } = createRecordingHub();
  const log = hub.getLogger('keys');
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key_${i}`, i]));
  for (let round = 0; round < 2; round++) {
    log.info('signed_in', { user: 'ada', password: 'hunter2' });
    log.info('signed_in', { password: 'hunter2', user: 'ada' });
    log.info('signed_in', { ...many, password: 'hunter2' });
    log.info('a message', { password: 'hunter2' });
    log.info('another message', { user: 'ada' });
    const [swapped, first] = [attributes(-4), attributes(-5)];
    assert.deepEqual(Object.entries(first), [
      ['user', 'ada'],
      ['password', '[REDACTED:password]'],
    ]);
    assert.deepEqual(Object.entries(swapped), [
      ['password', '[REDACTED:password]'],
      ['user', 'ada'],
    ]);
    assert.deepEqual(attributes(-3), { ...many, password: '[REDACTED:password]' });
    assert.deepEqual(attributes(-2), { password: '[REDACTED:password]' });
    assert.deepEqual(attributes(-1), { user: 'ada' });
  }
});

test('R2.1 methods work apart from their logger', async () => {
  const { hub, records } = createRecordingHub();
  const { info, error, exception } = hub.getLogger('apart').child({ a: 1 });
  info('one');
  await Promise.reject(new Error('two')).catch(error);
  exception(new Error('three'));
  assert.deepEqual(
    records.map(({ body }) => body),
    ['one', 'two', 'exception'],
  );
});

test('R1.1 isEnabled is false for off and for what is no level', () => {
  const log = createRecordingHub().hub.getLogger('levels');
  assert.deepEqual(
    (['info', 'off', 'nonsense', 25, 21] as Level[]).map((level) => log.isEnabled(level)),
    [true, false, false, false, true],
  );
});

test('R2.7 a huge field costs neither the reason of a failure nor the body of a bridged record', () => {
  const { hub, records, attributes } = createRecordingHub();
  const big = 'x'.repeat(300_000);
  hub.getLogger('limits').error('big_error', { big }, new TypeError('the why'));
  assert.equal(attributes(0)['exception.type'], 'TypeError');
  assert.equal(attributes(0)['exception.message'], 'the why');
  hub.emit(hub.createScope('bridge'), {
    eventName: 'payment_failed',
    severity: 9,
    severityText: 'INFO',
    body: 'a body',
    attributes: { big },
    error: undefined,
    time: undefined,
    span: undefined,
  });
  assert.deepEqual([records[1]?.eventName, records[1]?.body], ['payment_failed', 'a body']);
});

test('R2.7 the limit on values does not apply to body and event', () => {
  const { hub, records, attributes } = createRecordingHub({ limits: { valueLength: 8 } });
  hub.getLogger('limits').info('payment_failed_long', { note: 'a long note' });
  assert.deepEqual([records[0]?.eventName, records[0]?.body], ['payment_failed_long', 'payment_failed_long']);
  assert.equal(attributes(0).note, 'a long n');
});

test('R2.7 bound fields count against the limit on attributes, and what they leave out is counted', () => {
  const { hub, records, attributes } = createRecordingHub({ attributeLimit: 5 });
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`b${i}`, i]));
  hub.getLogger('limits').child(many).info('x', { call: 1 });
  assert.equal(Object.keys(attributes(0)).length, 5);
  assert.equal(records[0]?.droppedAttributes, 4);
  const fake = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`exception.x${i}`, i]));
  hub.getLogger('limits').info('x', fake);
  assert.equal(Object.keys(attributes(1)).length, 5);
  assert.equal(records[1]?.droppedAttributes, 3);
});

test('R2.7 a key of a megabyte is cut, keys that are hidden alike stay apart', () => {
  const { hub, attributes } = createRecordingHub();
  hub.getLogger('limits').info('x', { ['k'.repeat(1_000_000)]: 1, 'a@example.com': 2, 'b@example.com': 3, plain: 4 });
  const keys = Object.keys(attributes(0));
  assert.equal(keys.length, 4);
  assert.ok(keys.every((key) => key.length <= 1_100 && !key.includes('@')));
});

test('R2.7 ten thousand names of loggers are enough: further ones share one logger', () => {
  const { hub } = createRecordingHub();
  let told = 0;
  hub.onTooManyLoggers = () => told++;
  for (let i = 0; i < 10_005; i++) hub.getLogger(`request-${i}`);
  assert.equal(hub.getLogger('one more').name, 'spanlog.too_many_loggers');
  assert.ok(told > 0);
  assert.equal(hub.getLogger('request-1').name, 'request-1');
});
