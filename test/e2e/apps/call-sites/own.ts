/** spanlog by itself, with a span of the API: what an application without any other logging library bundles. */
import { context, trace, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { bindContext, getLogger, pii, register, secret, withContext } from '../../../../src/index.ts';
import { CARD, PASSWORD, TOKEN } from '../../../bridges/apps/values.ts';
import { reportAtExit } from './report.ts';

const early = getLogger('shop').child({ component: 'cart', password: PASSWORD });
early.info('before register');
const logging = register();
context.setGlobalContextManager(new AsyncLocalStorageContextManager());
const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};
reportAtExit(span, logging);

async function sell(): Promise<void> {
  early.info('order_placed', { order_id: 7, card: secret(CARD), mail: pii('ann'), headers: { authorization: TOKEN } });
  await Promise.resolve();
  bindContext({ user_id: 'u-1' });
  getLogger('shop').warn`paid with ${{ card: CARD }}`;
  getLogger('shop').error('it failed', new RangeError(`card ${CARD} was refused`));
}

withContext({ request_id: 'req-1' }, () =>
  context.with(trace.setSpanContext(context.active(), span), () => void sell()),
);
