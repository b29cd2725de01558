/** That the application's response is what it is without request logging, and that what is said of it is true. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { requestLogging } from '../../src/node.ts';
import type { HttpRequest } from '../../src/node.ts';
import { connectRaw, rawRequest } from './raw-client.ts';
import { endsOf, logged, one } from './recorded.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Without what differs from answer to answer. */
function stable(answer: string): string[] {
  return answer.split('\r\n').filter((line) => !/^(?:date|x-request-id):/i.test(line));
}

describe('responses', () => {
  const heads: Readonly<Record<string, RequestListener>> = {
    'an object': (_request, response) => void response.writeHead(200, { 'x-a': '1', 'X-B': ['2', '3'] }),
    'a flat list': (_request, response) => void response.writeHead(200, 'Fine', ['x-a', '1', 'x-a', '2']),
    'a list of one pair': (_request, response) => {
      const pairs: unknown = [['content-type', 'text/plain']];
      response.writeHead(200, pairs as string[]);
    },
    'a list of pairs': (_request, response) => {
      const pairs: unknown = [
        ['content-type', 'text/plain'],
        ['set-cookie', ['a=1', 'b=2']],
      ];
      response.writeHead(200, pairs as string[]);
    },
  };
  for (const [form, writeHead] of Object.entries(heads)) {
    test(`R3.4 node:http: headers that writeHead gets as ${form} leave as they do without logging`, async (t) => {
      const listener: RequestListener = (request, response) => {
        writeHead(request, response);
        response.end('x');
      };
      const [plain, wrapped] = [await serve(t, listener), await serve(t, requestLogging()(listener))];
      const answer = await rawRequest(wrapped, '/', 'x-request-id: echoed');
      assert.match(answer, /^x-request-id: echoed\r$/im);
      assert.deepEqual(stable(answer), stable(await rawRequest(plain, '/')));
      assert.equal(one(await logged(1), 'request_completed').fields.status, 200);
    });
  }

  test('R3.4 node:http: what is written after the end is not among the bytes', async (t) => {
    const port = await serve(
      t,
      requestLogging()((_request, response) => {
        response.on('error', () => undefined);
        response.end('a');
        response.end('bbbb');
        response.write('cccc');
      }),
    );
    await rawRequest(port, '/');
    assert.equal(one(await logged(1), 'request_completed').fields.bytes, 1);
  });

  test('R3.4 node:http: request and response have no more properties to be copied or compared', async (t) => {
    const keys: string[] = [];
    const listener: RequestListener = (request, response) => {
      keys.push([...Object.keys(request), ...Object.keys(response)].join());
      response.end();
    };
    for (const each of [listener, requestLogging()(listener)]) await rawRequest(await serve(t, each), '/');
    await logged(1);
    assert.equal(keys[0], keys[1]);
  });

  test('R3.4 node:http: a response that waits behind another was never sent, although it was written', async (t) => {
    const listener = requestLogging()((request, response) => {
      if (request.url === '/written') response.end('never sent');
    });
    const client = await connectRaw(await serve(t, listener));
    client.send('GET /hangs HTTP/1.1', 'host: localhost', '', 'GET /written HTTP/1.1', 'host: localhost');
    await delay(20);
    client.socket.destroy();
    const end = endsOf(await logged(2)).find(({ fields }) => fields.path === '/written');
    assert.deepEqual([end?.event, end?.fields.status, end?.fields.bytes], ['request_cancelled', 499, 0]);
  });

  test('R3.4 node:http: a socket that the server destroys gives the reason of the failure', async (t) => {
    const listener = requestLogging()((request) => void request.socket.destroy(new RangeError('over quota')));
    await rawRequest(await serve(t, listener), '/').catch(() => undefined);
    assert.equal(one(await logged(1), 'request_failed').fields['exception.type'], 'RangeError');
  });

  test('R3.4 node:http: a double of a response, as in tests of a handler, is served without logging', async () => {
    interface Answer {
      statusCode: number;
      headersSent: boolean;
      ended: boolean;
    }
    const handler = requestLogging()((_request: HttpRequest, response: Answer) => {
      response.ended = true;
    });
    const response: Answer = { statusCode: 200, headersSent: false, ended: false };
    handler({ headers: {} }, response);
    assert.equal(response.ended, true);
    await logged(0);
  });
});
