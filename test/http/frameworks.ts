/**
 * One small shop, served by each of the five frameworks in that framework's own words, with or without request logging.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream } from 'hono/streaming';
import Koa from 'koa';
import { bindContext, getLogger } from '../../src/index.ts';
import { requestLogging as expressLogging } from '../../src/express.ts';
import { requestLogging as fastifyLogging } from '../../src/fastify.ts';
import { requestLogging as honoLogging } from '../../src/hono.ts';
import { requestLogging as koaLogging } from '../../src/koa.ts';
import { requestLogging as nodeLogging } from '../../src/node.ts';
import type { PathRule, RequestLevels, RequestOutcome } from '../../src/node.ts';

/** The options that all frameworks share. */
export interface SharedOptions {
  readonly level?: RequestLevels | ((outcome: RequestOutcome) => 'warn' | undefined);
  readonly startLevel?: 'debug' | 'off';
  readonly ignore?: readonly PathRule[];
  readonly slowMs?: number;
  readonly trustRequestId?: boolean;
  readonly createRequestId?: () => string;
  readonly clientAddress?: boolean;
  readonly fields?: (request: object, outcome: RequestOutcome) => Record<string, unknown>;
}

export interface Framework {
  readonly name: string;
  /** Whether it knows of routes at all. */
  readonly routes: boolean;
  /** Listens on a free port. Without options there is no request logging in it. */
  start(options?: SharedOptions, times?: number): Promise<RunningServer>;
}

export interface RunningServer {
  readonly port: number;
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

const log = getLogger('shop');

export class Boom extends Error {}

/** Reads an order, with turns of the loop in between where other requests get in. */
async function readOrder(id: string): Promise<{ id: string }> {
  log.info('order_asked', { order: id });
  await delay(id.length % 3);
  await Promise.resolve();
  log.info('order_read', { order: id });
  return { id };
}

async function* threeChunks(): AsyncGenerator<Buffer> {
  for (const text of ['one ', 'twö ', 'three']) {
    await delay(3);
    log.info('chunk_made');
    yield Buffer.from(text);
  }
}

const LOUD_ID = 'set-by-the-application';

const node: Framework = {
  name: 'node:http',
  routes: false,
  start: async (options, times = 1) => {
    const answer = (response: ServerResponse, status: number, body: string): void => {
      response.statusCode = status;
      response.setHeader('content-type', 'text/plain');
      response.end(body);
    };
    const serve = (request: IncomingMessage, response: ServerResponse): Promise<void> | undefined => {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      if (path === '/boom-sync') throw new Boom('no stock');
      if (path === '/hang') return undefined;
      if (path === '/stream') return void Readable.from(threeChunks()).pipe(response);
      if (path === '/endless') return void response.write('x'.repeat(1_000));
      if (path === '/break') {
        response.write('half');
        setTimeout(() => response.destroy(new Boom('broke')), 5);
        return undefined;
      }
      if (path === '/echo') {
        // The usual way, in which nothing keeps the context but the request itself.
        let body = '';
        request.setEncoding('utf8').on('data', (text: string) => (body += text));
        request.on('end', () => {
          log.info('body_read');
          answer(response, 200, body);
        });
        return undefined;
      }
      return serveLater(path, response);
    };
    const serveLater = async (path: string, response: ServerResponse): Promise<void> => {
      if (path === '/boom-async') {
        await delay(1);
        throw new Boom('no stock');
      }
      if (path === '/own-id') response.setHeader('x-request-id', LOUD_ID);
      if (path === '/bound') bindContext({ user_id: 'u-1' });
      if (path.startsWith('/orders/')) answer(response, 200, JSON.stringify(await readOrder(path.slice(8))));
      else if (path === '/teapot') answer(response, 418, 'teapot');
      else if (['/own-id', '/bound', '/healthz'].includes(path)) answer(response, 200, 'ok');
      else answer(response, 404, 'not found');
    };
    let handler = serve;
    if (options !== undefined) for (let i = 0; i < times; i++) handler = nodeLogging(options)(handler);
    const recover = (response: ServerResponse): void => answer(response, 500, 'failed');
    return listen(
      createServer((request, response) => {
        try {
          handler(request, response)?.catch(() => recover(response));
        } catch {
          recover(response);
        }
      }),
    );
  },
};

const expressFive: Framework = {
  name: 'express',
  routes: true,
  start: async (options, times = 1) => {
    const app = express();
    if (options !== undefined) for (let i = 0; i < times; i++) app.use(expressLogging(options));
    app.use(express.text());
    app.get('/boom-sync', () => {
      throw new Boom('no stock');
    });
    app.get('/boom-async', async () => {
      await delay(1);
      throw new Boom('no stock');
    });
    app.get('/teapot', (_request, response) => void response.status(418).send('teapot'));
    app.get('/hang', () => undefined);
    app.get('/stream', (_request, response) => void Readable.from(threeChunks()).pipe(response));
    app.get('/endless', (_request, response) => void response.write('x'.repeat(1_000)));
    app.get('/break', (_request, response) => {
      response.write('half');
      setTimeout(() => response.destroy(new Boom('broke')), 5);
    });
    app.post('/echo', (request, response) => {
      log.info('body_read');
      response.type('text/plain').send(request.body as string);
    });
    app.get('/orders/:id', async (request, response) => void response.json(await readOrder(request.params.id)));
    app.get('/own-id', (_request, response) => void response.set('x-request-id', LOUD_ID).send('ok'));
    app.get('/bound', (_request, response) => {
      bindContext({ user_id: 'u-1' });
      response.send('ok');
    });
    app.get('/healthz', (_request, response) => void response.send('ok'));
    const items = express.Router();
    items.get('/:item', (_request, response) => void response.send('item'));
    items.get('/:item/boom', () => {
      throw new Boom('no stock');
    });
    app.use('/shops/:shop/items', items);
    app.use(((error, _request, response, next) => {
      if (response.headersSent) next(error);
      else response.status(500).type('text/plain').send('failed');
    }) satisfies express.ErrorRequestHandler);
    return listen(createServer(app as RequestListener));
  },
};

const fastifyFive: Framework = {
  name: 'fastify',
  routes: true,
  start: async (options, times = 1) => {
    const app = fastify({ forceCloseConnections: true });
    if (options !== undefined) for (let i = 0; i < times; i++) await app.register(fastifyLogging, options);
    app.get('/boom-sync', () => {
      throw new Boom('no stock');
    });
    app.get('/boom-async', async () => {
      await delay(1);
      throw new Boom('no stock');
    });
    app.get('/teapot', (_request, reply) => reply.code(418).send('teapot'));
    app.get('/hang', () => new Promise(() => undefined));
    app.get('/stream', (_request, reply) => reply.type('text/plain').send(Readable.from(threeChunks())));
    app.get('/endless', (_request, reply) => {
      reply.hijack();
      reply.raw.write('x'.repeat(1_000));
    });
    app.get('/break', (_request, reply) => {
      reply.hijack();
      reply.raw.write('half');
      setTimeout(() => reply.raw.destroy(new Boom('broke')), 5);
    });
    app.post('/echo', (request, reply) => {
      log.info('body_read');
      return reply.type('text/plain').send(request.body);
    });
    app.get<{ Params: { id: string } }>('/orders/:id', (request) => readOrder(request.params.id));
    app.get('/own-id', (_request, reply) => reply.header('x-request-id', LOUD_ID).send('ok'));
    app.get('/bound', (_request, reply) => {
      bindContext({ user_id: 'u-1' });
      return reply.send('ok');
    });
    app.get('/healthz', (_request, reply) => reply.send('ok'));
    await app.register(
      (items, _options, done) => {
        items.get('/:item', (_request, reply) => reply.send('item'));
        items.get('/:item/boom', () => {
          throw new Boom('no stock');
        });
        done();
      },
      { prefix: '/shops/:shop/items' },
    );
    app.setErrorHandler((_error, _request, reply) => reply.code(500).type('text/plain').send('failed'));
    await app.ready();
    await app.listen({ port: 0, host: '127.0.0.1' });
    return running(app.server, () => app.close());
  },
};

const koaThree: Framework = {
  name: 'koa',
  routes: true,
  start: async (options, times = 1) => {
    const app = new Koa();
    app.silent = true;
    if (options !== undefined) for (let i = 0; i < times; i++) app.use(koaLogging(options));
    app.use(async (ctx) => {
      // What @koa/router leaves behind.
      const matched = (pattern: string): void => void Object.assign(ctx, { _matchedRoute: pattern });
      const order = /^\/orders\/([^/]+)$/.exec(ctx.path)?.[1];
      const item = /^\/shops\/[^/]+\/items\/[^/]+(\/boom)?$/.exec(ctx.path);
      if (order !== undefined) {
        matched('/orders/:id');
        ctx.body = await readOrder(order);
        return;
      }
      if (item !== null) {
        matched(`/shops/:shop/items/:item${item[1] ?? ''}`);
        if (item[1] !== undefined) throw new Boom('no stock');
        ctx.body = 'item';
        return;
      }
      matched(ctx.path);
      if (ctx.path === '/boom-sync') throw new Boom('no stock');
      else if (ctx.path === '/boom-async') return delay(1).then(() => Promise.reject(new Boom('no stock')));
      else if (ctx.path === '/teapot') {
        ctx.status = 418;
        ctx.body = 'teapot';
      } else if (ctx.path === '/hang') return new Promise(() => undefined);
      else if (ctx.path === '/stream') ctx.body = Readable.from(threeChunks());
      else if (ctx.path === '/endless') {
        ctx.respond = false;
        ctx.res.statusCode = 200;
        ctx.res.write('x'.repeat(1_000));
      } else if (ctx.path === '/break') {
        ctx.respond = false;
        ctx.res.statusCode = 200;
        ctx.res.write('half');
        setTimeout(() => ctx.res.destroy(new Boom('broke')), 5);
      } else if (ctx.path === '/echo') {
        const chunks: Buffer[] = [];
        for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
        log.info('body_read');
        ctx.body = Buffer.concat(chunks).toString();
      } else if (ctx.path === '/own-id') {
        ctx.set('x-request-id', LOUD_ID);
        ctx.body = 'ok';
      } else if (ctx.path === '/bound') {
        bindContext({ user_id: 'u-1' });
        ctx.body = 'ok';
      } else if (ctx.path === '/healthz') ctx.body = 'ok';
      else Object.assign(ctx, { _matchedRoute: undefined });
      return undefined;
    });
    return listen(createServer(app.callback() as RequestListener));
  },
};

const honoFour: Framework = {
  name: 'hono',
  routes: true,
  start: async (options, times = 1) => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    if (options !== undefined) for (let i = 0; i < times; i++) app.use(honoLogging(options));
    app.get('/boom-sync', () => {
      throw new Boom('no stock');
    });
    app.get('/boom-async', async () => {
      await delay(1);
      throw new Boom('no stock');
    });
    app.get('/teapot', () => {
      throw new HTTPException(418, { message: 'teapot' });
    });
    app.get('/hang', () => new Promise<Response>(() => undefined));
    app.get('/stream', (c) =>
      stream(c, async (out) => {
        for await (const chunk of threeChunks()) await out.write(chunk);
      }),
    );
    app.get('/endless', (c) =>
      stream(c, async (out) => {
        await out.write('x'.repeat(1_000));
        await new Promise(() => undefined);
      }),
    );
    app.get('/break', (c) => {
      setTimeout(() => c.env.outgoing.destroy(new Boom('broke')), 15);
      return stream(c, async (out) => {
        await out.write('half');
        await new Promise(() => undefined);
      });
    });
    app.post('/echo', async (c) => {
      const body = await c.req.text();
      log.info('body_read');
      return c.text(body);
    });
    app.get('/orders/:id', async (c) => c.json(await readOrder(c.req.param('id'))));
    app.get('/own-id', () => new Response('ok', { headers: { 'x-request-id': LOUD_ID } }));
    app.get('/bound', (c) => {
      bindContext({ user_id: 'u-1' });
      return c.text('ok');
    });
    app.get('/healthz', (c) => c.text('ok'));
    const items = new Hono();
    items.get('/:item', (c) => c.text('item'));
    items.get('/:item/boom', () => {
      throw new Boom('no stock');
    });
    app.route('/shops/:shop/items', items);
    app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text('failed', 500)));
    return listen(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
};

export const FRAMEWORKS: readonly Framework[] = [node, expressFive, fastifyFive, koaThree, honoFour];

async function listen(server: Server): Promise<RunningServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return running(server, async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
}

function running(server: Server, close: () => Promise<void>): RunningServer {
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, server, close };
}
