import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requestLogging } from '../../src/fetch.ts';
import { getLogger } from '../../src/index.ts';
import { logged, one, startsOf } from './recorded.ts';

const log = getLogger('handlers');
const request = (init: RequestInit = {}, path = '/orders/7?token=t'): Request =>
  new Request(`http://shop.test${path}`, init);

/** What Next.js throws, by its shape: an Error with a digest. */
function thrownByNext(digest: string): Error {
  return Object.assign(new Error(digest.split(';')[0]), { digest });
}

describe('handlers from a Request to a Response', () => {
  test('R3.4 fetch: the start and the end are logged once, with the id that goes back, the route and the status', async () => {
    const GET = requestLogging({ route: '/orders/[id]' })(async (_request: Request, { params }: RouteParams) => {
      log.info('loaded', { id: (await params).id });
      return Response.json({ ok: true }, { status: 201, headers: { 'content-length': '11' } });
    });
    const response = await GET(request({ headers: { 'x-request-id': 'req-1' } }), {
      params: Promise.resolve({ id: '7' }),
    });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('x-request-id'), 'req-1');
    assert.deepEqual(await response.json(), { ok: true });
    const records = await logged(1);
    assert.equal(startsOf(records).length, 1);
    assert.deepEqual(new Set(records.map(({ fields }) => fields.request_id)), new Set(['req-1']));
    assert.equal(one(records, 'loaded').fields.id, '7');
    const { level, fields } = one(records, 'request_completed');
    const { duration_ms, ...rest } = fields;
    assert.equal(level, 'INFO');
    assert.equal(typeof duration_ms, 'number');
    assert.deepEqual(rest, {
      request_id: 'req-1',
      method: 'GET',
      path: '/orders/7',
      route: '/orders/[id]',
      status: 201,
      bytes: 11,
    });
  });

  test('R3.4 fetch: 200 requests at once keep to their own ids', async () => {
    const handler = requestLogging()(async (incoming: Request) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
      log.info('inside', { expected: incoming.headers.get('x-request-id') });
      return new Response('ok');
    });
    const ids = Array.from({ length: 200 }, (_, i) => `r-${i}`);
    await Promise.all(ids.map((id) => handler(request({ headers: { 'x-request-id': id } }))));
    const records = await logged(200);
    const inside = records.filter(({ event }) => event === 'inside');
    assert.equal(inside.length, 200);
    for (const { fields } of inside) assert.equal(fields.request_id, fields.expected);
    assert.deepEqual(new Set(startsOf(records).map(({ fields }) => fields.request_id)), new Set(ids));
  });

  test('R3.4 fetch: a handler that throws has failed, and its caller gets the same error', async () => {
    const failure = new TypeError('no such table');
    const handler = requestLogging()(() => Promise.reject(failure));
    await assert.rejects(handler(request()), (error) => error === failure);
    const { level, fields } = one(await logged(1), 'request_failed');
    assert.equal(level, 'ERROR');
    assert.equal(fields.status, 500);
    assert.equal(fields['exception.message'], 'no such table');
  });

  test('R3.4 fetch: a client that went away is cancelled, not failed', async () => {
    const client = new AbortController();
    const handler = requestLogging()((incoming: Request) => {
      client.abort();
      return Promise.reject(incoming.signal.reason as Error);
    });
    await assert.rejects(handler(request({ signal: client.signal })), { name: 'AbortError' });
    assert.equal(one(await logged(1), 'request_cancelled').level, 'INFO');
  });

  for (const [digest, status] of [
    ['NEXT_REDIRECT;replace;/login;307;', 307],
    ['NEXT_REDIRECT;push;/login;303;', 303],
    ['NEXT_HTTP_ERROR_FALLBACK;404', 404],
    ['NEXT_HTTP_ERROR_FALLBACK;403', 403],
    ['NEXT_NOT_FOUND', 404],
  ] as const) {
    test(`R3.4 fetch: ${digest} of Next.js is an answer with ${status}`, async () => {
      const thrown = thrownByNext(digest);
      const handler = requestLogging()(() => Promise.reject(thrown));
      await assert.rejects(handler(request()), (error) => error === thrown);
      const { level, fields } = one(await logged(1), 'request_completed');
      assert.deepEqual([level, fields.status, fields['exception.type']], ['INFO', status, undefined]);
    });
  }

  test('R3.4 fetch: headers that can not be changed are no obstacle', async () => {
    const handler = requestLogging()(() => Promise.resolve(Response.redirect('http://shop.test/login', 302)));
    const response = await handler(request({ headers: { 'x-request-id': 'req-2' } }));
    assert.deepEqual(
      [response.status, response.headers.get('location'), response.headers.get('x-request-id')],
      [302, 'http://shop.test/login', 'req-2'],
    );
    const broken = await requestLogging()(() => Promise.resolve(Response.error()))(request());
    assert.equal(broken.type, 'error');
    await logged(2);
  });

  test('R3.4 fetch: a wrapped handler inside a wrapped one logs its request once', async () => {
    const wrap = requestLogging();
    const response = await wrap(wrap(() => Promise.resolve(new Response('ok'))))(request());
    assert.equal(await response.text(), 'ok');
    await logged(1);
  });

  test('R3.4 fetch: the same Request given twice, one after the other, is two requests', async () => {
    const handler = requestLogging()(() => new Response('fine'));
    const given = request({ headers: { 'x-request-id': 'again' } });
    for (let i = 0; i < 2; i++) {
      await handler(given);
      assert.equal(one(await logged(1), 'request_completed').fields.request_id, 'again');
    }
  });

  test('R3.4 fetch: a handler that returns no Response has failed, and what it returned stays the platform’s to judge', async () => {
    const nothing: unknown = undefined;
    const handler = requestLogging()(() => nothing as Response);
    assert.equal(await handler(request()), undefined);
    const { fields } = one(await logged(1), 'request_failed');
    assert.match(String(fields['exception.message']), /returned no Response, but undefined/);
  });

  test('R3.4 fetch: bad options are refused at start', () => {
    assert.throws(() => requestLogging({ route: '' }), /route is no text. To mend it/);
    assert.throws(() => requestLogging({ slowMs: -1 }), /slowMs is -1. To mend it/);
    // @ts-expect-error it wraps a function
    assert.throws(() => requestLogging()(undefined), /wraps a function/);
  });
});

interface RouteParams {
  readonly params: Promise<{ readonly id: string }>;
}
