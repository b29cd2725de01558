/** Takes orders: reserves stock, has payment charge the card, and answers. */
import { bindContext, getLogger } from 'spanlog';
import type { Charge, Failure, Order } from './contracts.ts';
import { msSince, post, startService, traceId } from './service.ts';
import type { Answer, Call } from './service.ts';

const log = getLogger('checkout.orders');
const stockLog = getLogger('checkout.stock');
const paymentUrl = process.env.PAYMENT_URL ?? 'http://127.0.0.1:8081';

const stock = new Map<string, number>();
const INITIAL_STOCK = 1_000;

async function placeOrder(call: Call): Promise<Answer> {
  const startedMs = performance.now();
  const order = call.body as Order;
  const { order_id, customer_id, sku, quantity, amount, currency, card } = order;
  // From here on every record of this request says whose order it is, also those of code that knows nothing of it.
  bindContext({ order_id, customer_id });
  log.info('order_received', { amount, currency, items: quantity });
  if (order.password !== undefined) {
    // Careless: the whole form goes into the log.
    log.info('customer_signed_in', { form: { user: customer_id, password: order.password, remember_me: true } });
  }

  move(sku, -quantity);
  stockLog.info('stock_reserved', { sku, quantity, left: stock.get(sku) });

  const charge: Charge = { order_id, customer_id, amount, currency, card };
  // Careless: the address has the customer's session in it.
  log.info('payment_requested', { amount, currency, return_url: order.return_url });
  const response = await post(`${paymentUrl}/charges`, call, charge);
  if (response.ok) {
    log.info('order_completed', { duration_ms: msSince(startedMs) });
    return { status: 201, body: { order_id, status: 'completed' } };
  }

  const { error, reason } = (await response.json()) as Failure;
  move(sku, quantity);
  stockLog.info('stock_released', { sku, quantity, why: error });
  log.error('order_failed', { why: error, reason, status: response.status, duration_ms: msSince(startedMs) });
  const failure: Failure = { error: 'order_failed', reason: error, trace_id: traceId() };
  return { status: 502, body: failure };
}

function move(sku: string, by: number): void {
  stock.set(sku, (stock.get(sku) ?? INITIAL_STOCK) + by);
}

await startService({ 'POST /orders': placeOrder });
