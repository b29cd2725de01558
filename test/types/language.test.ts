import { test } from 'node:test';
import { defineTransitions, getLogger, timed } from '../../src/index.ts';
import type { Flow, Timer } from '../../src/index.ts';

const log = getLogger('types');

test('R2.2 templates take any value; a list, a number or nothing in the place of the event is refused by the compiler', () => {
  const amount = 12.5;
  log.debug`charged ${{ amount }} to ${'u-1'} ${undefined} ${() => ({ lazy: true })} ${new Error('x')}`;
  const strings = ['charged ', ''];
  // @ts-expect-error a list of texts is no template
  log.debug(strings, amount);
  // @ts-expect-error an event is a text
  log.debug(42);
  // @ts-expect-error and has to be given
  log.debug(undefined, { amount });
});

test('R2.3 fields are an object or a function that returns one', () => {
  log.debug('cache_state', () => ({ size: 3 }));
  // @ts-expect-error a promise of fields comes too late
  log.debug('cache_state', () => Promise.resolve([1]));
  // @ts-expect-error a list has no names
  log.debug('cache_state', () => [1, 2]);
  // @ts-expect-error nor has a text
  log.debug('cache_state', () => 'size');
});

test('R6.5 what is timed keeps its type; timing without an event or a function is refused', () => {
  const timer: Timer = log.time('db_query', { table: 'orders' }, { slowMs: 100, level: 'debug' });
  timer.cancel();
  const sync: number = log.timed('sync', {}, () => 1, { level: 'debug' });
  const async: Promise<string> = log.timed('async', {}, () => Promise.resolve(`${sync}`), { level: 'debug' });
  void async;
  function* made(): Generator<number> {
    yield 1;
  }
  const rows: Generator<number> = log.timed('rows', () => ({ lazy: true }), made);
  rows.return(undefined);
  // @ts-expect-error the fields come before the function
  log.timed('sync', () => ({ a: 1 }));
  // @ts-expect-error an event is a text
  log.time(7);
  // @ts-expect-error a level is one of six names
  log.time('db_query', {}, { level: 'loud' });
});

test('R6.5 a decorator keeps the type of its method and knows its arguments', () => {
  class Payments {
    charge(orderId: string): Promise<string> {
      return Promise.resolve(orderId);
    }
  }
  type Context = ClassMethodDecoratorContext<Payments, Payments['charge']>;
  const context = { kind: 'method', name: 'charge' } as Context;
  const charge = Reflect.get(Payments.prototype, 'charge');
  timed(log)(charge, context) satisfies Payments['charge'];
  timed(log, { fields: (orderId: string) => ({ order_id: orderId }) })(charge, context);
  // @ts-expect-error the method's argument is a text
  timed(log, { fields: (orderId: number) => ({ order_id: orderId }) })(charge, context);
});

test('R6.6 attempts, flows and states are typed; a state that the table does not know is refused', () => {
  const answer: Promise<number> = log.call(
    'payments-api',
    { operation: 'charge' },
    async (attempt) => {
      attempt.status(200);
      return Promise.resolve(attempt.number);
    },
    { level: 'debug' },
  );
  void answer;
  // @ts-expect-error the function is missing
  log.call('payments-api', () => 1);
  const order = defineTransitions('order', { placed: ['paid'], paid: [] });
  // @ts-expect-error a state that leads nowhere has to be in the table, too
  defineTransitions('order', { placed: ['paid'] });
  log.transition(order, 'o-1', 'placed', 'paid');
  log.transition('invoice', 7, 'any', 'other');
  // @ts-expect-error the table knows no such state
  log.transition(order, 'o-1', 'placed', 'sent');
  const flow: Flow = log.flow('checkout', { order_id: 'o-1' }, { level: 'debug' });
  // @ts-expect-error a step has a name
  flow.step();
  flow.completed();
});
