import { DEFAULT_RETRY } from '../../src/export/retry.ts';
import { FakeTimers } from './fake-timers.ts';
import { createLane, ScriptedTransport } from './lane.ts';
import type { Lane, LaneOptions } from './lane.ts';

/** A shipper under a fake clock, with a transport whose answers the test gives. */
export interface TimedLane {
  readonly timers: FakeTimers;
  readonly transport: ScriptedTransport;
  readonly lane: Lane;
}

export function timedLane(options: LaneOptions = {}): TimedLane {
  const timers = new FakeTimers();
  const transport = new ScriptedTransport(() => timers.now());
  const lane = createLane(transport, {
    timers,
    batchDelayMs: 1_000,
    retry: DEFAULT_RETRY,
    random: () => 0.5,
    ...options,
  });
  return { timers, transport, lane };
}

/** Whether a promise has settled, without waiting for it. */
export function watch(promise: Promise<unknown>): { settled: boolean } {
  const state = { settled: false };
  void promise.then(() => (state.settled = true));
  return state;
}
