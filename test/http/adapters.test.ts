import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { ContextStorage } from '../../src/http/context-storage.ts';
import { getLogger } from '../../src/index.ts';
import { requestLogging as expressLogging } from '../../src/express.ts';
import { requestLogging as fastifyLogging } from '../../src/fastify.ts';
import { requestLogging as honoLogging } from '../../src/hono.ts';
import { requestLogging as koaLogging } from '../../src/koa.ts';
import { requestLogging as nodeLogging } from '../../src/node.ts';
import { endsOf, logged, one } from './recorded.ts';
import type { Logged } from './recorded.ts';

const log = getLogger('adapters');

async function listen(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function read(url: string): Promise<readonly [status: number, body: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

describe('what is special in each framework', () => {
  test('R3.4 express: an error that no handler takes is noted, and answered by Express as ever', async (t) => {
    const app = express().set('env', 'test');
    app.use(expressLogging());
    const inner = express();
    inner.get('/:id', () => {
      throw new RangeError('too far');
    });
    app.use('/mounted', inner);
    const url = await listen(t, createServer(app as RequestListener));
    const [status, body] = await read(`${url}/mounted/7`);
    assert.deepEqual([status, body.includes('RangeError: too far')], [500, true]);
    const { fields } = one(await logged(1), 'request_failed');
    assert.deepEqual([fields['exception.type'], fields.route], ['RangeError', '/mounted/:id']);
  });

  test('R3.4 express: error handlers run as before: in their order, with their arity, inside the request', async (t) => {
    const app = express();
    const ran: string[] = [];
    app.use(expressLogging());
    app.get('/', (_request, _response, next) => next(new Error('first')));
    const passOn: express.ErrorRequestHandler = (error: Error, _request, _response, next) => {
      ran.push(error.message);
      log.warn('passed_on');
      next(new Error('second'));
    };
    const answer: express.ErrorRequestHandler = (error: Error, _request, response, next) => {
      ran.push(error.message);
      assert.equal(typeof next, 'function');
      response.status(200).send('recovered');
    };
    app.use(passOn, answer);
    const url = await listen(t, createServer(app as RequestListener));
    assert.deepEqual(await read(url), [200, 'recovered']);
    assert.deepEqual(ran, ['first', 'second']);
    const records = await logged(1);
    const { level, fields } = one(records, 'request_completed');
    assert.deepEqual([level, fields.status, fields['error.type']], ['INFO', 200, 'Error']);
    assert.equal(one(records, 'passed_on').fields.request_id, fields.request_id);
  });

  test('R3.4 koa: what listens for `error` logs inside the request, and headers of the error stay', async (t) => {
    const app = new Koa();
    app.use(koaLogging());
    app.use((ctx) => ctx.throw(409, 'taken', { headers: { 'x-why': 'race' } }));
    app.on('error', () => log.warn('told'));
    const url = await listen(t, createServer(app.callback() as RequestListener));
    const response = await fetch(url);
    assert.deepEqual([response.status, await response.text(), response.headers.get('x-why')], [409, 'taken', 'race']);
    const records = await logged(1);
    const { fields } = one(records, 'request_completed');
    assert.deepEqual([fields.status, fields['error.type']], [409, 'ConflictError']);
    assert.equal(one(records, 'told').fields.request_id, response.headers.get('x-request-id'));
  });

  test('R3.4 hono: without a server the request ends with its response', async () => {
    const app = new Hono();
    app.use(honoLogging());
    app.get('/orders/:id', () => new Response('fine', { headers: { 'content-length': '4' } }));
    const response = await app.request('/orders/7?x=1', { headers: { 'x-request-id': 'in-a-test' } });
    assert.equal(response.headers.get('x-request-id'), 'in-a-test');
    const { fields } = one(await logged(1), 'request_completed');
    assert.deepEqual(
      [fields.request_id, fields.path, fields.route, fields.status, fields.bytes],
      ['in-a-test', '/orders/7', '/orders/:id', 200, 4],
    );
  });

  test('R3.4 hono: the same Request asked twice without a server is two requests', async () => {
    const app = new Hono();
    app.use(honoLogging(), honoLogging());
    app.get('/', (c) => c.text('fine'));
    const request = new Request('http://shop.test/');
    for (let i = 0; i < 2; i++) {
      await app.request(request);
      one(await logged(1), 'request_completed');
    }
  });

  test('R3.4 hono: a thrown value that is no Error passes through, and its request failed', async () => {
    const app = new Hono();
    app.use(honoLogging());
    app.get('/odd', async () => {
      await Promise.resolve();
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- it is what the test is about
      throw 'a text';
    });
    await assert.rejects(
      async () => app.request('/odd'),
      (thrown) => thrown === 'a text',
    );
    const { level, fields } = one(await logged(1), 'request_failed');
    assert.deepEqual([level, fields.status, fields['exception.message']], ['ERROR', 500, 'a text']);
  });

  test('R3.4 fastify: a stream that breaks on its way is a failure with its reason', async () => {
    const app = fastify({ forceCloseConnections: true });
    await app.register(fastifyLogging, {});
    app.get('/broken', (_request, reply) => {
      const body = new Readable({ read: () => undefined });
      body.push('half');
      setTimeout(() => body.destroy(new RangeError('the disk is gone')), 5);
      return reply.type('text/plain').send(body);
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    await assert.rejects(async () => (await fetch(`${url}/broken`)).text());
    const { fields } = one(await logged(1), 'request_failed');
    assert.deepEqual([fields.status, fields['exception.type']], [200, 'RangeError']);
    await app.close();
  });

  test('R3.4 fastify: inject goes through it, validation errors are 4xx, and plugins are covered', async () => {
    const app = fastify();
    await app.register(fastifyLogging, { userAgent: false });
    await app.register((child, _options, done) => {
      const schema = { querystring: { type: 'object', required: ['q'], properties: { q: { type: 'string' } } } };
      child.get('/search', { schema }, () => 'found');
      done();
    });
    assert.equal((await app.inject('/search')).statusCode, 400);
    const { event, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([event, fields.status, fields.route], ['request_completed', 400, '/search']);
    assert.equal(fields['error.type'], 'Error');
    assert.equal((await app.inject('/search?q=1')).headers['x-request-id'] === undefined, false);
    await logged(1);
    await app.close();
  });

  test('R3.4 node:http: what the handler throws or rejects with stays the server’s to handle', async (t) => {
    const failing = nodeLogging()((request: IncomingMessage) => {
      if (request.url === '/sync') throw new Error('sync');
      return Promise.reject(new Error('async'));
    });
    const caught: unknown[] = [];
    const server = createServer((request, response: ServerResponse) => {
      const note = (error: unknown): void => {
        caught.push(error);
        response.statusCode = 503;
        response.end();
      };
      try {
        void failing(request, response).catch(note);
      } catch (error) {
        note(error);
      }
    });
    const url = await listen(t, server);
    for (const path of ['/sync', '/async']) assert.equal((await read(url + path))[0], 503);
    assert.deepEqual(
      caught.map((error) => (error as Error).message),
      ['sync', 'async'],
    );
    const messages = endsOf(await logged(2)).map(({ event, fields }) => [event, fields['exception.message']]);
    assert.deepEqual(messages, [
      ['request_failed', 'sync'],
      ['request_failed', 'async'],
    ]);
  });
});

describe('the context manager that request logging brings where there is none', () => {
  const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const context = trace.setSpanContext(ROOT_CONTEXT, parent);

  test('R3.1 a context holds over awaits, and ends with its function', async () => {
    const storage = new ContextStorage();
    const inside = await storage.with(
      context,
      async (...args: unknown[]) => {
        await Promise.resolve();
        return [storage.active(), ...args];
      },
      undefined,
      'an argument',
    );
    assert.deepEqual(inside, [context, 'an argument']);
    assert.equal(storage.active(), ROOT_CONTEXT);
  });

  test('R3.1 functions and emitters are bound, anything else is left as it is', () => {
    const storage = new ContextStorage();
    const bound = storage.bind(context, function (this: unknown, a: number): unknown[] {
      return [storage.active(), this, a];
    });
    assert.deepEqual([bound.call('me', 1), bound.length], [[context, 'me', 1], 1]);
    const emitter = storage.bind(context, new EventEmitter());
    let seen: unknown;
    emitter.once('event', (value: number) => void (seen = [storage.active(), value]));
    emitter.emit('event', 7);
    assert.deepEqual(seen, [context, 7]);
    assert.equal(storage.bind(context, 7), 7);
  });
});
