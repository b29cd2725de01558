/** How requests end: broken off by either side, streamed, without a body, one behind the other on a connection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as startRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, assertAllOf } from './asking.ts';
import type { Subject } from './asking.ts';
import { connectRaw } from './raw-client.ts';
import { endsOf, logged, one } from './recorded.ts';
import type { Logged } from './recorded.ts';

export function endingFacts({ shop, fact }: Subject): void {
  fact('R3.4', 'a client that goes away before the answer cancels its request, once; that is no failure', async () => {
    const client = startRequest(`${shop().url}/hang`);
    client.on('error', () => undefined);
    client.end();
    await delay(30);
    client.destroy();
    const { event, level, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([event, level, fields.status, fields.bytes], ['request_cancelled', 'INFO', 499, 0]);
  });

  for (const reset of [false, true]) {
    const how = reset ? 'resets the connection' : 'goes away';
    fact(
      'R3.4',
      `a client that ${how} within the answer cancels its request, with the status it was sent`,
      async () => {
        const client = await connectRaw(shop().port);
        client.send('GET /endless HTTP/1.1', 'host: localhost');
        await client.until(/xxxx/);
        if (reset) client.socket.resetAndDestroy();
        else client.socket.destroy();
        const { event, level, fields } = endsOf(await logged(1))[0] as Logged;
        assert.deepEqual([event, level, fields.status, fields.bytes], ['request_cancelled', 'INFO', 200, 1_000]);
      },
    );
  }

  fact('R3.4', 'a response that the server breaks off failed, with the reason', async () => {
    await assert.rejects(ask(`${shop().url}/break`));
    const { event, level, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual(
      [event, level, fields.status, fields['exception.message']],
      ['request_failed', 'ERROR', 200, 'broke'],
    );
  });

  fact('R3.4', 'a connection that the server closes under a request made it fail', async () => {
    const asked = ask(`${shop().url}/hang`);
    await delay(30);
    shop().server.closeAllConnections();
    await assert.rejects(asked);
    const { event, fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([event, fields.status], ['request_failed', 500]);
  });

  fact('R3.4', 'a streamed response ends with its last byte, and what makes it logs inside the request', async () => {
    const answer = await ask(`${shop().url}/stream`);
    const records = await logged(1);
    assert.equal(answer.body, 'one twö three');
    assert.equal(records.at(-1)?.event, 'request_completed');
    assert.equal(records.at(-1)?.fields.bytes, Buffer.byteLength(answer.body));
    assert.equal(records.filter(({ event }) => event === 'chunk_made').length, 3);
    assertAllOf(records, answer.id);
  });

  fact('R3.4', 'HEAD is logged once, with no bytes', async () => {
    const answer = await ask(`${shop().url}/healthz`, { method: 'HEAD' });
    assert.equal(answer.body, '');
    const { fields } = endsOf(await logged(1))[0] as Logged;
    assert.deepEqual([fields.method, fields.bytes], ['HEAD', 0]);
  });

  fact('R3.4', 'what is logged once the body was read is of the request', async () => {
    const body = 'x'.repeat(200_000);
    const headers = { 'content-type': 'text/plain' };
    const client = startRequest(`${shop().url}/echo`, { method: 'POST', headers });
    // The handler runs before the body has come.
    client.write(body.slice(0, 10));
    await delay(20);
    client.end(body.slice(10, 90_000));
    const [response] = (await once(client, 'response')) as [
      NodeJS.ReadableStream & { headers: Record<string, string> },
    ];
    let received = 0;
    for await (const chunk of response) received += (chunk as Buffer).length;
    assert.equal(received, 90_000);
    const records = await logged(1);
    one(records, 'body_read');
    assertAllOf(records, response.headers['x-request-id'] ?? null);
  });

  fact('R3.4', 'requests on one connection, one after the other and pipelined, are told apart', async () => {
    const client = await connectRaw(shop().port);
    for (const id of ['k1', 'k2']) {
      client.send(`GET /orders/${id} HTTP/1.1`, 'host: localhost', `x-request-id: ${id}`);
      await client.until(new RegExp(`"${id}"`));
    }
    client.socket.write(
      ['p1', 'p2', 'p3']
        .map((id) => `GET /orders/${id} HTTP/1.1\r\nhost: localhost\r\nx-request-id: ${id}\r\n\r\n`)
        .join(''),
    );
    await client.until(/"p3"/);
    client.socket.destroy();
    const records = await logged(5);
    for (const id of ['k1', 'k2', 'p1', 'p2', 'p3']) {
      const own = records.filter(({ fields }) => fields.request_id === id);
      assert.equal(own.length, 4, id);
      assert.equal(one(own, 'request_completed').fields.path, `/orders/${id}`);
      assert.equal(one(own, 'order_read').fields.order, id);
    }
  });

  fact('R3.4', 'pipelined requests whose turn never comes are cancelled with their connection', async () => {
    const client = await connectRaw(shop().port);
    client.socket.write('GET /hang HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(3));
    await delay(40);
    client.socket.destroy();
    assert.deepEqual(
      endsOf(await logged(3)).map(({ event }) => event),
      ['request_cancelled', 'request_cancelled', 'request_cancelled'],
    );
  });
}
