import assert from 'node:assert/strict';
import dns from 'node:dns';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createLane, httpTransport } from '../export/lane.ts';
import type { HttpTransportOptions } from '../../src/export/http.ts';
import type { Lane } from '../export/lane.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';

const HOST = 'collector.test';

interface Moving {
  readonly first: FaultyServer;
  readonly second: FaultyServer;
  readonly lane: Lane;
  /** From now on the name stands for the second server. */
  move(): void;
  /** Sends one batch of two, and waits for that long. */
  sendOne(timeoutMs?: number): Promise<void>;
}

/** Two collectors on one port of two addresses, and a name that stands for one of them at a time. */
async function movingCollector(t: TestContext, options: Partial<HttpTransportOptions>): Promise<Moving | undefined> {
  if (process.platform !== 'linux') {
    t.skip('needs a second loopback address');
    return undefined;
  }
  const first = await startFaultyServer(t);
  const second = await startFaultyServer(t, { host: '127.0.0.2', port: first.port });
  let address = '127.0.0.1';
  const lookup = dns.lookup;
  // What Node's sockets ask for a name, in the form in which they ask it.
  t.mock.method(dns, 'lookup', (name: string, ask: dns.LookupAllOptions, done: (...args: unknown[]) => void) => {
    if (name !== HOST) return lookup(name, ask, done);
    process.nextTick(done, null, [{ address, family: 4 }]);
    return undefined;
  });
  const transport = httpTransport(`http://${HOST}:${first.port}/v1/logs`, options);
  const lane = createLane(transport);
  t.after(() => lane.shipper.shutdown(0));
  return {
    first,
    second,
    lane,
    move: () => void (address = '127.0.0.2'),
    async sendOne(timeoutMs = 10_000) {
      lane.emitMany(2);
      await lane.shipper.flush(timeoutMs);
    },
  };
}

describe('a collector whose address changes', () => {
  test('R8.2 while the old one lives on: found when the connection is older than connectionMaxAgeMs, nothing lost', async (t) => {
    const moving = await movingCollector(t, { connectionMaxAgeMs: 60_000 });
    if (moving === undefined) return;
    const { first, second, lane } = moving;
    await moving.sendOne();
    moving.move();
    await moving.sendOne();
    assert.deepEqual([first.requests.length, second.requests.length], [2, 0], 'a young connection is kept');
    // A minute later.
    const now = performance.now.bind(performance);
    t.mock.method(performance, 'now', () => now() + 60_000);
    await moving.sendOne();
    await moving.sendOne();
    assert.deepEqual([first.requests.length, second.requests.length], [2, 2]);
    assert.deepEqual(second.requests.map(({ connection }) => connection), [1, 1]); // prettier-ignore
    assert.deepEqual(lane.said, []);
    const { delivered, pending, dropped } = lane.balance();
    assert.deepEqual({ delivered, pending, dropped }, { delivered: 8, pending: 0, dropped: {} });
  });

  test('R8.2 while the old one is gone: found with the next connection, however young the last, nothing lost', async (t) => {
    const moving = await movingCollector(t, {});
    if (moving === undefined) return;
    const { first, second, lane } = moving;
    await moving.sendOne();
    await first.close();
    await moving.sendOne(50);
    assert.equal(lane.balance().pending, 2);
    moving.move();
    await moving.sendOne();
    assert.equal(first.requests.length, 1);
    assert.deepEqual(second.requests.flatMap(({ numbers }) => numbers).length, 4);
    const { delivered, pending, dropped } = lane.balance();
    assert.deepEqual({ delivered, pending, dropped }, { delivered: 6, pending: 0, dropped: {} });
  });

  test('R8.5 a name that nobody knows for a while is told once, and nothing is lost', async (t) => {
    const moving = await movingCollector(t, { connectionMaxAgeMs: 0 });
    if (moving === undefined) return;
    const { second, lane } = moving;
    let unknown = 3;
    const mocked = dns.lookup;
    t.mock.method(dns, 'lookup', (name: string, ask: dns.LookupAllOptions, done: (...args: unknown[]) => void) => {
      if (unknown-- <= 0) return mocked(name, ask, done);
      process.nextTick(done, Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
      return undefined;
    });
    moving.move();
    await moving.sendOne();
    assert.equal(second.requests.length, 1);
    assert.match(lane.said[0] ?? '', /the host is unknown\. Check OTEL_EXPORTER_OTLP_ENDPOINT/);
    assert.match(lane.said[1] ?? '', /delivering again/);
    assert.equal(lane.said.length, 2);
    const { delivered, pending } = lane.balance();
    assert.deepEqual({ delivered, pending }, { delivered: 2, pending: 0 });
  });
});
