/** The Loki backend of `collector-config/`: what it sends, and what a real Loki makes of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { requireCollector, startCollector } from '../support/collector.ts';
import { postLogs } from '../support/collector-post.ts';
import { findOrBuildLoki, startLoki } from '../support/loki.ts';
import { decodeLogsRequest } from '../support/otlp-proto.ts';
import type { KeyValueMessage, LogsRequestMessage } from '../support/otlp-proto.ts';

const CONFIG = ['gateway.yaml', 'backends/files.yaml', 'backends/loki.yaml'].map((name) =>
  fileURLToPath(new URL(`../../collector-config/${name}`, import.meta.url)),
);
const RESOURCE = { 'service.name': 'checkout', 'service.instance.id': '7f1b2c4e-0000-4000-8000-000000000001' };
const TRACE_ID = '5b8efff798038103d269b633813fc60c';

/** Stands where Loki stands: answers as its OTLP endpoint does and keeps the requests. */
class OtlpReceiver implements AsyncDisposable {
  readonly requests: { path: string; logs: LogsRequestMessage }[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const message = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        this.requests.push({ path: request.url ?? '', logs: decodeLogsRequest(message) });
        response.writeHead(204).end();
      });
    });
  }

  /** Resolves with the base URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return `http://127.0.0.1:${address.port}`;
  }

  async waitForRequests(count: number): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (this.requests.length < count) {
      if (Date.now() > deadline) throw new Error(`${this.requests.length} of ${count} requests`);
      await delay(15);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

function strings(attributes: readonly KeyValueMessage[] = []): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key ?? '', value?.stringValue]));
}

test('R9.1 to Loki the event name travels as an attribute, and the process is no stream of its own', async (t) => {
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using receiver = new OtlpReceiver();
  const endpoint = `${await receiver.listen()}/otlp`;
  await using gateway = await startCollector({
    binary,
    configFiles: CONFIG,
    env: { OTELCOL_LOKI_ENDPOINT: endpoint },
  });
  await postLogs(
    gateway.otlpHttp,
    [
      { eventName: 'payment_failed', body: 'payment_failed', traceId: TRACE_ID, attributes: { order_id: 'o-1' } },
      { body: 'a line without an event' },
    ],
    RESOURCE,
  );
  await receiver.waitForRequests(1);
  const [request] = receiver.requests;
  assert.equal(request?.path, '/otlp/v1/logs');
  const [group] = request.logs.resourceLogs;
  assert.deepEqual(strings(group?.resource?.attributes), { 'service.name': 'checkout' });
  const records = group?.scopeLogs[0]?.logRecords ?? [];
  assert.deepEqual(
    records.map((record) => strings(record.attributes)),
    [
      {
        order_id: 'o-1',
        'log.event_name': 'payment_failed',
        'service.instance.id': RESOURCE['service.instance.id'],
      },
      { 'service.instance.id': RESOURCE['service.instance.id'] },
    ],
  );
  assert.equal(Buffer.from(records[0]?.traceId ?? []).toString('hex'), TRACE_ID);

  // The other backend of the same gateway sees the record as it came.
  const [inFile] = await gateway.waitForRecords(2);
  assert.equal(inFile?.eventName, 'payment_failed');
  assert.deepEqual(inFile.resource, RESOURCE);
  assert.deepEqual(inFile.attributes, { order_id: 'o-1' });
});

test('R9.1 a real Loki finds a record by event and by trace', async (t) => {
  if (process.env.SPANLOG_E2E_LOKI !== '1') {
    t.skip('set SPANLOG_E2E_LOKI=1 to run it (the first time builds Loki, about 5 minutes)');
    return;
  }
  const binary = await requireCollector(t);
  if (binary === undefined) return;
  await using loki = await startLoki(await findOrBuildLoki());
  await using gateway = await startCollector({
    binary,
    configFiles: CONFIG,
    env: { OTELCOL_LOKI_ENDPOINT: `${loki.url}/otlp` },
  });
  const startUnixNano = BigInt(Date.now()) * 1_000_000n;
  await postLogs(
    gateway.otlpHttp,
    [
      { timeUnixNano: startUnixNano, eventName: 'order_placed', body: 'order_placed', traceId: TRACE_ID },
      { timeUnixNano: startUnixNano + 1n, eventName: 'payment_failed', body: 'payment_failed', traceId: TRACE_ID },
      { timeUnixNano: startUnixNano + 2n, body: 'something else' },
    ],
    RESOURCE,
  );
  const ofTrace = await loki.waitForLines(`{service_name="checkout"} | trace_id="${TRACE_ID}"`, 2);
  assert.deepEqual(
    ofTrace.map(({ line }) => line),
    ['order_placed', 'payment_failed'],
  );
  const [failed, ...others] = await loki.query('{service_name="checkout"} | log_event_name="payment_failed"');
  assert.equal(others.length, 0);
  assert.equal(failed?.timeUnixNano, startUnixNano + 1n);
  assert.equal(failed.labels.service_instance_id, RESOURCE['service.instance.id']);
  assert.equal((await loki.indexLabels()).includes('service_instance_id'), false);

  // R12.3: the queries of the page for the person on call, as they stand there; the records here are all at INFO.
  const page = await readFile(new URL('../../docs/three-am-checklist.md', import.meta.url), 'utf8');
  const found = [];
  for (const [, query = ''] of page.matchAll(/^```logql\n([^]*?)\n```$/gm)) {
    const url = new URL(`${loki.url}/loki/api/v1/query_range`);
    url.searchParams.set('query', query.replace('>= 17', '>= 9'));
    const answer = (await (await fetch(url)).json()) as { data: { result: readonly unknown[] } };
    found.push(answer.data.result.length);
  }
  assert.deepEqual(found, [3, 2]);
});
