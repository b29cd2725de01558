import type { Load } from '../load.ts';
import { SLICE_RECORDS } from '../load.ts';
import type { RunningPeer } from '../peer.ts';
import type { Measured } from '../worker-messages.ts';

/**
 * Sends `records` in slices that fit every peer's default queue, each delivered before the next, and returns the ns
 * inside the calls. What sending and waiting take of the processor counts for the thread, never for the call.
 */
export async function sendPaced(load: Load, peer: RunningPeer, records: number): Promise<number> {
  let callNs = 0;
  for (let left = records; left > 0; left -= SLICE_RECORDS) {
    callNs += load.emit(peer, Math.min(SLICE_RECORDS, left));
    await peer.pace?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return callNs;
}

/** Time in the call, of the main thread and of the whole process, per record, from first call to all delivered. */
export async function measureThroughput(load: Load, peer: RunningPeer, records: number): Promise<Measured> {
  const threadBefore = process.threadCpuUsage();
  const processBefore = process.cpuUsage();
  const callNs = await sendPaced(load, peer, records);
  await peer.drain();
  const thread = process.threadCpuUsage(threadBefore);
  const whole = process.cpuUsage(processBefore);
  return {
    callNsPerRecord: callNs / records,
    mainThreadNsPerRecord: ((thread.user + thread.system) * 1_000) / records,
    cpuNsPerRecord: ((whole.user + whole.system) * 1_000) / records,
  };
}
