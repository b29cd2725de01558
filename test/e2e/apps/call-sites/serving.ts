/** Four servers in one process. Each answers 10 requests at once and logs by spanlog and by pino while it does. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import pino from 'pino';
import { bridgePino } from '../../../../src/bridges.ts';
import { requestLogging as expressLogging } from '../../../../src/express.ts';
import { requestLogging as fastifyLogging } from '../../../../src/fastify.ts';
import { requestLogging as honoLogging } from '../../../../src/hono.ts';
import { getLogger, register } from '../../../../src/index.ts';
import { requestLogging as nodeLogging } from '../../../../src/node.ts';
import { CARD, PASSWORD, TOKEN } from '../../../bridges/apps/values.ts';
import { reportAtExit } from './report.ts';

const REQUESTS = 10;

const logging = register();
reportAtExit(undefined, logging);
bridgePino();
const log = getLogger('shop');
const pinoLog = pino({ name: 'shop' }, pino.destination({ dest: 1, sync: true }));

async function readOrder(id: string): Promise<{ readonly id: string }> {
  log.info('order_asked', { order: id, password: PASSWORD });
  await delay(Number(id) % 3);
  pinoLog.info({ order: id, note: `paid with ${CARD}` }, 'order_read');
  return { id };
}

function startNode(): Server {
  const logged = nodeLogging();
  return createServer(
    logged((request, response) => {
      void readOrder(/^\/orders\/(\d+)/.exec(request.url ?? '')?.[1] ?? '').then((order) =>
        response.end(JSON.stringify(order)),
      );
    }),
  ).listen(0, '127.0.0.1');
}

function startExpress(): Server {
  const app = express();
  app.use(expressLogging());
  app.get('/orders/:id', async (request, response) => void response.json(await readOrder(request.params.id)));
  return app.listen(0, '127.0.0.1');
}

async function startFastify(): Promise<Server> {
  const app = fastify();
  await app.register(fastifyLogging);
  app.get<{ Params: { id: string } }>('/orders/:id', (request) => readOrder(request.params.id));
  await app.ready();
  return app.server.listen(0, '127.0.0.1');
}

function startHono(): Server {
  const app = new Hono();
  app.use(honoLogging());
  app.get('/orders/:id', async (c) => c.json(await readOrder(c.req.param('id'))));
  return createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1') as Server;
}

async function ask(name: string, port: number, id: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/orders/${id}?token=${TOKEN}`, {
    headers: {
      'x-request-id': `${name}-${id}`,
      traceparent: `00-${String(id).padStart(32, 'a')}-${String(id).padStart(16, 'b')}-01`,
    },
  });
  if (response.headers.get('x-request-id') !== `${name}-${id}`) throw new Error('the id was not given back');
  await response.text();
}

async function serve(): Promise<void> {
  const started = Object.entries({ node: startNode, express: startExpress, fastify: startFastify, hono: startHono });
  for (const [name, start] of started) {
    const server = await start();
    if (!server.listening) await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await Promise.all(Array.from({ length: REQUESTS }, (_, id) => ask(name, port, id)));
    server.closeAllConnections();
    server.close();
  }
}

void serve();
