/** What depends on the inside of Express: its routers, its applications in applications, its versions. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import express from 'express';
import { requestLogging } from '../../src/express.ts';
import { rawRequest } from './raw-client.ts';
import { endsOf, logged, one } from './recorded.ts';

async function serve(t: TestContext, app: RequestListener): Promise<number> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const ok: express.RequestHandler = (_request, response) => void response.send('ok');

describe('R3.4 express', () => {
  test('R3.4 express: the route has the name of each parameter, however deep its router is', async (t) => {
    const app = express();
    app.use(requestLogging());
    const tables = express.Router().get('/tables/:table', ok).get('/', ok);
    const floors = express.Router().use('/floors/:floor', tables);
    app.use('/houses/:house', floors);
    app.use('/kinds/:kind', express.Router().get('/all', ok));
    const port = await serve(t, app as RequestListener);
    const routes: Readonly<Record<string, string>> = {
      '/houses/1/floors/2/tables/3': '/houses/:house/floors/:floor/tables/:table',
      '/houses/1/floors/2': '/houses/:house/floors/:floor',
      '/houses/a%20b/floors/2': '/houses/:house/floors/:floor',
      '/kinds/kinds/all': '/kinds/:kind/all',
    };
    for (const [path, route] of Object.entries(routes)) {
      await rawRequest(port, path);
      assert.equal(one(await logged(1), 'request_completed').fields.route, route, path);
    }
  });

  test('R3.4 express: an error that a mounted application answers itself is on the record', async (t) => {
    const inner = express();
    inner.get('/orders/:id', () => {
      throw new RangeError('in a route');
    });
    inner.use('/before', () => {
      throw new SyntaxError('in middleware');
    });
    inner.use(((_error, _request, response, next) => {
      if (response.headersSent) next();
      else response.status(503).send('answered inside');
    }) satisfies express.ErrorRequestHandler);
    const app = express();
    app.use(requestLogging());
    app.use('/shop', inner);
    const port = await serve(t, app as RequestListener);
    for (const [path, type] of [
      ['/shop/orders/7', 'RangeError'],
      ['/shop/before', 'SyntaxError'],
    ] as const) {
      assert.match(await rawRequest(port, path), /answered inside$/);
      const { fields } = one(await logged(1), 'request_failed');
      assert.deepEqual([fields.status, fields['exception.type']], [503, type]);
    }
  });

  test('R3.4 express: an application whose inside throws at who asks, as Express 4 does, is served and logged', async (t) => {
    const log = requestLogging();
    const app = Object.defineProperty(() => undefined, 'router', {
      get: () => {
        throw new Error("'app.router' is deprecated!");
      },
    });
    const port = await serve(t, (request, response) => {
      log(Object.assign(request, { app }), response, () => void response.end('served'));
    });
    assert.match(await rawRequest(port, '/'), /served$/);
    assert.equal(endsOf(await logged(1))[0]?.event, 'request_completed');
  });
});
