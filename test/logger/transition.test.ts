import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineTransitions } from '../../src/index.ts';
import { createRecordingHub } from '../support/recording-hub.ts';

const order = defineTransitions('order', {
  placed: ['paid', 'cancelled'],
  paid: ['shipped'],
  shipped: [],
  cancelled: [],
});

test('R6.6 a change of state says entity, id, from and to', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('orders');
  log.transition('order', 'o-1', 'placed', 'paid', { by: 'payments' });
  log.transition('invoice', 7, 'draft', 'sent', () => ({ lazy: true }));
  assert.deepEqual(
    records.map(({ eventName, severityText }) => [eventName, severityText]),
    [
      ['state_changed', 'INFO'],
      ['state_changed', 'INFO'],
    ],
  );
  assert.deepEqual(attributes(0), { entity: 'order', entity_id: 'o-1', from: 'placed', to: 'paid', by: 'payments' });
  assert.deepEqual(attributes(1), { entity: 'invoice', entity_id: 7, from: 'draft', to: 'sent', lazy: true });
});

test('R6.6 a change that its table does not allow is ERROR and names those that are; it never throws', () => {
  const { hub, records, attributes } = createRecordingHub();
  const log = hub.getLogger('orders');
  log.transition(order, 'o-1', 'placed', 'paid');
  log.transition(order, 'o-1', 'placed', 'shipped');
  log.transition(order, 'o-1', 'cancelled', 'paid');
  log.transition(order, 'o-1', 'unheard of' as 'placed', 'paid');
  assert.deepEqual(
    records.map(({ severityText }, i) => [severityText, attributes(i).allowed]),
    [
      ['INFO', undefined],
      ['ERROR', ['paid', 'cancelled']],
      ['ERROR', []],
      ['ERROR', []],
    ],
  );
  assert.deepEqual(attributes(1), {
    entity: 'order',
    entity_id: 'o-1',
    from: 'placed',
    to: 'shipped',
    allowed: ['paid', 'cancelled'],
  });
});

test('R6.6 a change whose parts are missing still makes a record, which says what was wrong', () => {
  const { hub, records, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('orders') as unknown as { transition(...args: unknown[]): void };
  log.transition();
  log.transition('order', 'o-1', 'placed');
  log.transition({ entity: 'order' }, 'o-1', 'a', 'b', [1]);
  assert.equal(records.length, 3);
  assert.match(String(attributes(0)['spanlog.problem']), /entity of a transition must be a text, got undefined/);
  assert.match(String(attributes(1)['spanlog.problem']), /state after a transition must be a text, got undefined/);
  assert.match(String(attributes(2)['spanlog.problem']), /entity of a transition.*got object.*got an array/);
  assert.deepEqual(complaints, []);
});

test('R6.6 a table that is none is refused where it is defined, and costs no record where it is used', () => {
  const careless = defineTransitions as (entity: string, table: unknown) => unknown;
  for (const table of [undefined, null, 'placed', 5]) {
    assert.throws(() => careless('order', table), /^TypeError: defineTransitions needs a table such as/);
  }
  assert.throws(() => careless('order', { placed: 'paid' }), /^TypeError: defineTransitions: 'placed' needs a list/);
  const { hub, records, attributes, complaints } = createRecordingHub();
  const log = hub.getLogger('orders') as unknown as { transition(...args: unknown[]): void };
  const hostile = {
    has: (): boolean => {
      throw new Error('no');
    },
  };
  log.transition({ entity: 'order', allowed: new Map([['placed', 5]]) }, 'o-1', 'placed', 'paid');
  log.transition(new Proxy({}, hostile), 'o-1', 'placed', 'paid');
  assert.deepEqual(
    records.map(({ severityText }) => severityText),
    ['ERROR', 'INFO'],
  );
  assert.deepEqual(attributes(0).allowed, []);
  assert.match(String(attributes(1)['spanlog.problem']), /entity of a transition must be a text, got object/);
  assert.deepEqual(complaints, []);
});
