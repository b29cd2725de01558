import { test } from 'node:test';
import { getLogger } from '../../src/index.ts';
import type { Fields } from '../../src/index.ts';

interface Order {
  readonly id: string;
  readonly lines: readonly { readonly sku: string }[];
}

test('R2.1 objects typed by an interface or a class are fields; lists, texts and numbers are refused by the compiler', () => {
  const log = getLogger('types');
  const order: Order = { id: 'o-1', lines: [] };
  class Payment {
    amount = 1;
  }
  const accepted: Fields[] = [order, new Payment(), { order }, {}, Object.create(null) as Record<string, unknown>];
  for (const fields of accepted) log.debug('order_placed', fields);
  log.debug('order_placed', () => order);
  log.debug('order_placed', new Error('as the second argument'));
  // @ts-expect-error a list has no names
  log.debug('order_placed', [1, 2]);
  // @ts-expect-error a text is no field
  log.debug('order_placed', 'text');
  // @ts-expect-error neither is a number
  log.debug('order_placed', 7);
  // @ts-expect-error an event is needed
  log.debug();
  // @ts-expect-error and it is a text or an error
  log.debug({ order });
});
