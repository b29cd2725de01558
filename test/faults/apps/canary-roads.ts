/**
 * Every road on which a secret can reach a log, each with a secret of its own: what is found somewhere tells by which
 * road it came.
 */
import { Writable } from 'node:stream';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import createDebug from 'debug';
import pino from 'pino';
import winston from 'winston';
import { bridgeConsole, bridgeDebug, bridgePino, pinoStream, winstonTransport } from '../../../src/bridges.ts';
import { bindContext, getLogger, pii, secret, withContext } from '../../../src/index.ts';
import { requestLogging } from '../../../src/node.ts';

const log = getLogger('app');

/** By the name of the road. Of those that end with `marked`, the secret is hidden whatever the settings say. */
export const ROADS: Readonly<Record<string, (c: string) => unknown>> = {
  key: (c) => log.info('road', { password: c }),
  deepkey: (c) => log.info('road', { a: [{ b: { dbPassword: c } }] }),
  pair: (c) => log.info('road', { list: [{ name: 'authorization', value: c }] }),
  field: (c) => log.info('road', { note: `it said password=${c} twice` }),
  message: (c) => log.info(`login failed with token=${c}`),
  template: (c) => log.info`for ${{ apiKey: c }} of ${{ text: `secret: "${c}"` }}`,
  error: (c) => log.error('road', undefined, failure(c)),
  exception: (c) => log.exception(failure(c)),
  errorfield: (c) => log.info('road', { why: failure(c) }),
  thrown: (c) => log.error('road', {}, `password=${c}`),
  child: (c) => log.child({ password: c, note: `token=${c}` }).info('road'),
  context: (c) => withContext({ session_token: c }, () => log.info('road')),
  bound: (c) =>
    withContext({}, () => {
      bindContext({ note: `password=${c}` });
      log.info('road');
    }),
  userkey: (c) => log.info('road', { internal_note: c }),
  path: (c) => log.info('road', { user: { address: c } }),
  pattern: (c) => log.info('road', { note: `CNRY-${c}` }),
  url: (c) => log.info('road', { at: new URL(`https://bob:${c}@example.com/?api_key=${c}`) }),
  urltext: (c) => log.info('road', { at: `postgres://app:${c}@db:5432/main` }),
  params: (c) => log.info('road', { query: new URLSearchParams({ token: c }) }),
  map: (c) => log.info('road', { map: new Map([['password', c]]), set: new Set([`token=${c}`]) }),
  mapkey: (c) => log.info('road', { map: new Map([[`password=${c}`, 1]]), [`token=${c}`]: 2 }),
  headers: (c) => log.info('road', { headers: new Headers({ authorization: `Bearer ${c}`, cookie: `sid=${c}` }) }),
  rawheaders: (c) => log.info('road', { headers: ['x-a', '1', 'authorization', c] }),
  json: (c) => log.info('road', { body: JSON.stringify({ a: { api_key: c } }) }),
  bytes: (c) => log.info('road', { body: Buffer.from(`password=${c}`) }),
  symbol: (c) => log.info('road', { what: Symbol(`password=${c}`) }),
  boxed: (c) => log.info('road', { what: Object(`password=${c}`) as unknown }),
  tojson: (c) => log.info('road', { what: { toJSON: () => ({ password: c }) } }),
  lazy: (c) => log.info('road', () => ({ password: c })),
  timed: (c) =>
    tried(() =>
      log.timed('road', { token: c }, () => {
        throw failure(c);
      }),
    ),
  audit: (c) => log.info('user_deleted', { password: c, note: `token=${c}` }),
  recorded: (c) =>
    withContext({}, () => {
      log.debug('road', { password: c, note: `token=${c}` });
      log.error('lets_it_out');
    }),
  held: (c) => {
    void withContext({}, async () => {
      log.debug('road', { password: c, note: `token=${c}` });
      await once(neverEnding, 'end');
    });
  },
  // What only its mark or its class tells to be a secret.
  secretmarked: (c) => log.info('road', { what: secret(c), deep: [{ a: secret({ c }) }] }),
  piimarked: (c) => log.info('road', { what: pii(c) }),
  textmarked: (c) => log.info(`for ${String(pii(c))}`),
  templatemarked: (c) => log.info`for ${{ who: pii(c) }}`,
  classmarked: (c) => log.info('order_placed', { street: c }),
  // Through other libraries.
  otel: (c) =>
    logs.getLogger('otel').emit({
      severityNumber: SeverityNumber.INFO,
      body: { text: `password=${c}`, password: c },
      attributes: { token: c, note: `Bearer ${c}` },
    }),
  pino: (c) => byStream.info({ password: c, note: `token=${c}`, err: failure(c) }, `password=${c}`),
  pinochannel: (c) => byChannel.info({ password: c, note: `token=${c}` }, `password=${c}`),
  winston: (c) => byWinston.error(`password=${c}`, { token: c, cause: failure(c) }),
  console: (c) => console.error('password=%s', c, { token: c }, failure(c)),
  debug: (c) => debug('password=%s', c),
  request,
  // What fails while it is read.
  getter: (c) => log.info('road', { what: throwing(`password=${c}`), password: c }),
  tojsonthrows: (c) =>
    log.info('road', {
      what: {
        password: c,
        toJSON() {
          throw new Error(`token=${c}`);
        },
      },
    }),
  proxy: (c) =>
    log.info('road', {
      what: new Proxy(
        { password: c },
        {
          get() {
            throw failure(c);
          },
        },
      ),
    }),
  message_throws: (c) => log.error('road', { password: c }, throwing(`password=${c}`)),
};

function tried(run: () => unknown): void {
  try {
    run();
  } catch {
    // It is the application's, and was logged.
  }
}

function failure(c: string): Error {
  const cause = Object.assign(new RangeError(`refused: token=${c}`), { password: c });
  return Object.assign(new Error(`login with password=${c} failed`, { cause }), { apiKey: c });
}

/** An error too, whose fields can't be read. */
function throwing(text: string): Error {
  const error = new Error('unreadable');
  for (const key of ['message', 'stack', 'what']) {
    Object.defineProperty(error, key, {
      enumerable: true,
      get() {
        throw new Error(text);
      },
    });
  }
  return error;
}

/** For what is on while memory is searched. */
const neverEnding = new EventEmitter();

/** The libraries' own output, which is not ours to redact. */
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
const byStream = pino({}, pinoStream({ destination: nowhere }));
const byChannel = pino({ name: 'channel' }, nowhere);
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
const byWinston = winston.createLogger({ transports: [winstonTransport()] });
createDebug.enable('shop:*');
createDebug.log = () => undefined;
const debug = createDebug('shop:cart');

/** To be called once spanlog is registered. */
export function openBridges(): void {
  bridgeConsole({ passThrough: false });
  bridgeDebug(createDebug);
  bridgePino();
}

async function request(c: string): Promise<void> {
  const handler = requestLogging()((asked, response) => {
    log.info('road', { headers: asked.headers, raw: asked.rawHeaders, url: asked.url });
    response.destroy(failure(c));
  });
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = {
    authorization: `Bearer ${c}`,
    cookie: `session_token=${c}`,
    'user-agent': `agent password=${c}`,
    'x-request-id': `token=${c}`,
  };
  await fetch(`http://127.0.0.1:${port}/login/token=${c}/x?password=${c}`, { headers }).catch(() => undefined);
  server.close();
  await once(server, 'close');
}
