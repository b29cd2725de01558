/** Every form of logging once, as a person on call reads it; with `unhandled`, a rejection that passes through `timed`. */
import { defineTransitions, getLogger, withContext } from '../../../src/index.ts';
import type { Attempt } from '../../../src/index.ts';

const log = getLogger('checkout');
const order = defineTransitions('order', {
  placed: ['paid', 'cancelled'],
  paid: ['shipped'],
  shipped: [],
  cancelled: [],
});

async function charge(attempt: Attempt): Promise<{ status: number }> {
  for (;;) {
    try {
      if (attempt.number === 1) throw Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
      return { status: 201 };
    } catch (error) {
      attempt.failed(error);
      await new Promise((resolve) => setTimeout(resolve, 5));
      attempt.next();
    }
  }
}

async function checkout(): Promise<void> {
  const amount = 129.95;
  const userId = 'u-17';
  using flow = log.flow('checkout', { order_id: 'o-1' });
  flow.step('reserve_stock');
  {
    using query = log.time('db_query', { table: 'stock' }, { slowMs: 0 });
    query.add({ rows: 2 });
  }
  flow.step('charge_card', { amount });
  await log.call('payments-api', { operation: 'charge' }, charge);
  log.info`charged ${{ amount }} to ${{ userId }} with ${{ password: 'hunter2' }} and card ${'4111 1111 1111 1111'}`;
  log.transition(order, 'o-1', 'placed', 'paid');
  log.transition(order, 'o-1', 'paid', 'cancelled', { by: 'user' });
  try {
    await log.timed('send_receipt', { to: 'bob' }, () => Promise.reject(new TypeError('no template')));
  } catch (error) {
    flow.failed(error);
  }
  using forgotten = log.flow('refund');
  forgotten.step('look_up');
}

if (process.argv.includes('unhandled')) {
  void log.timed('job', {}, () => Promise.reject(new RangeError('nobody waits')));
} else {
  await withContext({ request_id: 'req-42' }, checkout);
}
