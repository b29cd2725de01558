/**
 * What every bridge has to keep, asked of each with the real library: records go through the whole of spanlog and over
 * HTTP, and are read back by a decoder that is not ours.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import { getLogger, withContext } from '../../src/index.ts';
import { CARD, failure, PASSWORD, TOKEN, values } from './apps/values.ts';
import { SUBJECTS } from './bridged-libraries.ts';
import type { BridgedLibrary } from './bridged-libraries.ts';
import { textOf } from './run-bridge.ts';
import type { ArrivedRecord } from './run-bridge.ts';
import { startRunning } from './running.ts';
import type { Running } from './running.ts';
import { assertNoSecrets } from './value-forms.ts';

let running: Running;

before(async () => {
  running = await startRunning();
});

after(() => running.close());

const arrivals = (): Promise<readonly ArrivedRecord[]> => running.arrivals();

/** Values that fight back; each alone must not cost its record. */
function hostileFields(): Record<string, unknown>[] {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  let deep: unknown = 'end';
  for (let i = 0; i < 2_000; i++) deep = { deep };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return [
    { cycle },
    { deep },
    { proxy },
    { symbol: Symbol('s'), fn: () => 1, big: 2n ** 80n },
    JSON.parse(
      '{"__proto__": 1, "constructor": 2, "toString": 3, "level": "fatal", "time": "never", "msg": 4}',
    ) as Record<string, unknown>,
  ];
}

for (const subject of SUBJECTS) {
  describe(subject.name, { concurrency: 1 }, () => {
    let library: BridgedLibrary;

    beforeEach(() => {
      library = subject.open(true);
    });

    afterEach(async () => {
      library.close();
      running.logging.setLevel(subject.source, undefined);
      await arrivals();
    });

    test('R3.7 a record carries the active span and the fields of the context', async () => {
      const span = trace.getTracer('test').startSpan('work');
      withContext({ request_id: 'req-1' }, () =>
        context.with(trace.setSpan(context.active(), span), () => library.info('inside of it', { n: 1 })),
      );
      library.info('outside of it');
      const [inside, outside, ...others] = await arrivals();
      assert.equal(others.length, 0);
      assert.equal(inside?.scope, subject.source);
      assert.deepEqual([inside.traceId, inside.spanId], [span.spanContext().traceId, span.spanContext().spanId]);
      assert.equal(inside.attributes.request_id, 'req-1');
      assert.equal(inside.attributes.n, 1n);
      assert.deepEqual([outside?.traceId, outside?.attributes.request_id], ['', undefined]);
    });

    test('R3.7 no secret leaves: of a field, a message, an error, a child', async () => {
      const failed = new Error(`card ${CARD} was refused`, { cause: new Error(`Authorization: Bearer ${TOKEN}`) });
      library.info('in fields', { password: PASSWORD, deep: { headers: { authorization: `Bearer ${TOKEN}` } } });
      library.info(`paid with ${CARD}`);
      library.error('in an error', failed);
      library.child?.({ password: PASSWORD, note: CARD }).info('of a child');
      const records = await arrivals();
      assert.equal(records.length, library.child === undefined ? 3 : 4);
      assert.match(textOf(records[0]?.attributes.password), /REDACTED/);
      assert.match(textOf(records[1]?.body), /^paid with \[REDACTED/);
      assert.match(textOf(records[2]?.attributes['exception.message']), /REDACTED/);
      assertNoSecrets(running.wire());
    });

    test('R1.5 R3.7 every level has a severity, custom ones too', async () => {
      library.everyLevel();
      const records = await arrivals();
      assert.deepEqual(
        records.map(({ severityText, severityNumber }) => [severityText, severityNumber]),
        subject.levels,
      );
    });

    test('R3.7 an error arrives as exception.*, with its class and its causes', async () => {
      library.error('it failed: again', failure());
      const [record, ...others] = await arrivals();
      assert.equal(others.length, 0);
      assert.equal(record?.attributes['exception.type'], 'PaymentError');
      assert.equal(record.attributes['exception.message'], 'the gateway said no');
      const stack = textOf(record.attributes['exception.stacktrace']);
      assert.match(stack, /^PaymentError: the gateway said no\n {4}at /);
      assert.match(stack, /[cC]aused by: AggregateError: both tries failed/);
      assert.match(textOf(record.body), /^it failed: again/);
    });

    test('R3.7 what a child is bound to is on its records, and on no others', async () => {
      if (library.child === undefined) return;
      const child = library.child({ component: 'cart', nested: { a: [1, 2] } });
      child.info('of the child', { n: 2 });
      library.info('of the parent', { n: 3 });
      const [first, second] = await arrivals();
      assert.deepEqual(first?.attributes, { component: 'cart', nested: { a: [1n, 2n] }, n: 2n });
      assert.deepEqual(second?.attributes, { n: 3n });
    });

    test('R3.7 a message that is an event name becomes the event name', async () => {
      library.info('order_placed');
      library.info('an order was placed');
      const [event, message] = await arrivals();
      assert.deepEqual([event?.eventName, event?.body], ['order_placed', 'order_placed']);
      assert.deepEqual([message?.eventName, message?.body], ['', 'an order was placed']);
    });

    test('R3.7 objects arrive structured, never empty', async () => {
      library.info('structured', { list: [1, 'two', { three: 3 }], deep: { er: { still: true } }, text: 'x' });
      const [record] = await arrivals();
      assert.deepEqual(record?.attributes, {
        list: [1n, 'two', { three: 3n }],
        deep: { er: { still: true } },
        text: 'x',
      });
    });

    test('R3.7 hostile values cost their own place at most, and never throw into the library', async () => {
      const rest = Object.fromEntries(
        Object.entries(values()).filter(([key]) => key !== 'throwing' && key !== 'big' && key !== 'nested'),
      );
      const given = [...hostileFields(), rest].filter(
        // What the library itself fails on, with or without us.
        (fields) => !(subject.name.startsWith('pino') && 'proxy' in fields),
      );
      for (const [i, fields] of given.entries()) library.info(`hostile ${i}:`, fields);
      const records = await arrivals();
      assert.equal(records.length, given.length);
      for (const [i, { body }] of records.entries()) assert.match(textOf(body), new RegExp(`^hostile ${i}:`));
      assertNoSecrets(running.wire());
    });

    test('R1.4 one line quiets this library and no other', async () => {
      running.logging.setLevel(subject.source, 'off');
      library.info('quiet');
      getLogger('own').info('still there');
      for (const other of SUBJECTS.filter(({ source }) => source !== subject.source)) {
        const neighbour = other.open(true);
        neighbour.info('a neighbour');
        neighbour.close();
      }
      const sources = (await arrivals()).map(({ scope }) => scope);
      assert.ok(!sources.includes(subject.source), String(sources));
      assert.ok(sources.includes('own'));
      for (const { source } of SUBJECTS) assert.equal(sources.includes(source), source !== subject.source, source);
    });

    test('R1.4 the prefix of the library covers all of its loggers', async () => {
      const [library0] = subject.source.split('.') as [string];
      running.logging.setLevel(library0, 'off');
      library.info('quiet');
      library.error('quiet too', new Error('x'));
      assert.deepEqual(await arrivals(), []);
      running.logging.setLevel(library0, undefined);
      library.info('loud');
      assert.equal((await arrivals()).length, 1);
    });

    test('R1.5 the library prints what it prints without the bridge, and stays as it was after it', async () => {
      const say = (of: BridgedLibrary): string => {
        of.everyLevel();
        of.info('with fields', { a: 1, password: PASSWORD });
        of.info('formatted %s %d');
        return of.printed().replaceAll(/(?:^ +at .*\n)+/gm, '');
      };
      const bridged = say(library);
      library.close();
      await arrivals();
      const bare = subject.open(false);
      const without = say(bare);
      bare.close();
      assert.notEqual(without, '');
      assert.equal(bridged, without);
      assert.deepEqual(await arrivals(), [], 'nothing is logged after the bridge is closed');
    });

    test('R3.7 the same call made again is a record again', async () => {
      for (let i = 0; i < 3; i++) library.info('the same');
      assert.equal((await arrivals()).length, 3);
    });
  });
}
