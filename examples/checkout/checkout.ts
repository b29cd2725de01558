/** Takes orders: reserves stock, has payment charge the card, and answers. */
import { trace } from '@opentelemetry/api';
import { bindContext, defineTransitions, getLogger } from 'spanlog';
import type { Charge, Failure, Order } from './contracts.ts';
import { post, startService } from './service.ts';
import type { Answer } from './service.ts';

const log = getLogger('checkout.orders');
const paymentUrl = process.env.PAYMENT_URL ?? 'http://127.0.0.1:8081';

const orderStates = defineTransitions('order', { placed: ['paid', 'cancelled'], paid: [], cancelled: [] });
const stock = new Map<string, number>();
const INITIAL_STOCK = 1_000;

async function placeOrder(body: unknown): Promise<Answer> {
  const order = body as Order;
  const { order_id, customer_id, sku, quantity, amount, currency, card, return_url } = order;
  // From here on every record of this request says whose order it is, also those of code that knows nothing of it.
  bindContext({ order_id, customer_id });
  using flow = log.flow('place_order');
  if (order.password !== undefined) {
    // Careless: the whole form goes into the log.
    log.info('customer_signed_in', { form: { user: customer_id, password: order.password, remember_me: true } });
  }

  log.debug('stock_read', { sku, left: stock.get(sku) ?? INITIAL_STOCK });
  flow.step('reserve_stock', { sku, quantity, left: move(sku, -quantity) });

  // Careless: the address has the customer's session in it.
  flow.step('charge_card', { amount, currency, return_url });
  const charge: Charge = { order_id, customer_id, amount, currency, card };
  const response = await post(`${paymentUrl}/charges`, charge);
  if (response.ok) {
    log.transition(orderStates, order_id, 'placed', 'paid');
    flow.completed();
    return { status: 201, body: { order_id, status: 'completed' } };
  }

  const { error, reason } = (await response.json()) as Failure;
  log.info('stock_released', { sku, quantity, left: move(sku, quantity) });
  log.transition(orderStates, order_id, 'placed', 'cancelled', { why: error });
  flow.failed(new Error(`payment answered ${response.status}: ${reason}`));
  const trace_id = trace.getActiveSpan()?.spanContext().traceId;
  const failure: Failure = { error: 'order_failed', reason: error, trace_id };
  return { status: 502, body: failure };
}

/** Returns what is left. */
function move(sku: string, by: number): number {
  const left = (stock.get(sku) ?? INITIAL_STOCK) + by;
  stock.set(sku, left);
  return left;
}

await startService({ 'POST /orders': placeOrder });
