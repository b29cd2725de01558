import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { getLogger } from '../../src/index.ts';
import { requestLogging as honoLogging } from '../../src/hono.ts';
import { requestLogging } from '../../src/node.ts';
import { connectRaw } from './raw-client.ts';
import { endsOf, logged, one } from './recorded.ts';
import type { Logged } from './recorded.ts';

const log = getLogger('sockets');
const UPGRADE = ['host: localhost', 'connection: upgrade', 'upgrade: websocket', 'x-request-id: ws-1'];
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('request logging of upgrades', () => {
  test('R3.4 node:http: a WebSocket is one request that ends with its socket, with 101', async (t) => {
    const logging = requestLogging();
    const server = createServer(logging((_request, response) => response.end()));
    server.on(
      'upgrade',
      logging.upgrade((_request, socket) => {
        socket.write(SWITCHED);
        socket.on('data', (chunk) => {
          log.info('message_received');
          socket.write(chunk);
        });
        socket.on('end', () => socket.end());
      }),
    );
    const client = await connectRaw(await listen(t, server));
    client.send('GET /live-orders?x=1 HTTP/1.1', ...UPGRADE);
    await client.until(/101 Switching/);
    for (const message of ['one', 'two']) {
      client.socket.write(message);
      await client.until(new RegExp(message));
    }
    client.socket.end();
    const records = await logged(1);
    assert.deepEqual(
      records.map(({ event }) => event),
      ['request_started', 'message_received', 'message_received', 'request_completed'],
    );
    for (const { fields } of records) assert.equal(fields.request_id, 'ws-1');
    const { fields } = one(records, 'request_completed');
    assert.deepEqual([fields.status, fields.path, fields.method], [101, '/live-orders', 'GET']);
  });

  test('R3.4 node:http: an upgrade that is refused has the status it was refused with', async (t) => {
    const logging = requestLogging();
    const server = createServer();
    server.on(
      'upgrade',
      logging.upgrade((_request, socket) => {
        socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      }),
    );
    const client = await connectRaw(await listen(t, server));
    client.send('GET /live HTTP/1.1', ...UPGRADE);
    await client.until(/401/);
    const { event, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([event, fields.status], ['request_completed', 401]);
  });

  test('R3.4 node:http: an upgrade that a listener destroys without a word failed', async (t) => {
    const logging = requestLogging();
    const server = createServer();
    server.on(
      'upgrade',
      logging.upgrade((_request, socket) => void socket.destroy()),
    );
    const client = await connectRaw(await listen(t, server));
    client.send('GET /live HTTP/1.1', ...UPGRADE);
    await once(client.socket, 'close');
    const { event, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([event, fields.status], ['request_failed', 500]);
  });

  test('R3.4 node:http: an upgrade whose listener rejects before it answers failed then, though its socket stays', async (t) => {
    const rejected = new RangeError('no such room');
    const logging = requestLogging();
    const server = createServer();
    server.on('upgrade', (request, socket, head) => {
      const listener = logging.upgrade(() => Promise.reject(rejected));
      listener(request, socket, head).catch((error: unknown) => assert.equal(error, rejected));
    });
    const client = await connectRaw(await listen(t, server));
    t.after(() => client.socket.destroy());
    client.send('GET /live HTTP/1.1', ...UPGRADE);
    const { fields } = one(await logged(1), 'request_failed');
    assert.deepEqual([fields.status, fields['exception.type']], [500, 'RangeError']);
  });

  test('R3.4 hono: a WebSocket goes through the middleware and ends once, with its socket', async (t) => {
    const app = new Hono();
    app.use(honoLogging());
    app.get('/live', (c) => c.text('upgrading'));
    // The part of a WebSocket server that @hono/node-server uses would come from a library; this is what it does.
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    server.on('upgrade', (incoming, socket) => {
      void Promise.resolve(app.request('/live', {}, { incoming, outgoing: undefined })).then(() => {
        socket.write(SWITCHED);
        socket.on('data', () => socket.end('bye'));
      });
    });
    const client = await connectRaw(await listen(t, server));
    client.send('GET /live HTTP/1.1', ...UPGRADE);
    await client.until(/101 Switching/);
    await delay(5);
    client.socket.write('hello');
    await client.until(/bye/);
    client.socket.end();
    const { event, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual(
      [event, fields.status, fields.request_id, fields.route],
      ['request_completed', 101, 'ws-1', '/live'],
    );
  });

  test('R3.4 an informational response is no end and no status', async (t) => {
    const server = createServer(
      requestLogging()((_request, response) => {
        response.writeProcessing();
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        setTimeout(() => response.end('done'), 5);
      }),
    );
    const client = await connectRaw(await listen(t, server));
    client.send('GET /slow HTTP/1.1', 'host: localhost');
    await client.until(/done/);
    const { fields } = one(await logged(1), 'request_completed');
    assert.deepEqual([fields.status, fields.bytes], [200, 4]);
    client.socket.destroy();
  });

  test('R3.4 a server’s timeout is a failure of the server', async (t) => {
    const server = createServer(requestLogging()(() => undefined));
    server.timeout = 30;
    const client = await connectRaw(await listen(t, server));
    client.send('GET /stuck HTTP/1.1', 'host: localhost');
    await once(client.socket, 'close');
    const { event, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([event, fields.status], ['request_failed', 500]);
  });
});
