import { defineEvents } from '../../../src/index.ts';

/** What `spanlog events` is asked about. */
export const orders = defineEvents({
  order_placed: {
    level: 'info',
    owner: 'orders',
    fields: { order_id: 'string', mail: { type: 'string', class: 'pii' } },
  },
});
export const stock = defineEvents({ stock_low: { level: 'warn', fields: { left: 'integer' } } });
export const other = 'nothing to see here';
