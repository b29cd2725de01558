import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { test } from 'node:test';
import express from 'express';
import type { Request } from 'express';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import Koa from 'koa';
import type { Context as AnyKoaContext } from 'koa';
import { requestLogging as expressLogging } from '../../src/express.ts';
import { requestLogging as fastifyLogging } from '../../src/fastify.ts';
import { requestLogging as honoLogging } from '../../src/hono.ts';
import { requestLogging as koaLogging } from '../../src/koa.ts';
import { requestLogging as nodeLogging } from '../../src/node.ts';

test('R3.4 node: handlers written in place know their request and response, those of http2 too', () => {
  const logging = nodeLogging({ fields: (request) => ({ agent: Reflect.get(request.headers, 'user-agent') }) });
  const server = createServer(
    logging((request, response) => {
      response.writeHead(200, { 'x-path': request.url ?? '' }).end(request.httpVersion);
    }),
  );
  server.on(
    'upgrade',
    logging.upgrade((request, socket, head) => socket.end(`${request.httpVersion} ${head.length}`)),
  );
  const secure = createHttp2Server(
    nodeLogging()((request: Http2ServerRequest, response: Http2ServerResponse) => response.end(request.authority)),
  );
  assert.ok(server.listenerCount('upgrade') === 1 && secure.listenerCount('request') === 1);
  // @ts-expect-error a handler is needed
  assert.throws(() => logging());
  // @ts-expect-error and it is a function
  assert.throws(() => logging({}));
});

test('R3.4 express: `app.use(requestLogging(options))`, with fields of the application’s own request', () => {
  const app = express();
  app.use(expressLogging());
  app.use(
    expressLogging({ slowMs: 500, level: { '4xx': 'warn' }, fields: (request: Request) => ({ ip: request.ip }) }),
  );
  app.use('/api', expressLogging({ quiet: ['/api/ping', /^\/api\/internal/, (path) => path === '/x'] }));
  // @ts-expect-error no such option
  assert.throws(() => expressLogging({ slow: 500 }));
  // @ts-expect-error no such level
  assert.throws(() => expressLogging({ startLevel: 'loud' }));
});

test('R3.4 fastify: `app.register(requestLogging, options)`', async () => {
  const app: FastifyInstance = fastify();
  await app.register(fastifyLogging);
  await app.register(fastifyLogging, { slowMs: 500, fields: (request) => ({ route: request.routeOptions.url }) });
  // @ts-expect-error milliseconds are a number
  await assert.rejects(async () => fastify().register(fastifyLogging, { slowMs: '5s' }));
});

test('R3.4 koa: `app.use(requestLogging(options))`, whatever the state of the application', () => {
  new Koa().use(koaLogging());
  new Koa<{ user: string }>().use(koaLogging({ fields: (ctx: AnyKoaContext) => ({ host: ctx.host }) }));
});

test('R3.4 hono: `app.use(requestLogging(options))`, whatever its bindings', () => {
  new Hono().use(honoLogging());
  new Hono().use('/api/*', honoLogging({ clientAddress: true }));
  const app = new Hono<{ Bindings: HttpBindings; Variables: { user: string } }>();
  app.use(honoLogging());
  app.use(honoLogging({ fields: (c: Context) => ({ host: c.req.header('host') }) }));
});
