import fastify from 'fastify';
import type { RequestLoggingOptions } from '../../../src/fastify.ts';
import { importSpanlog } from '../../import-spanlog.ts';
import { addRoutes } from '../routes.ts';
import type { RequestServer, ServerOptions } from '../server.ts';

/** A server with spanlog's request logging, on its defaults but for `settings`, to the Collector. */
export async function startSpanlogServer(
  { endpoint, spanlog }: ServerOptions,
  settings: RequestLoggingOptions = {},
): Promise<RequestServer> {
  const { register } = await importSpanlog(spanlog, 'index');
  const { otlp } = await importSpanlog(spanlog, 'destinations');
  const { requestLogging } = await importSpanlog(spanlog, 'fastify');
  const logging = register({ destinations: [otlp({ endpoint })] });
  const app = fastify();
  await app.register(requestLogging, settings);
  addRoutes(app);
  return {
    app,
    async drain(): Promise<{ emitted: number }> {
      await logging.flush();
      return { emitted: logging.ledger().emitted };
    },
  };
}
