import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isBalanced } from '../../src/core/ledger.ts';
import { timed } from '../../src/index.ts';
import type { Logger } from '../../src/index.ts';
import { ends, start } from './timed-hub.ts';

class Refused extends Error {}

test('R6.5 a timer that is used ends with its block, with duration_ms to the microsecond and what was added', () => {
  const { time, log, records, attributes } = start();
  {
    using timer = log.time('db_query', { table: 'orders', rows: 0 });
    time.pass(12.345678);
    timer.add({ rows: 3 });
    assert.equal(records.length, 0);
  }
  assert.equal(records[0]?.eventName, 'db_query');
  assert.deepEqual(attributes(0), { duration_ms: 12.346, table: 'orders', rows: 3 });
});

test('R6.5 a timer makes exactly one record, whatever is called after its end', () => {
  const { time, log, records, attributes } = start();
  {
    using timer = log.time('db_query');
    time.pass(1);
    timer.end({ rows: 1 });
    time.pass(1);
    timer.fail(new Error('late'));
    timer.cancel();
    timer.add({ late: true });
    timer.end();
  }
  assert.equal(records.length, 1);
  assert.deepEqual(attributes(0), { duration_ms: 1, outcome: 'success', rows: 1 });
});

test('R6.5 a failure is logged at ERROR with the exception, an AbortError is cancelled and not failed', () => {
  const recording = start();
  const { log, attributes } = recording;
  log.time('db_query').fail(new Refused('no'), { rows: 0 });
  log.time('db_query').fail(new DOMException('the client left', 'AbortError'));
  log.time('db_query').fail(undefined);
  log.time('db_query').cancel({ by: 'user' });
  assert.deepEqual(ends(recording), [
    ['ERROR', 'failure', 0],
    ['INFO', 'cancelled', 0],
    ['ERROR', 'failure', 0],
    ['INFO', 'cancelled', 0],
  ]);
  assert.deepEqual([attributes(0)['exception.type'], attributes(0).rows], ['Refused', 0]);
  assert.equal(attributes(1)['exception.message'], 'the client left');
  assert.equal(attributes(2)['exception.message'], 'undefined');
  assert.equal(attributes(3).by, 'user');
});

test('R6.5 a slow one is raised to WARN and says the threshold; a failure stays ERROR, FATAL stays FATAL', () => {
  const recording = start();
  const { hub, time, log, attributes } = recording;
  hub.levels.override('', 1);
  const slow = (level?: 'debug' | 'fatal'): ReturnType<Logger['time']> =>
    log.time('db_query', {}, { slowMs: 100, ...(level === undefined ? {} : { level }) });
  for (const durationMs of [99.999, 100]) {
    const timer = slow('debug');
    time.pass(durationMs);
    timer.end();
  }
  const failing = slow();
  const fatal = slow('fatal');
  time.pass(200);
  failing.fail(new Error('x'));
  fatal.end();
  assert.deepEqual(
    ends(recording).map((end) => (end as unknown[])[0]),
    ['DEBUG', 'WARN', 'ERROR', 'FATAL'],
  );
  assert.deepEqual(
    [0, 1].map((i) => attributes(i).slow_threshold_ms),
    [undefined, 100],
  );
});

test('R6.5 timed returns and throws what its function does, the same objects, and logs success and failure once', async () => {
  const recording = start();
  const { time, log, records, attributes } = recording;
  const value = { secret: 'never logged' };
  const error = new Refused('no');
  assert.equal(
    log.timed('sync', { a: 1 }, () => {
      time.pass(5);
      return value;
    }),
    value,
  );
  assert.throws(
    () =>
      log.timed('sync', {}, () => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
  const pending = log.timed('async', {}, async () => {
    await Promise.resolve();
    time.pass(7);
    return value;
  });
  assert.equal(records.length, 2);
  assert.equal(await pending, value);
  await assert.rejects(
    log.timed('async', {}, () => Promise.reject(error)),
    (thrown) => thrown === error,
  );
  assert.deepEqual(ends(recording), [
    ['INFO', 'success', 5],
    ['ERROR', 'failure', 0],
    ['INFO', 'success', 7],
    ['ERROR', 'failure', 0],
  ]);
  assert.deepEqual(attributes(0), { duration_ms: 5, outcome: 'success', a: 1 });
  assert.equal(attributes(3)['exception.type'], 'Refused');
});

test('R2.3 fields of a timer given as a function are made when its record is kept, else never', () => {
  const { hub, log, records, attributes } = start();
  let runs = 0;
  const lazy = (): { runs: number } => ({ runs: ++runs });
  log.time('cache', lazy, { level: 'debug' }).end(lazy);
  log.timed('cache', lazy, () => 1, { level: 'debug' });
  assert.deepEqual([runs, records.length], [0, 0]);
  hub.levels.override('', 5);
  log.timed('cache', lazy, () => 1, { level: 'debug' });
  assert.equal(runs, 1);
  assert.equal(attributes(0).runs, 1);
});

test('R6.5 a decorated method is timed with its own name, its this and fields of its arguments, in both forms', async () => {
  const { log, records, attributes } = start();
  class Payments {
    readonly #fee = 2;

    async charge(orderId: string, amount: number): Promise<string> {
      return Promise.resolve(`${orderId}: ${amount + this.#fee}`);
    }
  }
  const unbound = Reflect.get(Payments.prototype, 'charge');
  const decorate = timed(log, { slowMs: 0, fields: (orderId: string) => ({ order_id: orderId }) });
  const context = { kind: 'method', name: 'charge' } as ClassMethodDecoratorContext<
    Payments,
    (this: Payments, orderId: string, amount: number) => Promise<string>
  >;
  const charge = decorate(unbound, context);
  assert.equal(await charge.call(new Payments(), 'o-1', 5), 'o-1: 7');
  assert.deepEqual([records[0]?.eventName, records[0]?.severityText], ['charge', 'WARN']);
  assert.equal(attributes(0).order_id, 'o-1');

  const descriptor = Object.getOwnPropertyDescriptor(Payments.prototype, 'charge') as TypedPropertyDescriptor<
    Payments['charge']
  >;
  timed(log, { event: 'charge_card' })(Payments.prototype, 'charge', descriptor);
  Object.defineProperty(Payments.prototype, 'charge', descriptor);
  assert.equal(await new Payments().charge('o-2', 1), 'o-2: 3');
  assert.equal(records[1]?.eventName, 'charge_card');
  const field = { kind: 'field', name: 'rate' } as unknown as typeof context;
  assert.throws(() => timed(log)(undefined as never, field), /@timed stands before a method, rate is none/);
});

test('R6.5 timing that the types refuse still runs what it was given and says what was wrong', () => {
  const { log, records, attributes, complaints, account } = start();
  const careless = log as unknown as Record<'time' | 'timed' | 'call', (...args: unknown[]) => unknown>;
  assert.equal(
    careless.timed('job', () => 5),
    5,
  );
  assert.equal(careless.timed('job', { a: 1 }), undefined);
  assert.equal(
    careless.call('payments', () => 5),
    5,
  );
  for (const i of [0, 1, 2]) {
    assert.match(String(attributes(i)['spanlog.problem']), /third argument must be the function/);
  }
  assert.equal(attributes(1).a, 1);
  const timer = careless.time(undefined, [1, 2], { level: 'loud', slowMs: 'x' }) as ReturnType<Logger['time']>;
  timer.end('text' as never);
  assert.match(
    String(attributes(3)['spanlog.problem']),
    /event must be a text, got undefined; .*got an array; .*got a string/,
  );
  assert.equal(attributes(3).fields, 'text');
  log
    .time('job', () => {
      throw new Error('no fields');
    })
    .end({
      get bad(): string {
        throw new Error('getter');
      },
      good: 1,
    });
  assert.match(String(attributes(4)['spanlog.problem']), /threw: no fields/);
  assert.deepEqual([attributes(4).bad, attributes(4).good], ['[Throws: getter]', 1]);
  assert.equal(records.length, 5);
  assert.deepEqual(complaints, []);
  assert.ok(isBalanced(account.counts()));
});

test('R2.4 objects given as fields of a timer say what they say as fields of a record', () => {
  const { log, attributes } = start();
  class User {
    readonly id = 7;
    readonly seed = 'kept to itself';
    toJSON(): object {
      return { id: this.id };
    }
  }
  const [user, date] = [new User(), new Date(0)];
  log.info('direct', user);
  log.time('timed', user).end();
  log.info('direct', date);
  log.time('timed', date).end();
  log.time('timed', {}).end();
  assert.deepEqual(attributes(0), { id: 7 });
  assert.deepEqual(attributes(1), { duration_ms: 0, outcome: 'success', id: 7 });
  for (const i of [2, 3]) {
    assert.equal(attributes(i).fields, '1970-01-01T00:00:00.000Z');
    assert.equal(attributes(i)['spanlog.problem'], 'fields must be a plain object, got a Date');
  }
  assert.equal(attributes(4)['spanlog.problem'], undefined);
});

test('R2.7 a timer that is added to in a loop holds on to little, and keeps what was added last', async () => {
  const { log, attributes } = start();
  const timer = log.time('import');
  const first = ((): WeakRef<object> => {
    const fields = { first: true, rows: 0 };
    timer.add(fields);
    return new WeakRef(fields);
  })();
  for (let rows = 1; rows <= 1_000; rows++) timer.add(rows % 2 === 0 ? { rows } : (): object => ({ rows }));
  timer.add([1] as never);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  assert.equal(first.deref(), undefined);
  for (let i = 0; i < 200; i++) timer.add({ i });
  timer.end();
  const { rows, first: kept, i, 'spanlog.problem': problem } = attributes(0);
  assert.deepEqual([rows, kept, i, problem], [1_000, true, 199, 'fields must be a plain object, got an array']);
});

test('R6.5 options that can’t be read count as none, and what they were given for runs', () => {
  const { log, records, complaints } = start();
  const { proxy: options, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(
    log.timed('job', {}, () => 5, options),
    5,
  );
  assert.equal(
    log.call('api', {}, ({ number }) => number, options),
    1,
  );
  log.time('job', {}, options).end();
  log.flow('checkout', {}, options).completed();
  assert.deepEqual(
    records.map(({ eventName, severityText }) => `${severityText} ${eventName}`),
    ['INFO job', 'INFO dependency_call', 'INFO job', 'INFO flow_started', 'INFO flow_completed'],
  );
  assert.deepEqual(complaints, []);
});
