import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventNames, startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedAnswer, ScriptedServer } from '../support/scripted-server.ts';
import { encodeLogsResponse, encodeStatus } from '../support/otlp-proto.ts';
import { createLane, httpTransport, JSON_ENVELOPE } from './lane.ts';
import type { Lane, LaneOptions } from './lane.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };

async function setUp(
  t: TestContext,
  answers: readonly ScriptedAnswer[],
  options: LaneOptions & { timeoutMs?: number } = {},
): Promise<{ server: ScriptedServer; lane: Lane }> {
  const server = await startScriptedServer({ answers });
  const lane = createLane(httpTransport(server.url, { timeoutMs: options.timeoutMs ?? 2_000 }), options);
  t.after(async () => {
    await lane.shipper.shutdown(0);
    await server.close();
  });
  return { server, lane };
}

/** Records in all requests, in the order of arrival. */
function received(server: ScriptedServer): string[] {
  return server.requests.flatMap(eventNames);
}

function named(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `e${i}`);
}

describe('delivery over HTTP', () => {
  test('R7.5 a burst arrives whole and in order', async (t) => {
    const { server, lane } = await setUp(t, [], { batchRecords: 512 });
    lane.emitMany(20_000);
    await lane.shipper.flush(20_000);
    assert.deepEqual(received(server), named(20_000));
    assert.equal(lane.balance().delivered, 20_000);
  });

  for (const status of [429, 502, 503, 504]) {
    test(`R8.2 after a ${status} the batch is sent again and delivered once`, async (t) => {
      const { server, lane } = await setUp(t, [{ status }, { status }, { status }]);
      lane.emitMany(10);
      await lane.shipper.flush(5_000);
      assert.equal(server.requests.length, 4);
      assert.equal(lane.balance().delivered, 10);
      assert.equal(lane.said.length, 2);
    });
  }

  for (const status of [400, 401, 403, 404, 408, 500, 501]) {
    test(`R8.2 after a ${status} the batch is dropped after one attempt, and the reason is said once`, async (t) => {
      const body = encodeStatus({ code: 3, message: 'because', details: [] });
      const { server, lane } = await setUp(
        t,
        [1, 2].map(() => ({ status, headers: PROTOBUF, body })),
      );
      lane.emitMany(30);
      await lane.shipper.flush(5_000);
      assert.equal(server.requests.length, 3);
      const counts = lane.balance();
      assert.deepEqual([counts.delivered, counts.dropped], [10, { [`http_${status}`]: 20 }]);
      assert.equal(lane.said.length, 1);
      assert.match(lane.said[0] ?? '', /because/);
    });
  }

  test('R8.2 after a 413 the batch arrives in halves', async (t) => {
    const { server, lane } = await setUp(t, [{ status: 413 }, { status: 413 }], { batchRecords: 8 });
    lane.emitMany(8);
    await lane.shipper.flush(5_000);
    assert.deepEqual(server.requests.map((request) => eventNames(request).length), [8, 4, 2, 2, 2, 2]); // prettier-ignore
    assert.equal(lane.balance().delivered, 8);
  });

  test('R8.2 a partial success is counted, never sent again, and its message said once', async (t) => {
    const body = encodeLogsResponse({ partialSuccess: { rejectedLogRecords: 3n, errorMessage: 'too old' } });
    const { server, lane } = await setUp(
      t,
      [1, 2].map(() => ({ headers: PROTOBUF, body })),
    );
    lane.emitMany(20);
    await lane.shipper.flush(5_000);
    assert.equal(server.requests.length, 2);
    const counts = lane.balance();
    assert.deepEqual([counts.delivered, counts.rejected], [14, 6]);
    assert.deepEqual(lane.said, ['spanlog: otlp: records were rejected: too old']);
  });

  test('R8.5 after answers that hang, trickle or break everything arrives', async (t) => {
    const answers: ScriptedAnswer[] = [{ fault: 'hang' }, { fault: 'trickle' }, { fault: 'reset-inside' }];
    const { server, lane } = await setUp(t, answers, { timeoutMs: 100 });
    lane.emitMany(30);
    await lane.shipper.flush(10_000);
    assert.equal(lane.balance().delivered, 30);
    assert.deepEqual([...new Set(received(server))], named(30));
  });

  test('R8.2 a collector that was away gets everything once it is back', async (t) => {
    const first = await startScriptedServer();
    await first.close();
    const lane = createLane(httpTransport(first.url));
    lane.emitMany(100);
    await lane.shipper.flush(200);
    assert.equal(lane.balance().pending, 100);
    const second = await startScriptedServer({ port: first.port });
    t.after(() => second.close());
    await lane.shipper.flush(10_000);
    assert.deepEqual(received(second), named(100));
    await lane.shipper.shutdown(1_000);
    assert.equal(lane.balance().delivered, 100);
    assert.equal(lane.said.length, 2);
    assert.match(lane.said[0] ?? '', /no collector answers/);
    assert.match(lane.said[1] ?? '', /delivering again/);
  });

  test('R8.2 a restart of the other side between two requests costs nothing', async (t) => {
    const { server, lane } = await setUp(t, []);
    lane.emitMany(10);
    await lane.shipper.flush(5_000);
    server.resetConnections();
    lane.emitMany(10, 'f');
    await lane.shipper.flush(5_000);
    assert.equal(lane.balance().delivered, 20);
    assert.equal(received(server).length, 20);
  });

  test('R7.4 http/json arrives as JSON', async (t) => {
    const server = await startScriptedServer();
    t.after(() => server.close());
    const lane = createLane(httpTransport(server.url, { envelope: JSON_ENVELOPE, compression: 'gzip' }), {
      json: true,
    });
    lane.emitMany(15);
    await lane.shipper.shutdown(5_000);
    const names = server.requests.flatMap(({ body }) => {
      const request = JSON.parse(body.toString()) as {
        resourceLogs: { scopeLogs: { logRecords: { eventName: string }[] }[] }[];
      };
      return request.resourceLogs.flatMap((logs) =>
        logs.scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ eventName }) => eventName)),
      );
    });
    assert.deepEqual(names, named(15));
    assert.equal(lane.balance().delivered, 15);
  });

  test('R7.5 a destination that hangs is bounded in bytes, and refuses low severity first', async (t) => {
    const { lane } = await setUp(t, [], { maxBytes: 10_000 });
    const server = await startScriptedServer();
    server.otherwise({ fault: 'hang' });
    t.after(() => server.close());
    const stuck = createLane(httpTransport(server.url), { maxBytes: 10_000 });
    stuck.emitMany(10_000);
    assert.ok(stuck.queue.bytes <= 10_000);
    const { dropped, pending } = stuck.balance();
    assert.equal((dropped.queue_full ?? 0) + pending, 10_000);
    await stuck.shipper.shutdown(50);
    stuck.balance();
    lane.emitMany(5);
    await lane.shipper.flush(5_000);
    assert.equal(lane.balance().delivered, 5, 'the other destination has its own queue');
  });
});
