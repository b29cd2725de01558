import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { delivered, retry } from '../export/lane.ts';
import { timedLane } from '../export/timed-lane.ts';
import type { TimedLane } from '../export/timed-lane.ts';
import { assertAllDelivered, ledgerOf } from '../process/app.ts';
import { unusedUrl } from '../process/receiving.ts';
import { pointedTo, runFaultApp, startFaultApp, upTo } from './fault-app.ts';
import { startFaultyServer, status } from './faulty-server.ts';
import type { FaultyRequest, FaultyServer } from './faulty-server.ts';

const PER_SECOND = 100;
const HOUR_S = 3_600;

interface Sent {
  readonly atMs: number;
  readonly bytes: number;
}

/** An hour at 100 records a second with nobody there, and then somebody. What is sent from then on is in `sent`. */
async function afterAnHour(options: Parameters<typeof timedLane>[0]): Promise<TimedLane & { readonly sent: Sent[] }> {
  const timed = timedLane({ batchRecords: 512, batchBytes: 16_384, ...options });
  const { timers, transport, lane } = timed;
  transport.otherwise(retry());
  for (let second = 0; second < HOUR_S; second++) {
    lane.emitMany(PER_SECOND);
    await timers.pass(1_000);
  }
  // A wait of at most 30 s between attempts: with 22.5 s on average, as the jitter of this clock is.
  assert.ok(transport.attempts.length < HOUR_S / 20, `${transport.attempts.length} attempts in an hour`);
  assert.ok(transport.attempts.length > HOUR_S / 40, `${transport.attempts.length} attempts in an hour`);
  const sent: Sent[] = [];
  const send = transport.send.bind(transport);
  transport.send = (batch, signal) => {
    sent.push({ atMs: timers.now(), bytes: batch.length });
    return send(batch, signal);
  };
  transport.attempts.length = 0;
  transport.otherwise(delivered);
  return { ...timed, sent };
}

describe('fault 30: an hour down, then up', () => {
  test('R8.2 fault 30 an hour down: then what piled up goes out at its rate and in order, new records flow too, all is counted', async () => {
    const RATE = 64_000;
    const { timers, transport, lane, sent } = await afterAnHour({ maxBytes: 20e6, drainBytesPerSecond: RATE });
    const backlog = lane.balance();
    assert.deepEqual([backlog.pending, backlog.dropped], [HOUR_S * PER_SECOND, {}]);
    const backlogBytes = lane.queue.bytes;
    assert.ok(backlogBytes > 1e6);

    let extra = 0;
    while (lane.queue.bytes > 16_384) {
      lane.emitMany(PER_SECOND, 'new');
      extra += PER_SECOND;
      await timers.pass(1_000);
      assert.ok(extra < 600 * PER_SECOND, 'it never ends');
    }
    // No second brings more than its share and the batch that was due in it.
    for (const { atMs } of sent) {
      const within = sent.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1_000);
      const bytes = within.reduce((sum, { bytes }) => sum + bytes, 0);
      assert.ok(bytes <= RATE + 16_500, `${bytes} bytes in a second`);
    }
    const tookS = ((sent.at(-1)?.atMs ?? 0) - (sent[0]?.atMs ?? 0)) / 1_000;
    assert.ok(tookS >= (backlogBytes - 16_500) / RATE, `${tookS} s`);
    const firstNew = transport.attempts.findIndex(({ names }) => names.includes('new0'));
    assert.ok(firstNew > 0 && firstNew < transport.attempts.length - 1, 'they flow behind the old ones');

    // And then the pace is that of an ordinary day.
    const before = transport.attempts.length;
    lane.emitMany(2_000, 'after');
    await timers.pass(1_000);
    assert.ok(transport.attempts.length - before > 1);
    const { emitted, ...counts } = lane.balance();
    assert.equal(emitted, HOUR_S * PER_SECOND + extra + 2_000);
    assert.deepEqual([counts.delivered, counts.pending, counts.dropped], [emitted, 0, {}]);
    const order = transport.attempts.flatMap(({ names }) => names).filter((name) => name.startsWith('e'));
    assert.equal(order.length, HOUR_S * PER_SECOND);
    const perSecond = upTo(PER_SECOND).map((i) => `e${i}`);
    for (let i = 0; i < order.length; i++) if (order[i] !== perSecond[i % PER_SECOND]) assert.fail(`${i}: ${order[i]}`);
  });

  test('R8.2 fault 30 an hour down with too small a queue: what did not fit is counted, and room is made before the rate counts', async () => {
    const { timers, lane, sent } = await afterAnHour({ maxBytes: 1e6, drainBytesPerSecond: 64_000 });
    const full = lane.balance();
    assert.deepEqual(full.dropped, { queue_full: HOUR_S * PER_SECOND - full.pending });
    const recovered = timers.now();
    await timers.pass(60_000);
    const first = sent[0]?.atMs ?? 0;
    assert.ok(first - recovered <= 30_000);
    const atOnce = sent.filter(({ atMs }) => atMs === first).reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(atOnce > 300_000 && atOnce < 600_000, `${atOnce} bytes at once`);
    const { pending, ...counts } = lane.balance();
    assert.deepEqual([counts.delivered, pending], [full.pending, 0]);
  });
});

describe('fault 30: outages of real processes', { concurrency: 2 }, () => {
  const RATE = 64 * 1024;
  const FIRST = 3_000;
  const limits = { SPANLOG_LIMITS_DRAIN_BYTES_PER_SECOND: String(RATE), OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '100' };

  /** Resolves once the server has this many of the numbers below `FIRST`. */
  async function arrived(server: FaultyServer, from: number, count: number): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const seen = new Set(server.requests.slice(from).flatMap(({ numbers }) => numbers.filter((i) => i < FIRST)));
      if (seen.size >= count) return;
      if (performance.now() > deadline) throw new Error(`${seen.size} of ${count} records after 20 s`);
      await delay(20);
    }
  }

  test('R8.2 fault 30 a real outage: the rate is kept from one request to the next, nothing is lost', async (t) => {
    const server = await startFaultyServer(t);
    server.otherwise(status(503));
    const app = startFaultApp('until-told', [PER_SECOND, FIRST], { env: { ...pointedTo(server.endpoint), ...limits } });
    await server.arrived(2);
    server.otherwise(status(200));
    const outage = server.requests.length;
    await arrived(server, outage, FIRST);
    const drained = [...server.requests].slice(outage);
    app.kill('SIGUSR2');
    const end = await app.ended;
    assert.equal(end.stdout, 'started\nsuccess\n', end.stderr);

    // Less what else stands in a request; a busy machine only makes the gaps longer.
    const old = drained.filter(({ numbers }) => (numbers[0] ?? 0) < FIRST - 200);
    assertPaced(t, old, RATE);
    const numbers = server.requests.slice(outage).flatMap((request) => request.numbers);
    const { emitted } = ledgerOf(end);
    assert.deepEqual(numbers, upTo(emitted));
    assertAllDelivered(end, emitted);
  });

  test('R8.2 fault 30 what an earlier process left on disk: it goes out at its rate while new records go ahead of it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'spanlog-faults-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const disk = { SPANLOG_DURABILITY: 'disk', SPANLOG_SPOOL_DIRECTORY: folder, SPANLOG_LIMITS_EXIT_TIMEOUT_MS: '200' };
    const before = await runFaultApp('rounds', [1, FIRST], {
      env: { ...pointedTo(await unusedUrl()), ...limits, ...disk, OTEL_BLRP_EXPORT_TIMEOUT: '300' },
    });
    const kept = ledgerOf(before);
    assert.deepEqual([kept.emitted, kept.pending, kept.delivered, kept.dropped], [FIRST, FIRST, 0, {}]);

    const server = await startFaultyServer(t);
    const env = { ...pointedTo(server.endpoint), ...limits, ...disk, OTEL_BLRP_SCHEDULE_DELAY: '100' };
    const app = startFaultApp('until-told', [PER_SECOND, 0, FIRST], { env });
    await arrived(server, 0, FIRST);
    const requests = [...server.requests];
    app.kill('SIGUSR2');
    const end = await app.ended;
    assert.equal(end.stdout, 'started\nsuccess\n', end.stderr);

    const isOld = ({ numbers }: FaultyRequest): boolean => (numbers[0] ?? 0) < FIRST;
    assertPaced(t, requests.filter(isOld), RATE);
    // The new ones did not wait for the end of the old: they arrived in the midst of them.
    const lastOld = requests.findLastIndex(isOld);
    const fresh = requests.slice(0, lastOld).filter((request) => !isOld(request));
    assert.ok(fresh.length >= 3, `${fresh.length} requests of new records among the old`);

    const { emitted, replayed, delivered: count, pending, dropped } = ledgerOf(end);
    assert.deepEqual([replayed, count, pending, dropped], [FIRST, FIRST + emitted, 0, {}]);
    const numbers = server.requests.flatMap((request) => request.numbers);
    assert.deepEqual(numbers.filter((i) => i < FIRST), upTo(FIRST)); // prettier-ignore
    assert.deepEqual(numbers.filter((i) => i >= FIRST).map((i) => i - FIRST), upTo(emitted)); // prettier-ignore
  });
});

/** Asserts that sending took the time that the rate asks for; a part of each request is not records but what stands around them. */
function assertPaced(t: TestContext, requests: readonly FaultyRequest[], bytesPerSecond: number): void {
  assert.ok(requests.length > 5, `${requests.length} requests`);
  const first = requests[0];
  const last = requests.at(-1);
  const bytes = requests.slice(0, -1).reduce((sum, request) => sum + request.bytes, 0);
  const tookMs = (last?.atMs ?? 0) - (first?.atMs ?? 0);
  t.diagnostic(`${Math.round(bytes / tookMs)} of ${bytesPerSecond / 1_000} bytes a millisecond`);
  assert.ok(tookMs > (bytes / bytesPerSecond) * 1_000 * 0.8, `${bytes} bytes took ${tookMs} ms`);
}
