import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startChild } from '../support/child-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { OF_NO_FORMAT, OF_OTHER_FORMAT, OF_SAME_FORMAT, OWN } from './origin-batches.ts';
import { httpTransport } from './lane.ts';

const PROGRAM = join(import.meta.dirname, 'fixtures', 'send-sync.ts');

async function startServer(t: TestContext): Promise<ScriptedServer> {
  const server = await startScriptedServer();
  t.after(() => server.close());
  return server;
}

/** Content type, and first byte of the decompressed body, of each request. */
function seen({ requests }: ScriptedServer): string[] {
  return requests.map(
    ({ headers, body }) => `${headers['content-type'] ?? ''} ${String.fromCharCode(body[0] as number)}`,
  );
}

const EXPECTED = ['application/x-protobuf \n', 'application/json {', 'application/x-protobuf \n'];

for (const compression of ['none', 'gzip'] as const) {
  test(`R8.6 what another process left goes out with its own content type, compression ${compression}`, async (t) => {
    const server = await startServer(t);
    const transport = httpTransport(server.url, { compression, headers: { 'x-tenant': 'shop' } });
    t.after(() => transport.close());
    const signal = new AbortController().signal;
    for (const batch of [OWN, OF_OTHER_FORMAT, OF_SAME_FORMAT]) {
      assert.equal((await transport.send(batch, signal)).kind, 'delivered');
    }
    assert.deepEqual(seen(server), EXPECTED);
    assert.deepEqual(server.requests.map(({ headers, connection }) => [headers['x-tenant'], connection]), [['shop', 1], ['shop', 1], ['shop', 1]]); // prettier-ignore
    const outcome = await transport.send(OF_NO_FORMAT, signal);
    assert.equal(outcome.kind === 'refused' && outcome.reason, 'not_sendable');
    assert.equal(server.requests.length, 3);
  });

  test(`R8.6 so it does at the end of the process, compression ${compression}`, async (t) => {
    const server = await startServer(t);
    const ended = await startChild({ args: [PROGRAM, server.url, compression] }).ended;
    assert.deepEqual([ended.stdout, ended.stderr], ['delivered refused delivered delivered', '']);
    assert.deepEqual(seen(server), EXPECTED);
  });
}
