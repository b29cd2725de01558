import assert from 'node:assert/strict';
import { Agent, createServer } from 'node:http';
import type { ClientRequest, RequestOptions } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { TraceState } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { fetch as undiciFetch, request as undiciRequest } from 'undici';
import { resolveOtlp } from '../../src/config/resolve-otlp.ts';
import { Batch } from '../../src/core/batch.ts';
import { OnceDiag } from '../../src/core/diag.ts';
import type { Hub } from '../../src/logger/hub.ts';
import { ValueMap } from '../../src/core/value.ts';
import { createProtobufEnvelope } from '../../src/encode/otlp-request.ts';
import { createHttpTransport } from '../../src/export/http.ts';
import { withoutTracing } from '../../src/export/suppress-tracing.ts';
import { propagateTo } from '../../src/http/propagation.ts';
import { registry } from '../../src/start.ts';
import { startReceiving } from '../process/receiving.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import { get, startService } from './propagation-services.ts';
import type { Service } from './propagation-services.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const TRACE_STATE: TraceState = {
  get: () => undefined,
  set: () => TRACE_STATE,
  unset: () => TRACE_STATE,
  serialize: () => 'a=1,b=2',
};
const SPAN = { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags: 3, traceState: TRACE_STATE };
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-03`;
const ID = 'req-1';

before(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

/** Lets requests to these hosts carry the headers until the test ends. */
function propagate(t: TestContext, ...hosts: string[]): Hub {
  const { hub } = createRecordingHub();
  const diag = new OnceDiag((line) => assert.fail(line));
  t.after(propagateTo(hosts, hub.context, diag));
  return hub;
}

/** Runs inside a request of id `ID`, inside a span. */
function inRequest<T>(hub: Hub, fn: () => T): T {
  return context.with(trace.setSpanContext(ROOT_CONTEXT, SPAN), () => serving(hub, ID, fn));
}

function serving<T>({ context, intake }: Hub, id: string, fn: () => T): T {
  return context.run(intake, {}, fn, { id });
}

const CLIENTS: Readonly<Record<string, (service: Service) => Promise<unknown>>> = {
  fetch: async ({ url }) => (await fetch(url)).text(),
  'undici.request': async ({ url }) => (await undiciRequest(url)).body.text(),
  'undici.fetch': async ({ url }) => (await undiciFetch(url)).text(),
  'node:http': ({ url }) => get(new URL(url)),
  'node:http with headers as a list': ({ port, url }) =>
    get({ ...address(url), headers: ['Host', `${address(url).host}:${port}`, 'Accept', '*/*'] }),
};

function address(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

for (const [client, send] of Object.entries(CLIENTS)) {
  test(`R3.5 ${client} carries request id and trace context to allowed hosts, and nothing to a third`, async (t) => {
    const hub = propagate(t, 'localhost', '127.0.0.1');
    const [one, two, third] = [
      await startService(t, 'localhost'),
      await startService(t, '127.0.0.1'),
      await startService(t, '127.0.0.2'),
    ];
    await inRequest(hub, async () => {
      for (const service of [one, two, third]) await send(service);
    });
    for (const service of [one, two]) {
      assert.deepEqual(service.all('x-request-id'), [ID]);
      assert.deepEqual(service.all('traceparent'), [TRACEPARENT]);
      assert.deepEqual(service.all('tracestate'), ['a=1,b=2']);
    }
    assert.equal(third.seen.length, 1);
    for (const name of ['x-request-id', 'traceparent', 'tracestate']) assert.deepEqual(third.all(name), []);
  });

  test(`R3.5 ${client} outside of a request and a trace carries nothing`, async (t) => {
    propagate(t, '127.0.0.1');
    const service = await startService(t, '127.0.0.1');
    await send(service);
    assert.equal(service.seen.length, 1);
    for (const name of ['x-request-id', 'traceparent', 'tracestate']) assert.deepEqual(service.all(name), []);
  });
}

test('R3.5 what the caller has set stays as it is, in any case and with each client', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const service = await startService(t, '127.0.0.1');
  const { host, port } = address(service.url);
  const own = { 'X-Request-ID': 'mine', TraceParent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00` };
  const senders: (() => Promise<unknown>)[] = [
    () => fetch(service.url, { headers: own }).then((answer) => answer.text()),
    () => undiciRequest(service.url, { headers: own }).then(({ body }) => body.text()),
    () => get({ host, port, headers: own }),
    () => get({ host, port, headers: ['Host', `${host}:${port}`, ...Object.entries(own).flat()] }),
  ];
  for (const send of senders) {
    await inRequest(hub, send);
    assert.deepEqual(service.all('x-request-id'), ['mine']);
    assert.deepEqual(service.all('traceparent'), [own.TraceParent]);
    assert.deepEqual(service.all('tracestate'), [], 'a tracestate belongs to its traceparent');
  }
  assert.equal(service.seen.length, senders.length);
});

test('R3.5 a header that the caller sets after the request was made wins', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const service = await startService(t, '127.0.0.1');
  const { request } = await import('node:http');
  await inRequest(hub, async () => {
    const made = request(service.url);
    made.setHeader('x-request-id', 'later');
    made.end();
    const [response] = (await once(made, 'response')) as [NodeJS.ReadableStream];
    response.resume();
  });
  assert.deepEqual(service.all('x-request-id'), ['later']);
  assert.deepEqual(service.all('traceparent'), [TRACEPARENT]);
});

test('R3.5 a redirect to a host that is not allowed carries nothing there', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const foreign = await startService(t, '127.0.0.2');
  const allowed = await startService(t, '127.0.0.1', () => foreign.url);
  await inRequest(hub, async () => (await fetch(`${allowed.url}redirect`)).text());
  assert.deepEqual(allowed.all('x-request-id'), [ID]);
  assert.equal(foreign.seen.length, 1);
  for (const name of ['x-request-id', 'traceparent', 'tracestate']) assert.deepEqual(foreign.all(name), []);
});

test('R3.5 a redirect back to an allowed host carries each header once', async (t) => {
  const hub = propagate(t, '127.0.0.1', 'localhost');
  const last = await startService(t, 'localhost');
  const first = await startService(t, '127.0.0.1', () => last.url);
  await inRequest(hub, async () => (await fetch(`${first.url}redirect`)).text());
  assert.deepEqual(last.all('x-request-id'), [ID]);
  assert.deepEqual(last.all('traceparent'), [TRACEPARENT]);
});

test('R3.5 a port in the list means that port alone', async (t) => {
  const [one, other] = [await startService(t, '127.0.0.1'), await startService(t, '127.0.0.1')];
  const hub = propagate(t, `127.0.0.1:${one.port}`);
  for (const send of Object.values(CLIENTS)) {
    await inRequest(hub, async () => {
      await send(one);
      await send(other);
    });
    assert.deepEqual(one.all('x-request-id'), [ID]);
    assert.deepEqual(other.all('x-request-id'), []);
  }
});

test('R3.5 a request that waits for 100-continue goes out untouched', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const service = await startService(t, '127.0.0.1');
  await inRequest(hub, () => get({ ...address(service.url), headers: { Expect: '100-continue' } }));
  assert.equal(service.seen.length, 1);
  assert.deepEqual(service.all('x-request-id'), []);
});

test('R3.5 a tunnel through a proxy shows the proxy nothing, although it is allowed', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const asked: string[][] = [];
  const proxy = createServer().listen(0, '127.0.0.1');
  proxy.on('connect', ({ rawHeaders }, socket) => {
    asked.push(rawHeaders);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const { ProxyAgent } = await import('undici');
  const dispatcher = new ProxyAgent(`http://127.0.0.1:${port}`);
  t.after(() => dispatcher.close());
  await inRequest(hub, () => assert.rejects(undiciRequest('https://127.0.0.1:1/', { dispatcher })));
  await inRequest(hub, async () => {
    const { request } = await import('node:http');
    const made = request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'elsewhere:443' }).end();
    await once(made, 'connect');
    made.destroy();
  });
  assert.equal(asked.length, 2);
  for (const headers of asked) assert.doesNotMatch(headers.join(' ').toLowerCase(), /x-request-id|traceparent/);
});

test('R3.5 a proxy that an agent goes through is shown nothing, whether Node’s own or another', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const proxy = await startService(t, '127.0.0.2');
  /** As packages for proxies do it. */
  class ThroughProxy extends Agent {
    addRequest(request: ClientRequest & { path: string }, options: RequestOptions): void {
      request.path = `http://${options.host}:${options.port}${request.path}`;
      const add: unknown = Reflect.get(Agent.prototype, 'addRequest');
      if (typeof add === 'function') Reflect.apply(add, this, [request, { ...options, ...address(proxy.url) }]);
    }
  }
  const own = new Agent(JSON.parse(JSON.stringify({ proxyEnv: { HTTP_PROXY: proxy.url } })) as object);
  for (const agent of [new ThroughProxy(), own]) {
    await inRequest(hub, () => get({ host: '127.0.0.1', port: 8080, path: '/orders', agent }));
    agent.destroy();
  }
  assert.equal(proxy.seen.length, 2);
  for (const { rawHeaders } of proxy.seen) {
    assert.doesNotMatch(rawHeaders.join(' ').toLowerCase(), /x-request-id|traceparent/);
  }
});

test('R3.5 a proxy that is asked by its own name gets what it and the target are allowed', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const proxy = await startService(t, '127.0.0.1');
  const ask = (path: string): Promise<void> => inRequest(hub, () => get({ ...address(proxy.url), path }));
  await ask('http://127.0.0.1:8080/');
  assert.deepEqual(proxy.all('x-request-id'), [ID]);
  await ask('http://127.0.0.2:8080/');
  assert.deepEqual(proxy.all('x-request-id'), []);
});

test('R3.5 an id that could not be a header stays at home, and the request goes', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const service = await startService(t, '127.0.0.1');
  for (const id of ['a\r\nevil: 1', 'é', '', 'x'.repeat(257), JSON.parse('7') as string]) {
    await serving(hub, id, () => get(new URL(service.url)));
    assert.deepEqual(service.all('x-request-id'), []);
    assert.deepEqual(service.all('evil'), []);
  }
  assert.equal(service.seen.length, 5);
});

test('R3.5 a request that brings telemetry to its destination carries nothing, whoever is served meanwhile', async (t) => {
  const hub = propagate(t, '127.0.0.1');
  const service = await startService(t, '127.0.0.1');
  const envelope = createProtobufEnvelope({
    resource: new ValueMap(),
    resourceSchemaUrl: '',
    scopes: () => assert.fail(),
  });
  const transport = createHttpTransport({ ...resolveOtlp({ url: service.url }, {}).otlp, version: '0', envelope });
  await inRequest(hub, () => transport.send(new Batch(1), AbortSignal.timeout(5_000)));
  await inRequest(hub, () => withoutTracing(() => get(new URL(service.url))));
  assert.equal(service.seen.length, 2);
  for (const { headers } of service.seen) {
    assert.deepEqual([headers['x-request-id'], headers.traceparent], [undefined, undefined]);
  }
});

test('R3.5 register({ propagate }) carries the id of the request that is served, and our own exports nothing', async (t) => {
  const collector = await startReceiving(t);
  const service = await startService(t, '127.0.0.1');
  const exported: string[][] = [];
  const { subscribe } = await import('node:diagnostics_channel');
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: { path: string; getHeaderNames(): string[] } };
    if (request.path === '/v1/logs') exported.push(request.getHeaderNames());
  });
  const logging = registry().register(
    {
      propagate: { hosts: ['127.0.0.1', 'localhost'] },
      destinations: [{ kind: 'otlp', options: { endpoint: collector.url } }],
      strict: true,
    },
    false,
  );
  t.after(() => logging.shutdown());
  await registry().withContext(
    { tenant: 'acme' },
    async () => {
      await (await fetch(service.url)).text();
      logging.getLogger('propagation').info('asked');
      // The flush makes the request while our request is being served: still, it is not part of it.
      await logging.flush();
    },
    { id: 'req-registered' },
  );
  assert.deepEqual(service.all('x-request-id'), ['req-registered']);
  assert.deepEqual(collector.events(), ['asked']);
  assert.equal(exported.length, 1);
  assert.ok(!exported[0]?.includes('x-request-id'), String(exported[0]));
});
