/** Fails in known lines: built with a source map and run, its stacks must name them. */
import { getLogger, register } from '../../../src/index.ts';

interface Order {
  readonly id: string;
}

function charge(order: Order): never {
  throw new RangeError(`no funds for ${order.id}`); // line 9
}

register();
const log = getLogger('app');
try {
  charge({ id: 'o-1' });
} catch (error: unknown) {
  log.error('charge_failed', {}, error);
  log.error('order_failed', {}, error);
}
log.error('missed', {}, Object.assign(new Error('gone'), { code: 'E_GONE' }));
