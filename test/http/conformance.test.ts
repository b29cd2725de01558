import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, assertAllOf } from './asking.ts';
import type { Answer, Subject } from './asking.ts';
import { endingFacts } from './conformance-endings.ts';
import { FRAMEWORKS } from './frameworks.ts';
import type { RunningServer } from './frameworks.ts';
import { rawRequest } from './raw-client.ts';
import { endsOf, logged, one, startsOf } from './recorded.ts';
import type { Logged } from './recorded.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const TRACE_PARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;

for (const framework of FRAMEWORKS) {
  const { name } = framework;
  const fact: Subject['fact'] = (id, text, run) => void test(`${id} ${name}: ${text}`, run);

  describe(`request logging in ${name}`, () => {
    let shop: RunningServer;
    before(async () => {
      shop = await framework.start({});
    });
    after(() => shop.close());
    const route = (pattern: string): object => (framework.routes ? { route: pattern } : {});

    endingFacts({ framework, shop: () => shop, fact });

    fact('R3.4', 'one start and one end, with method, path, route, status, duration_ms and bytes', async () => {
      const answer = await ask(`${shop.url}/orders/42?token=hidden`, { headers: { 'user-agent': 'test/1' } });
      const records = await logged(1);
      assert.deepEqual(
        records.map(({ event, level }) => [event, level]),
        [
          ['request_started', 'INFO'],
          ['order_asked', 'INFO'],
          ['order_read', 'INFO'],
          ['request_completed', 'INFO'],
        ],
      );
      assertAllOf(records, answer.id);
      const { fields, logger } = one(records, 'request_completed');
      const { duration_ms, ...others } = fields;
      assert.ok(typeof duration_ms === 'number' && duration_ms > 0 && duration_ms < 5_000);
      assert.equal(logger, 'http.server');
      assert.deepEqual(others, {
        request_id: answer.id,
        method: 'GET',
        path: '/orders/42',
        ...route('/orders/:id'),
        status: 200,
        bytes: answer.body.length,
        'user_agent.original': 'test/1',
      });
      const started = one(records, 'request_started');
      assert.deepEqual([started.fields.method, started.fields.path], ['GET', '/orders/42']);
      assert.ok(!JSON.stringify(records).includes('hidden'), 'the query is not logged');
    });

    fact('R3.4', 'a valid X-Request-ID is taken over and echoed', async () => {
      const id = 'Root=1-67891233-abcdef012345678912345678/a:b+c@d_e.f';
      const answer = await ask(`${shop.url}/orders/1`, { headers: { 'x-request-id': id } });
      assert.equal(answer.id, id);
      assertAllOf(await logged(1), id);
    });

    const hostile: Readonly<Record<string, readonly string[]>> = {
      'with a space': ['x-request-id: a b'],
      'with quotes and brackets': ['x-request-id: <script>alert("1")</script>'],
      'of 129 characters': [`x-request-id: ${'a'.repeat(129)}`],
      'that is empty': ['x-request-id:'],
      'with bytes beyond ASCII': ['x-request-id: caf\u00e9'],
      'sent twice': ['x-request-id: one', 'x-request-id: two'],
      'with an escape sequence': ['x-request-id: a\u009b31mred'],
    };
    fact('R3.4', 'a malformed or hostile X-Request-ID is replaced, never echoed', async () => {
      for (const [what, headers] of Object.entries(hostile)) {
        const text = await rawRequest(shop.port, '/orders/1', ...headers);
        const id = /^x-request-id: (.*)\r$/im.exec(text)?.[1] ?? null;
        assert.match(id ?? '', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, what);
        assertAllOf(await logged(1), id);
      }
    });

    fact('R3.4', 'an X-Request-ID that the application sets itself stays', async () => {
      const answer = await ask(`${shop.url}/own-id`);
      assert.equal(answer.id, 'set-by-the-application');
      await logged(1);
    });

    for (const path of ['/boom-sync', '/boom-async']) {
      fact('R3.4', `an error of the handler (${path}) is one failed request with its exception`, async () => {
        const answer = await ask(shop.url + path);
        const records = await logged(1);
        assert.equal(answer.status, 500);
        const { level, fields } = one(records, 'request_failed');
        assert.equal(level, 'ERROR');
        assert.deepEqual(
          [fields.status, fields['exception.type'], fields['exception.message']],
          [500, 'Boom', 'no stock'],
        );
        assert.match(String(fields['exception.stacktrace']), /frameworks\.ts/);
        assertAllOf(records, answer.id);
        if (framework.routes) assert.equal(fields.route, path);
      });
    }

    if (framework.routes) {
      fact('R3.4', 'the route of a nested router is its whole pattern, also when its handler fails', async () => {
        await ask(`${shop.url}/shops/17/items/4711`);
        const fine = one(await logged(1), 'request_completed');
        assert.equal(fine.fields.route, '/shops/:shop/items/:item');
        await ask(`${shop.url}/shops/17/items/4711/boom`);
        const failed = one(await logged(1), 'request_failed');
        assert.equal(failed.fields.route, '/shops/:shop/items/:item/boom');
      });
    }

    fact('R3.4', 'a path that nothing matches has no route, and is completed with 404', async () => {
      const answer = await ask(`${shop.url}/nowhere`);
      assert.equal(answer.status, 404);
      const { level, fields } = one(await logged(1), 'request_completed');
      assert.deepEqual([level, fields.status, 'route' in fields], ['INFO', 404, false]);
    });

    fact('R3.4', '4xx is completed, at INFO and without an exception', async () => {
      const answer = await ask(`${shop.url}/teapot`);
      assert.deepEqual([answer.status, answer.body], [418, 'teapot']);
      const { level, fields } = one(await logged(1), 'request_completed');
      assert.deepEqual([level, fields.status, fields['exception.type']], ['INFO', 418, undefined]);
    });

    fact('R3.4', 'health checks are quiet: DEBUG, start and end', async () => {
      await ask(`${shop.url}/healthz`);
      const records = await logged(1);
      assert.deepEqual(
        records.map(({ level }) => level),
        ['DEBUG', 'DEBUG'],
      );
    });

    fact('R3.2', 'fields that the handler binds are on the end record', async () => {
      await ask(`${shop.url}/bound`);
      const records = await logged(1);
      assert.equal(one(records, 'request_completed').fields.user_id, 'u-1');
      assert.equal(one(records, 'request_started').fields.user_id, undefined);
    });

    fact('R3.1', 'without a tracing SDK the caller’s traceparent is on every record', async () => {
      await ask(`${shop.url}/orders/1`, { headers: { traceparent: TRACE_PARENT, tracestate: 'vendor=1' } });
      const records = await logged(1);
      assert.equal(records.length, 4);
      for (const { traceId, spanId } of records) assert.deepEqual([traceId, spanId], [TRACE_ID, SPAN_ID]);
      await ask(`${shop.url}/orders/1`, { headers: { traceparent: TRACE_PARENT.toUpperCase() } });
      for (const { traceId } of await logged(1)) assert.equal(traceId, undefined);
    });

    fact('R3.4', 'used twice it logs once', async () => {
      const twice = await framework.start({}, 2);
      try {
        const answer = await ask(`${twice.url}/orders/1`);
        const records = await logged(1);
        assert.equal(startsOf(records).length, 1);
        assertAllOf(records, answer.id);
        await ask(`${twice.url}/boom-async`);
        assert.equal(one(await logged(1), 'request_failed').fields['exception.message'], 'no stock');
      } finally {
        await twice.close();
      }
    });

    fact('R3.4', 'the client gets the same as without it: status, headers and body', async () => {
      const plain = await framework.start();
      const shownOf = ({ status, headers, body }: Answer): object => {
        const kept = [...headers].filter(([key]) => key !== 'x-request-id' && key !== 'date');
        return { status, body, headers: kept };
      };
      try {
        const paths = [
          '/orders/1',
          '/boom-sync',
          '/boom-async',
          '/teapot',
          '/stream',
          '/nowhere',
          '/healthz',
          '/bound',
        ];
        for (const path of paths) {
          for (const method of ['GET', 'HEAD', 'OPTIONS']) {
            const [with_, without] = [await ask(shop.url + path, { method }), await ask(plain.url + path, { method })];
            assert.deepEqual(shownOf(with_), shownOf(without), `${method} ${path}`);
            assert.equal(without.id, null);
          }
        }
        await logged(paths.length * 3);
      } finally {
        await plain.close();
      }
    });

    fact('R3.4', 'hooks of the user may fail: only their own field is lost', async () => {
      const hostileShop = await framework.start({
        level: () => {
          throw new Error('no level today');
        },
        fields: () => {
          throw new Error('no fields today');
        },
        createRequestId: () => {
          throw new Error('no id today');
        },
        ignore: [
          () => {
            throw new Error('no rule today');
          },
        ],
      });
      try {
        const answer = await ask(`${hostileShop.url}/orders/1`);
        assert.equal(answer.status, 200);
        const records = await logged(1);
        assertAllOf(records, answer.id);
        const { level, fields } = one(records, 'request_completed');
        assert.equal(level, 'INFO');
        assert.match(String(fields['spanlog.problem']), /level threw: no level today; .*fields threw: no fields today/);
      } finally {
        await hostileShop.close();
      }
    });

    fact('R3.4', 'levels, slow requests, ignored paths, ids of one’s own and more fields are options', async () => {
      let made = 0;
      const tuned = await framework.start({
        startLevel: 'off',
        level: { '4xx': 'warn', '5xx': 'fatal' },
        ignore: ['/healthz'],
        trustRequestId: false,
        createRequestId: () => `own-${++made}`,
        clientAddress: true,
        fields: (_request, { kind, route: pattern }) => ({ kind, matched: pattern ?? 'none' }),
      });
      try {
        const answer = await ask(`${tuned.url}/orders/1`, { headers: { 'x-request-id': 'theirs' } });
        assert.equal(answer.id, 'own-1');
        await ask(`${tuned.url}/healthz`);
        await ask(`${tuned.url}/teapot`);
        await ask(`${tuned.url}/boom-async`);
        const records = await logged(3);
        assert.deepEqual(startsOf(records), []);
        const [fine, teapot, boom] = endsOf(records) as [Logged, Logged, Logged];
        assert.deepEqual([fine.level, teapot.level, boom.level], ['INFO', 'WARN', 'FATAL']);
        assert.deepEqual([fine.fields.kind, boom.fields.kind], ['completed', 'failed']);
        assert.equal(fine.fields.matched, framework.routes ? '/orders/:id' : 'none');
        assert.equal(fine.fields['client.address'], '127.0.0.1');
      } finally {
        await tuned.close();
      }
      const slow = await framework.start({ slowMs: 0 });
      try {
        await ask(`${slow.url}/healthz`);
        const { level, fields } = endsOf(await logged(1))[0] as Logged;
        assert.deepEqual([level, fields.slow], ['WARN', true]);
      } finally {
        await slow.close();
      }
    });

    fact('R3.2', '200 concurrent requests each keep their own ids, and start and end once each', async () => {
      const ids = Array.from({ length: 200 }, (_, i) => `c-${i}`);
      const answers = await Promise.all(
        ids.map((id) => {
          const traceId = Buffer.from(id.padEnd(16, '.')).toString('hex');
          const headers = { 'x-request-id': id, traceparent: `00-${traceId}-${SPAN_ID}-01` };
          return ask(`${shop.url}/orders/${id}`, { headers });
        }),
      );
      const records = await logged(200);
      assert.equal(records.length, 800);
      const byId = Map.groupBy(records, ({ fields }) => fields.request_id);
      assert.deepEqual(
        answers.map(({ id }) => id),
        ids,
      );
      for (const id of ids) {
        const own = byId.get(id) ?? [];
        assert.deepEqual(
          own.map(({ event }) => event),
          ['request_started', 'order_asked', 'order_read', 'request_completed'],
        );
        for (const { fields, traceId } of own) {
          assert.equal(traceId, Buffer.from(id.padEnd(16, '.')).toString('hex'));
          if ('order' in fields) assert.equal(fields.order, id);
          else assert.equal(fields.path, `/orders/${id}`);
        }
      }
    });
  });
}
