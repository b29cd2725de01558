/**
 * The half that isn't bundled: it takes spanlog from node_modules, where `--import spanlog/register` found it too. The half
 * inside (`inner.ts`) was bundled with a copy of its own. Each of them opens every bridge, as halves do that don't know of
 * each other.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { bridgeConsole, bridgeDebug, bridgePino, bridgeWarnings, winstonTransport } from '../../../../src/bridges.ts';
import { getLogger, register, withContext } from '../../../../src/index.ts';
import { requestLogging } from '../../../../src/node.ts';
import { answer, bridgeInside, innerRegister, logInside } from './inner.ts';
import { reportAtExit } from './report.ts';
import { createDebug, sell, winstonLog } from './shop.ts';

const logging = register();
if (innerRegister === register) throw new Error('there is only one copy');
if (innerRegister() !== logging) throw new Error('the copies have a logging each');

bridgeConsole();
bridgePino();
bridgeDebug(createDebug);
bridgeWarnings();
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
winstonLog.add(winstonTransport());
bridgeInside();

context.setGlobalContextManager(new AsyncLocalStorageContextManager());
trace.setGlobalTracerProvider(new TracerProvider());

const server = createServer(requestLogging()(answer)).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  void fetch(`http://127.0.0.1:${port}/orders/7`, { headers: { 'x-request-id': 'req-2' } })
    .then((response) => response.text())
    .then(() => {
      server.closeAllConnections();
      server.close();
    });
});

trace.getTracer('shop').startActiveSpan('sell', (span) => {
  reportAtExit(span.spanContext(), logging);
  void withContext({ request_id: 'req-1' }, async () => {
    await Promise.resolve();
    sell();
    getLogger('own').info('order_placed', { order_id: 7 });
    logInside();
    process.emitWarning('careful', { code: 'W_CAREFUL' });
  });
  span.end();
});
console.log('outside of it');
