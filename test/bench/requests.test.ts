import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Connection } from '../../bench/requests/connection.ts';
import type { RequestRun } from '../../bench/requests/run-server.ts';
import { runServer } from '../../bench/requests/run-server.ts';
import { loadServer, SERVER_NAMES } from '../../bench/requests/server-list.ts';
import { requireCollector, startCollector } from '../support/collector.ts';

const REQUESTS = 48;
const WARM_UP = 16;
const LOAD = { spanlog: 'source', requests: REQUESTS, warmUpRequests: WARM_UP, connections: 4 } as const;

describe('the servers of the bench', () => {
  for (const server of SERVER_NAMES) {
    test(`${server} answers each request, and what it delivers is counted at the Collector`, async (t) => {
      const binary = await requireCollector(t);
      if (binary === undefined) return;
      await using collector = await startCollector({ binary });
      const figures = await runServer({ server, endpoint: collector.otlpHttp, ...LOAD }, collector);
      for (const figure of Object.values(figures)) assert.ok(Number.isFinite(figure) && figure > 0);

      const { delivers, linesPerRequest, linesAtStart, ours } = await loadServer(server);
      const due = delivers ? linesAtStart + linesPerRequest * (REQUESTS + WARM_UP) : 0;
      const records = await collector.waitForRecords(due);
      assert.equal(records.length, due);
      if (!ours) return;
      const ended = records.filter(({ attributes }) => attributes.status === 200);
      assert.equal(ended.length, REQUESTS + WARM_UP);
      assert.ok(ended.every(({ attributes }) => attributes.route === '/orders/:id'));
      assert.equal(new Set(ended.map(({ attributes }) => attributes.request_id)).size, REQUESTS + WARM_UP);
      // Warm-up and measured requests begin with the same ones, whose `traceparent` they share.
      assert.equal(new Set(ended.map(({ traceId }) => traceId)).size, REQUESTS);
    });
  }

  test('records that the Collector did not get end the run with how many', async (t) => {
    const binary = await requireCollector(t);
    if (binary === undefined) return;
    await using collector = await startCollector({ binary });
    await using elsewhere = await startCollector({ binary });
    const run: RequestRun = { server: 'spanlog', endpoint: elsewhere.otlpHttp, ...LOAD, warmUpRequests: 0 };
    await assert.rejects(runServer(run, collector), /had 96 records to log, emitted 96, and the Collector accepted 0/);
  });

  test('an answer other than a 200 ends the load', async () => {
    const server = createServer((_request, response) => response.writeHead(503, { 'content-length': 0 }).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const connection = await Connection.open('127.0.0.1', address.port);
    try {
      const request = Buffer.from('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n');
      await assert.rejects(connection.request(request), /HTTP\/1\.1 503/);
    } finally {
      connection.close();
      server.close();
    }
  });
});
