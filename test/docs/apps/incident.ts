/** A service with one request that works and one that fails, and what a review should find. */
import { defineEvents, getLogger, register, withContext } from '../../../src/index.ts';

const logging = register({
  service: { name: 'checkout', version: '1.4.2' },
  diagnosticLevel: 'off',
  catalogue: defineEvents({ signed_up: { level: 'info', fields: { email: { type: 'string', class: 'pii' } } } }),
  policy: { retention: { default: 'short' } },
});
const log = getLogger('checkout');

class GatewayTimeout extends Error {}

async function serve(request_id: string, fails: boolean): Promise<void> {
  await withContext({ request_id }, async () => {
    log.info('request_started', { method: 'POST', amount: fails ? '12.50' : 12.5 });
    const flow = log.flow('place_order');
    const failure = new GatewayTimeout('no answer', { cause: new Error('socket closed') });
    const charge = log.call('gateway', {}, async (attempt) => {
      await Promise.resolve();
      if (!fails) return;
      attempt.failed(failure);
      attempt.next();
      throw failure;
    });
    try {
      await charge;
      flow.completed();
    } catch (error) {
      log.error('payment_failed', { order_id: 'o-1' }, new GatewayTimeout('no answer', { cause: error }));
      flow.failed(error);
    }
  });
}

await serve('req-good', false);
await serve('req-bad', true);
log.error('payment_failed', { order_id: 'o-2' });
log.info('signed_up', { email: 'erika@example.org' });
log.info('something else happened');
getLogger('jobs').warn('stock_low', { left: 3 });
await logging.shutdown();
if (!logging.ledger().balanced) process.exitCode = 1;
