/** The few lines that wire four libraries to spanlog, and the call sites that know nothing of it. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { bridgeConsole, bridgeDebug, bridgePino, winstonTransport } from '../../../../src/bridges.ts';
import { getLogger, register, withContext } from '../../../../src/index.ts';
import { reportAtExit } from './report.ts';
import { createDebug, sell, winstonLog } from './shop.ts';

const logging = register();
bridgeConsole();
bridgePino();
bridgeDebug(createDebug);
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
winstonLog.add(winstonTransport());

context.setGlobalContextManager(new AsyncLocalStorageContextManager());
trace.setGlobalTracerProvider(new TracerProvider());

trace.getTracer('shop').startActiveSpan('sell', (span) => {
  reportAtExit(span.spanContext(), logging);
  void withContext({ request_id: 'req-1' }, async () => {
    await Promise.resolve();
    sell();
    getLogger('own').info('order_placed', { order_id: 7 });
  });
  span.end();
});
console.log('outside of it');
