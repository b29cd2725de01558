import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonLines } from '../../src/destinations.ts';
import { defineEvents, mergeEvents, pii } from '../../src/index.ts';
import type { EventFields } from '../../src/index.ts';

const events = defineEvents({
  payment_failed: {
    level: 'error',
    description: 'A payment was refused, or broke.',
    owner: 'payments',
    fields: {
      order_id: { type: 'string', description: 'The order that was to be paid.' },
      amount_cents: 'integer',
      email: { type: 'string', class: 'pii', optional: true },
      why: ['declined', 'timeout'],
      status: { type: ['open', 'closed'], optional: true },
      tags: { type: 'string[]', optional: true },
      due: { type: 'timestamp', optional: true },
      basket: { type: 'object', optional: true },
      extra: { type: 'unknown', optional: true },
    },
  },
  shop_opened: { level: 'info' },
  stock_low: { level: 'warn', fields: { left: { type: 'number', optional: true } } },
});
const log = events.getLogger('types');
const paid = { order_id: 'o-1', amount_cents: 1200, why: 'declined' } as const;

test('R12.1 declared events and their fields compile, whatever form the value comes in', () => {
  log.emit('payment_failed', { order_id: 'o-1', amount_cents: 1200, why: 'timeout' }, new Error('x'));
  log.emit('payment_failed', { ...paid, email: pii('a@b.example'), tags: ['a'], due: new Date(), basket: { a: 1 } });
  log.emit('payment_failed', { ...paid, status: 'open', extra: 7n, email: undefined });
  log.emit('payment_failed', () => paid);
  log.emit('shop_opened');
  log.emit('shop_opened', {}, new Error('x'));
  log.emit('stock_low');
  log.emit('stock_low', { left: 3 });
  paid satisfies EventFields<{
    level: 'error';
    fields: { order_id: 'string'; amount_cents: 'integer'; why: ['declined'] };
  }>;
});

test('R12.1 an unknown event and a missing, misspelt, further or wrongly typed field are refused by the compiler', () => {
  // @ts-expect-error no such event
  log.emit('payment_faild', paid);
  // @ts-expect-error the fields are missing
  log.emit('payment_failed');
  // @ts-expect-error a field is missing
  log.emit('payment_failed', { order_id: 'o-1', amount_cents: 1200 });
  // @ts-expect-error a field is misspelt
  log.emit('payment_failed', { order_id: 'o-1', amount_cent: 1200, why: 'declined' });
  // @ts-expect-error there is no such field
  log.emit('payment_failed', { order_id: 'o-1', amount_cents: 1200, why: 'declined', customer: 'c-1' });
  // @ts-expect-error a text is no integer
  log.emit('payment_failed', { order_id: 'o-1', amount_cents: '1200', why: 'declined' });
  // @ts-expect-error not one of the words
  log.emit('payment_failed', { order_id: 'o-1', amount_cents: 1200, why: 'tired' });
  // @ts-expect-error a list of texts is wanted
  log.emit('payment_failed', { ...paid, tags: [1] });
  // @ts-expect-error an event without fields takes none
  log.emit('shop_opened', { at: 9 });
  // @ts-expect-error a text is no fields, even where none is needed
  log.emit('stock_low', 'left');
  // @ts-expect-error nor is a list
  log.emit('stock_low', ['left']);
  // @ts-expect-error what a function makes must fit as well
  log.emit('payment_failed', () => ({ order_id: 7 }));
});

test('R12.1 what a child has need not be given again', () => {
  const child = log.child({ order_id: 'o-1', why: 'declined' });
  child.emit('payment_failed', { amount_cents: 1200 });
  child.emit('payment_failed', { amount_cents: 1200, order_id: 'o-2' });
  // @ts-expect-error the rest is still needed
  child.emit('payment_failed', {});
  const { order_id: orderId }: { order_id: string } = paid;
  log
    .child({ other: 1 })
    .child({ order_id: orderId, email: pii('a@b.example') })
    .child({ why: 'timeout' })
    .emit('payment_failed', { amount_cents: 1 });
  // @ts-expect-error what a child has under the name is no text
  log.child({ order_id: 7 }).emit('payment_failed', { amount_cents: 1200, why: 'declined' });
  // @ts-expect-error what was bound last counts
  log.child({ order_id: 'o-1' }).child({ order_id: 7 }).emit('payment_failed', { amount_cents: 1200, why: 'declined' });
  log.child({ order_id: 7 }).emit('payment_failed', paid);
});

test('R12.1 several catalogues make one, which knows all their events', () => {
  const stock = defineEvents({ stock_counted: { level: 'info', fields: { left: 'integer' } } });
  const all = mergeEvents(events, stock).getLogger('types');
  all.emit('stock_counted', { left: 3 });
  all.emit('payment_failed', paid);
  // @ts-expect-error neither has it
  all.emit('stock_gone');
});

test('R12.1 a wrong declaration is refused by the compiler', () => {
  const define = (): void => {
    // @ts-expect-error no level of that name
    defineEvents({ a: { level: 'loud' } });
    // @ts-expect-error no type of that name
    defineEvents({ a: { level: 'info', fields: { b: 'str' } } });
    // @ts-expect-error a choice needs words
    defineEvents({ a: { level: 'info', fields: { b: [] } } });
    // @ts-expect-error a description is a text
    defineEvents({ a: { level: 'info', description: 7 } });
  };
  assert.throws(define, TypeError);
});

test('R4.3 no destination may be given a secret in plain', () => {
  jsonLines({ classes: { secret: 'drop', '*': 'plain', pii: 'partial', health: 'hash' } });
  // @ts-expect-error it is never shown
  jsonLines({ classes: { secret: 'plain' } });
});
