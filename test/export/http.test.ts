import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Batch } from '../../src/core/batch.ts';
import type { Outcome, Transport } from '../../src/core/transport.ts';
import type { HttpTransportOptions } from '../../src/export/http.ts';
import { eventNames, startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedAnswer, ScriptedServer } from '../support/scripted-server.ts';
import { makeCertificates } from '../support/certificates.ts';
import { createLane, httpTransport, JSON_ENVELOPE, SCOPE } from './lane.ts';

const SIGNAL = new AbortController().signal;
const MIB = 1024 * 1024;

interface Exchange {
  readonly server: ScriptedServer;
  readonly transport: Transport;
}

async function exchange(
  t: TestContext,
  answers: readonly ScriptedAnswer[],
  options: Partial<HttpTransportOptions> = {},
): Promise<Exchange> {
  const server = await startScriptedServer({ answers });
  const transport = httpTransport(server.url, options);
  t.after(async () => {
    transport.close();
    await server.close();
  });
  return { server, transport };
}

/** One record `12 06 62 04 name`, or as much as asked for. */
function batchOf(name = 'name', bytes = 0): Batch {
  const batch = new Batch(64);
  const record = bytes === 0 ? Buffer.from(`\u0012\u0006b\u0004${name}`) : Buffer.alloc(bytes);
  batch.append(record, 0, record.length);
  batch.commit(SCOPE.id, 9);
  return batch;
}

function reasonOf(outcome: Outcome): string {
  return outcome.kind === 'retry' || outcome.kind === 'refused' ? `${outcome.kind} ${outcome.reason}` : outcome.kind;
}

describe('a request', () => {
  test('R7.4 is a POST of protobuf to the path of the endpoint, with who we are and the headers of the user', async (t) => {
    const { server, transport } = await exchange(t, [], { headers: { 'X-Tenant': 'shop', authorization: 'Bearer t' } });
    assert.deepEqual(await transport.send(batchOf(), SIGNAL), { kind: 'delivered', rejected: 0, message: '' });
    const [request] = server.requests;
    assert.equal(`${request?.method} ${request?.path}`, 'POST /v1/logs');
    const headers: IncomingHttpHeaders = request?.headers ?? {};
    assert.equal(headers['content-type'], 'application/x-protobuf');
    assert.equal(headers['content-length'], String(request?.raw.length));
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['user-agent'], 'spanlog/0.0.0-test OTel-OTLP-Exporter-JavaScript/0.0.0-test');
    assert.equal(headers['x-tenant'], 'shop');
    assert.equal(headers.authorization, 'Bearer t');
    assert.deepEqual(request && eventNames(request), ['name']);
  });

  test('R7.4 with gzip is compressed and says so', async (t) => {
    const { server, transport } = await exchange(t, [], { compression: 'gzip' });
    await transport.send(batchOf(), SIGNAL);
    const [request] = server.requests;
    assert.equal(request?.headers['content-encoding'], 'gzip');
    assert.deepEqual(request.raw.subarray(0, 2), Buffer.from([0x1f, 0x8b]));
    assert.deepEqual(eventNames(request), ['name']);
  });

  test('R7.4 in JSON says so', async (t) => {
    const { server, transport } = await exchange(t, [], { envelope: JSON_ENVELOPE });
    const batch = new Batch(64);
    batch.append(Buffer.from('{"eventName":"a"}{"eventName":"b"}'), 0, 17);
    batch.commit(0, 9);
    await transport.send(batch, SIGNAL);
    assert.equal(server.requests[0]?.headers['content-type'], 'application/json');
    assert.match(server.requests[0].body.toString(), /"logRecords":\[\{"eventName":"a"\}\]/);
  });

  test('R7.4 headers of the user can not lie about the body', async (t) => {
    const headers = { 'Content-Type': 'text/plain', 'Content-Encoding': 'br', 'User-Agent': 'mine' };
    const { server, transport } = await exchange(t, [], { headers });
    await transport.send(batchOf(), SIGNAL);
    const sent = server.requests[0]?.headers;
    assert.deepEqual(
      [sent?.['content-type'], sent?.['content-encoding'], sent?.['user-agent']],
      ['application/x-protobuf', undefined, 'mine'],
    );
  });

  test('keeps its connection, and replaces it when it is old', async (t) => {
    const { server, transport } = await exchange(t, []);
    for (let i = 0; i < 5; i++) await transport.send(batchOf(), SIGNAL);
    assert.deepEqual(server.requests.map(({ connection }) => connection), [1, 1, 1, 1, 1]); // prettier-ignore
    const restless = await exchange(t, [], { connectionMaxAgeMs: 0 });
    for (let i = 0; i < 3; i++) await restless.transport.send(batchOf(), SIGNAL);
    assert.deepEqual(restless.server.requests.map(({ connection }) => connection), [1, 2, 3]); // prettier-ignore
  });

  test('R8.2 on a connection that the other side has closed meanwhile is sent again at once', async (t) => {
    const { server, transport } = await exchange(t, [{}, { fault: 'reset' }, {}]);
    await transport.send(batchOf('one.'), SIGNAL);
    assert.equal((await transport.send(batchOf('two.'), SIGNAL)).kind, 'delivered');
    assert.deepEqual(server.requests.map(eventNames), [['one.'], ['two.'], ['two.']]);
    assert.deepEqual(server.requests.map(({ connection }) => connection), [1, 1, 2]); // prettier-ignore
  });

  test('R8.1 larger than 64 MiB is not sent', async (t) => {
    const { server, transport } = await exchange(t, []);
    const outcome = await transport.send(batchOf('', 64 * MIB + 1), SIGNAL);
    assert.equal(outcome.kind, 'too_large');
    const [sync] = transport.sendSync([batchOf('', 64 * MIB + 1)], 1_000);
    assert.equal(sync?.kind, 'too_large');
    assert.equal(server.requests.length, 0);
  });

  test('R8.5 that HTTP does not allow is refused, not thrown', async (t) => {
    const { transport } = await exchange(t, [], { headers: { 'x-bad': 'a\nb' } });
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'refused not_sendable');
  });

  test('ends when it is called off', async (t) => {
    const { server, transport } = await exchange(t, [{ fault: 'hang' }]);
    const abort = new AbortController();
    const sending = transport.send(batchOf(), abort.signal);
    await server.arrived(1);
    abort.abort();
    assert.equal(reasonOf(await sending), 'retry aborted');
    assert.equal(reasonOf(await transport.send(batchOf(), abort.signal)), 'retry aborted');
  });
});

describe('an answer', () => {
  test('R8.5 that never comes, or trickles, is cut off at the timeout', async (t) => {
    for (const fault of ['hang', 'trickle'] as const) {
      const { transport } = await exchange(t, [{ fault }], { timeoutMs: 150 });
      const before = performance.now();
      const outcome = await transport.send(batchOf(), SIGNAL);
      assert.equal(reasonOf(outcome), 'retry timeout', fault);
      assert.match(outcome.message, /within 150 ms/);
      assert.ok(performance.now() - before < 5_000);
    }
  });

  test('R8.2 whose failure is known counts as that failure, even when its text never ends', async (t) => {
    const { transport } = await exchange(t, [{ status: 400, fault: 'trickle' }], { timeoutMs: 150 });
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'refused http_400');
  });

  test('R8.2 that breaks is tried again, also when a 200 had begun', async (t) => {
    const { transport } = await exchange(t, [{ fault: 'reset' }, { fault: 'reset-inside' }]);
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'retry reset');
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'retry response_broken');
  });

  test('R8.5 is read up to 4 MiB', async (t) => {
    const { server, transport } = await exchange(t, [{ fault: 'flood' }, { status: 503, fault: 'flood' }, {}]);
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'refused response_too_large');
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'retry http_503');
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'delivered');
    assert.deepEqual(server.requests.map(({ connection }) => connection), [1, 2, 3]); // prettier-ignore
  });

  test('R8.5 is decompressed up to 4 MiB', async (t) => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain' };
    const { transport } = await exchange(t, [
      { headers, body: gzipSync(Buffer.alloc(64 * MIB)) },
      { headers, status: 400, body: gzipSync('bad data') },
      { headers, body: 'this is no gzip' },
    ]);
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'refused response_too_large');
    assert.match((await transport.send(batchOf(), SIGNAL)).message, /HTTP 400: bad data/);
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'delivered');
  });
});

test('R8.1 an answer that comes before the request was read does not mix its bytes with the next one', async (t) => {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`);
  t.after(() => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // More than the kernel's buffers take, so that most of it is still ours when the answer comes.
  const size = 16 * MIB;
  const batchOfAll = (letter: string): Batch => {
    const batch = new Batch(16);
    batch.append(Buffer.alloc(size, letter), 0, size);
    batch.commit(SCOPE.id, 9);
    return batch;
  };
  assert.equal((await transport.send(batchOfAll('a'), SIGNAL)).kind, 'delivered');
  const second = transport.send(batchOfAll('b'), AbortSignal.timeout(500));
  const whole = new Promise<void>((resolve) => {
    let length = 0;
    sockets[0]?.on('data', (chunk: Buffer) => {
      received.push(chunk);
      length += chunk.length;
      if (length > size) resolve();
    });
  });
  sockets[0]?.resume();
  await whole;
  await second;
  const bytes = Buffer.concat(received);
  const first = bytes.subarray(0, bytes.indexOf('aaaa') + size);
  assert.equal(first.subarray(-size).equals(Buffer.alloc(size, 'a')), true);
});

describe('nobody there', () => {
  test('R8.5 is told with the endpoint, without its secrets, and the fix', async (t) => {
    const { server, transport } = await exchange(t, []);
    await server.close();
    const refused = await transport.send(batchOf(), SIGNAL);
    assert.equal(reasonOf(refused), 'retry connection');
    assert.ok(refused.message.startsWith(`${server.url}: no collector answers.`), refused.message);
    assert.match(refused.message, /OTEL_EXPORTER_OTLP_ENDPOINT/);

    const secret = httpTransport(`http://user:hunter2@127.0.0.1:${server.port}/v1/logs?key=hunter2`);
    assert.doesNotMatch((await secret.send(batchOf(), SIGNAL)).message, /hunter2/);
    const unknown = httpTransport('http://collector.invalid/v1/logs');
    assert.equal(reasonOf(await unknown.send(batchOf(), SIGNAL)), 'retry connection');
  });

  test('R8.5 who speaks HTTP: the gRPC port is suspected', async (t) => {
    // What a gRPC server says first: HTTP/2 SETTINGS.
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(Buffer.from('000000040000000000', 'hex'));
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const transport = httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`);
    const outcome = await transport.send(batchOf(), SIGNAL);
    assert.equal(reasonOf(outcome), 'retry connection');
    assert.match(outcome.message, /4317 is gRPC/);
  });
});

describe('TLS', () => {
  const { ca, serverCert, serverKey, clientCert, clientKey } = makeCertificates();
  const server = { cert: serverCert, key: serverKey };

  test('R7.4 an authority of its own is trusted when it is given', async (t) => {
    const secure = await startScriptedServer({ tls: server });
    t.after(() => secure.close());
    const transport = httpTransport(secure.url, { tls: { ca, cert: undefined, key: undefined } });
    assert.equal(reasonOf(await transport.send(batchOf(), SIGNAL)), 'delivered');
    assert.deepEqual(secure.requests.map(eventNames), [['name']]);
    transport.close();
  });

  test('R8.5 a certificate that is not trusted is tried again, with the fix', async (t) => {
    const secure = await startScriptedServer({ tls: server });
    t.after(() => secure.close());
    const outcome = await httpTransport(secure.url).send(batchOf(), SIGNAL);
    assert.equal(reasonOf(outcome), 'retry tls');
    assert.match(outcome.message, /OTEL_EXPORTER_OTLP_CERTIFICATE/);
    assert.equal(secure.requests.length, 0);
  });

  test('R7.4 a client certificate is shown to servers that ask for one', async (t) => {
    const secure = await startScriptedServer({ tls: { ...server, ca, requestCert: true, rejectUnauthorized: true } });
    t.after(() => secure.close());
    const known = httpTransport(secure.url, { tls: { ca, cert: clientCert, key: clientKey } });
    assert.equal(reasonOf(await known.send(batchOf(), SIGNAL)), 'delivered');
    assert.equal(secure.requests[0]?.clientName, 'a-client');
    known.close();
    const anonymous = httpTransport(secure.url, { tls: { ca, cert: undefined, key: undefined } });
    const outcome = await anonymous.send(batchOf(), SIGNAL);
    assert.match(reasonOf(outcome), /^retry (tls|connection)$/);
    anonymous.close();
  });

  test('R8.5 https spoken to a server of plain HTTP is tried again, with the fix', async (t) => {
    const plain = await startScriptedServer();
    t.after(() => plain.close());
    const outcome = await httpTransport(plain.url.replace('http:', 'https:')).send(batchOf(), SIGNAL);
    assert.equal(reasonOf(outcome), 'retry tls');
    assert.match(outcome.message, /http against https/);
  });
});

test('R8.1 a request that is called off by a shutdown is counted once', async (t) => {
  const { server, transport } = await exchange(t, [{ fault: 'hang' }]);
  const lane = createLane(transport);
  lane.emitMany(10);
  const shutdown = lane.shipper.shutdown(100);
  await server.arrived(1);
  await shutdown;
  assert.deepEqual(lane.balance().dropped, { shutdown: 10 });
});
