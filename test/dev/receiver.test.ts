import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { startReceiver, type Receiver } from '../../src/dev/receiver.ts';
import { openStore, type LogStore } from '../../src/dev/store.ts';
import { decodeLogsResponse, decodeStatus, encodeLogsRequest, type LogsRequestMessage } from '../support/otlp-proto.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const MAX_BYTES = 1_000_000;

describe('the OTLP receiver', () => {
  let store: LogStore;
  let receiver: Receiver;
  beforeEach(async () => {
    store = openStore();
    receiver = await startReceiver({ store, port: 0, maxRequestBytes: MAX_BYTES });
  });
  afterEach(async () => {
    await receiver.close();
    store.close();
  });

  const post = (body: Uint8Array | string, headers: Record<string, string>, path = '/v1/logs'): Promise<Response> =>
    fetch(receiver.url + path, { method: 'POST', body: Buffer.from(body), headers });

  const protobuf = encodeLogsRequest(requestOf('hello'));
  const json = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}';
  const accepted: Record<string, [body: Uint8Array | string, headers: Record<string, string>]> = {
    protobuf: [protobuf, { 'content-type': PROTOBUF }],
    'gzipped protobuf': [gzipSync(protobuf), { 'content-type': PROTOBUF, 'content-encoding': 'gzip' }],
    JSON: [json, { 'content-type': JSON_TYPE }],
    'gzipped JSON': [gzipSync(json), { 'content-type': JSON_TYPE, 'content-encoding': 'GZIP' }],
    'JSON with a charset': [json, { 'content-type': 'Application/JSON; charset=utf-8' }],
    'protobuf marked identity': [protobuf, { 'content-type': PROTOBUF, 'content-encoding': 'identity' }],
  };
  for (const [what, [body, headers]] of Object.entries(accepted)) {
    test(`R7.4 ${what} is stored, and answered with full success in the same content type`, async () => {
      const response = await post(body, headers);
      const isJson = headers['content-type']?.toLowerCase().includes('json');
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), isJson ? JSON_TYPE : PROTOBUF);
      const answer = Buffer.from(await response.arrayBuffer());
      if (isJson) assert.equal(answer.toString(), '{}');
      else assert.deepEqual(decodeLogsResponse(answer), {});
      assert.deepEqual(
        store.recent().map((record) => record.body),
        ['hello'],
      );
      assert.deepEqual(receiver.counts(), { ...noCounts, logRequests: 1, logRecords: 1 });
    });
  }

  test('R7.4 a request without records is a success', async () => {
    assert.equal((await post('', { 'content-type': PROTOBUF })).status, 200);
    assert.equal((await post('{}', { 'content-type': JSON_TYPE })).status, 200);
    assert.equal(store.count(), 0);
  });

  const bad: Record<string, [body: Uint8Array | string, encoding: string]> = {
    garbage: ['garbage', 'identity'],
    'a truncated request': [protobuf.subarray(0, -1), 'identity'],
    'what is not gzip at all': [protobuf, 'gzip'],
    'a truncated gzip stream': [gzipSync(protobuf).subarray(0, -9), 'gzip'],
    'a gzip stream with a wrong checksum': [spoilt(gzipSync(protobuf)), 'gzip'],
  };
  for (const [what, [body, encoding]] of Object.entries(bad)) {
    test(`R8.5 ${what} is a 400 with a Status in the same content type, and nothing is stored`, async () => {
      const response = await post(body, { 'content-type': PROTOBUF, 'content-encoding': encoding });
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('content-type'), PROTOBUF);
      const status = decodeStatus(Buffer.from(await response.arrayBuffer()));
      assert.equal(status.code, 3);
      assert.match(status.message ?? '', /^malformed (?:protobuf|gzip): /);

      const asJson = await post(body, { 'content-type': JSON_TYPE, 'content-encoding': encoding });
      assert.equal(asJson.status, 400);
      assert.equal(asJson.headers.get('content-type'), JSON_TYPE);
      assert.match(await asJson.text(), /^\{"code":3,"message":"malformed (?:JSON|gzip): /);
      assert.equal(store.count(), 0);
      assert.deepEqual(receiver.counts(), { ...noCounts, refusedRequests: 2 });
    });
  }

  test('R8.5 a request with one bad record is refused whole', async () => {
    const body = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"flags":"x"}]}]}]}';
    const response = await post(body, { 'content-type': JSON_TYPE });
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), {
      code: 3,
      message: 'resourceLogs[0].scopeLogs[0].logRecords[1].flags is not an integer of 32 bits',
    });
    assert.equal(store.count(), 0);
  });

  test('R8.5 a request over the limit is a 413, sent plain, in chunks of no known length, or unzipped', async () => {
    const large = Buffer.alloc(8 * MAX_BYTES);
    const chunks = new ReadableStream({
      start(controller) {
        for (let at = 0; at < large.length; at += 65_536) controller.enqueue(large.subarray(at, at + 65_536));
        controller.close();
      },
    });
    const headers = { 'content-type': PROTOBUF };
    const streamed: RequestInit & { duplex: 'half' } = { method: 'POST', body: chunks, headers, duplex: 'half' };
    const responses = [
      await post(large, headers),
      await fetch(`${receiver.url}/v1/logs`, streamed),
      await post(gzipSync(large), { ...headers, 'content-encoding': 'gzip' }),
    ];
    for (const response of responses) {
      assert.equal(response.status, 413);
      const status = decodeStatus(Buffer.from(await response.arrayBuffer()));
      assert.deepEqual(status, { code: 8, message: 'the request is larger than 1000000 bytes', details: [] });
    }
    assert.equal((await post(protobuf, headers)).status, 200, 'and the next request is taken');
  });

  test('R8.5 a request of exactly the limit is taken, plain and unzipped', async () => {
    const body = json + ' '.repeat(MAX_BYTES - json.length);
    assert.equal((await post(body, { 'content-type': JSON_TYPE })).status, 200);
    assert.equal((await post(gzipSync(body), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' })).status, 200);
    assert.equal((await post(`${body} `, { 'content-type': JSON_TYPE })).status, 413);
  });

  test('R8.5 a gzip bomb of a gigabyte is refused at the default limit of 64 MiB', async () => {
    const receiverByDefault = await startReceiver({ store, port: 0 });
    // A gzip stream may have many members: each of these unfolds to 16 MiB.
    const bomb = Buffer.concat(Array.from({ length: 64 }, () => BOMB_MEMBER));
    const headers = { 'content-type': PROTOBUF, 'content-encoding': 'gzip' };
    const response = await fetch(`${receiverByDefault.url}/v1/logs`, { method: 'POST', body: bomb, headers });
    assert.equal(response.status, 413);
    await receiverByDefault.close();
  });

  test('R7.4 a media type or encoding that OTLP does not have is a 415, also with a large body', async () => {
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': '' },
      { 'content-type': PROTOBUF, 'content-encoding': 'br' },
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip, gzip' },
    ]) {
      const response = await post(Buffer.alloc(2 * MAX_BYTES), headers);
      assert.equal(response.status, 415);
      assert.match(await response.text(), /^unsupported/);
    }
    assert.equal(receiver.counts().refusedRequests, 4);
  });

  test('R7.4 another method is a 405 that names POST, another path a 404', async () => {
    const wrongMethod = await fetch(`${receiver.url}/v1/logs`);
    assert.equal(wrongMethod.status, 405);
    assert.equal(wrongMethod.headers.get('allow'), 'POST');
    assert.equal((await fetch(`${receiver.url}/v1/traces`, { method: 'DELETE' })).status, 405);
    assert.equal((await post(protobuf, { 'content-type': PROTOBUF }, '/v1/log')).status, 404);
    assert.equal((await post(protobuf, { 'content-type': PROTOBUF }, '/v1/logs/')).status, 404);
    assert.equal((await post(protobuf, { 'content-type': PROTOBUF }, '/v1/logs?x=1')).status, 200);
  });

  test('R7.4 traces and metrics are accepted, counted and let go', async () => {
    const traces = await post('anything', { 'content-type': PROTOBUF }, '/v1/traces');
    assert.deepEqual([traces.status, traces.headers.get('content-type'), await traces.text()], [200, PROTOBUF, '']);
    const metrics = await post(Buffer.alloc(3 * MAX_BYTES), { 'content-type': JSON_TYPE }, '/v1/metrics');
    assert.deepEqual(
      [metrics.status, metrics.headers.get('content-type'), await metrics.text()],
      [200, JSON_TYPE, '{}'],
    );
    assert.equal(store.count(), 0);
    assert.deepEqual(receiver.counts(), { ...noCounts, traceRequests: 1, metricRequests: 1 });
  });

  test('R8.5 a client that leaves in the middle stores and counts nothing, and disturbs nobody', async () => {
    const sockets = ['/v1/logs', '/v1/traces'].map((path) => {
      const socket = connect(receiver.port, '127.0.0.1');
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${PROTOBUF}\r\nContent-Length: 500\r\n\r\n`);
      socket.write(protobuf);
      return socket;
    });
    // The receiver has both halves once it answers a request that was sent after them.
    assert.equal((await post(protobuf, { 'content-type': PROTOBUF })).status, 200);
    for (const socket of sockets) {
      socket.destroy();
      await once(socket, 'close');
    }
    assert.equal((await post(protobuf, { 'content-type': PROTOBUF })).status, 200);
    assert.equal(store.count(), 2);
    assert.deepEqual(receiver.counts(), { ...noCounts, logRequests: 2, logRecords: 2 });
  });

  test('R8.5 a store that cannot write is a 503, which clients retry', async () => {
    const closed = openStore();
    closed.close();
    const failing = await startReceiver({ store: closed, port: 0 });
    const headers = { 'content-type': JSON_TYPE };
    const response = await fetch(`${failing.url}/v1/logs`, { method: 'POST', body: json, headers });
    assert.equal(response.status, 503);
    assert.match(await response.text(), /^\{"code":14,"message":"the store can't write: /);
    await failing.close();
  });

  test('R8.5 closing ends although a client holds a half-sent request, and twice is once', async () => {
    const socket = connect(receiver.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write('POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\nContent-Type: application/json\r\n\r\n{');
    await post(protobuf, { 'content-type': PROTOBUF });
    const gone = once(socket, 'close');
    assert.equal(receiver.close(), receiver.close());
    await receiver.close();
    await gone;
    await assert.rejects(post(protobuf, { 'content-type': PROTOBUF }));
  });

  test('R8.5 a port that is taken is an error that says so', async () => {
    await assert.rejects(startReceiver({ store, port: receiver.port }), { code: 'EADDRINUSE' });
  });

  type Exporter = new (config: { url: string }) => LogRecordExporter;
  const exporters: [name: string, exporter: Exporter, compression: string][] = [
    ['exporter-logs-otlp-proto', ProtobufExporter, 'none'],
    ['exporter-logs-otlp-proto with gzip', ProtobufExporter, 'gzip'],
    ['exporter-logs-otlp-http', JsonExporter, 'none'],
    ['exporter-logs-otlp-http with gzip', JsonExporter, 'gzip'],
  ];
  for (const [name, Exporter, compression] of exporters) {
    test(`R7.4 ${name} delivers every record to it, with types and trace`, async () => {
      process.env.OTEL_EXPORTER_OTLP_COMPRESSION = compression;
      const exporter = new Exporter({ url: `${receiver.url}/v1/logs` });
      delete process.env.OTEL_EXPORTER_OTLP_COMPRESSION;
      const provider = new LoggerProvider({
        processors: [new BatchLogRecordProcessor({ exporter, maxExportBatchSize: 100 })],
      });
      const logger = provider.getLogger('sdk.logger', '3.2.1');
      for (let index = 0; index < 250; index++) {
        logger.emit({
          eventName: 'item.added',
          context: trace.setSpanContext(ROOT_CONTEXT, SPAN_CONTEXT),
          severityNumber: SeverityNumber.WARN,
          severityText: 'WARN',
          body: `item ${index}`,
          timestamp: [1_581_452_773, 789],
          attributes: { request_id: 'req-9', index, half: 0.5, ok: true, list: ['a', 'b'], nested: { deep: 1 } },
        });
      }
      await provider.shutdown();
      assert.deepEqual(receiver.counts(), { ...noCounts, logRequests: 3, logRecords: 250 });
      const records = store.byTrace(SPAN_CONTEXT.traceId);
      assert.equal(new Set(records.map((record) => record.body)).size, 250);
      const [first] = records;
      assert.ok(first);
      assert.deepEqual(
        [
          first.resource['telemetry.sdk.name'],
          first.logger,
          first.scope.version,
          first.eventName,
          first.severity,
          first.severityText,
        ],
        ['opentelemetry', 'sdk.logger', '3.2.1', 'item.added', 13, 'WARN'],
      );
      assert.deepEqual([first.spanId, first.flags, first.requestId], [SPAN_CONTEXT.spanId, 1, 'req-9']);
      assert.equal(first.timeNs, 1_581_452_773_000_000_789n);
      assert.deepEqual(first.attributes, {
        request_id: 'req-9',
        index: 0,
        half: 0.5,
        ok: true,
        list: ['a', 'b'],
        nested: { deep: 1 },
      });
    });
  }
});

const SPAN_CONTEXT = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', traceFlags: 1 };
const noCounts = { logRequests: 0, logRecords: 0, refusedRequests: 0, traceRequests: 0, metricRequests: 0 };
const BOMB_MEMBER = gzipSync(Buffer.alloc(16 * 1024 * 1024));

function requestOf(body: string): LogsRequestMessage {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [], body: { stringValue: body } }] }] }] };
}

function spoilt(gzipped: Buffer): Buffer {
  // The last eight bytes are CRC and length.
  gzipped[gzipped.length - 8] = (gzipped[gzipped.length - 8] ?? 0) ^ 1;
  return gzipped;
}
