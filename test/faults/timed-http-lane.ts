import type { TestContext } from 'node:test';
import type { Transport } from '../../src/core/transport.ts';
import { DEFAULT_RETRY } from '../../src/export/retry.ts';
import { FakeTimers } from '../export/fake-timers.ts';
import { createLane, httpTransport } from '../export/lane.ts';
import type { Lane, LaneOptions } from '../export/lane.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { Answer, FaultyServer } from './faulty-server.ts';

/** A shipper that waits by a fake clock and sends over real sockets: what a server's answer makes of the waiting. */
export interface TimedHttpLane {
  readonly server: FaultyServer;
  readonly lane: Lane;
  readonly timers: FakeTimers;
  /** Lets time pass up to the next attempt and its answer; resolves with the wait before it, in ms of the fake clock. */
  attempt(): Promise<number>;
}

const STEP_MS = 50;
const PATIENCE_MS = 24 * 3_600_000;

export async function timedHttpLane(
  t: TestContext,
  answers: readonly Answer[],
  options: LaneOptions = {},
): Promise<TimedHttpLane> {
  const server = await startFaultyServer(t, { answers });
  const timers = new FakeTimers();
  const http = httpTransport(server.url);
  let attempts = 0;
  let answered: Promise<unknown> = Promise.resolve();
  const transport: Transport = {
    send(batch, signal) {
      attempts++;
      const outcome = http.send(batch, signal);
      answered = outcome;
      return outcome;
    },
    sendSync: (batches, timeoutMs) => http.sendSync(batches, timeoutMs),
    close: () => http.close(),
  };
  const lane = createLane(transport, { timers, retry: DEFAULT_RETRY, batchDelayMs: 0, ...options });
  t.after(() => transport.close());
  return {
    server,
    lane,
    timers,
    async attempt() {
      const before = attempts;
      const start = timers.now();
      while (attempts === before) {
        if (timers.now() - start > PATIENCE_MS) throw new Error('no attempt within a day');
        await timers.pass(STEP_MS);
      }
      const waitedMs = timers.now() - start;
      await answered;
      // What the shipper makes of it.
      await timers.pass(0);
      return waitedMs;
    },
  };
}
