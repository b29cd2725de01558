import type { Collector } from '../test/support/collector.ts';
import type { BenchOptions } from './options.ts';
import type { PeerName, RowName } from './peer-list.ts';
import { YARDSTICK_NAMES } from './peer-list.ts';
import { Results } from './results.ts';
import { runWorker } from './run-worker.ts';
import { ownRuns } from './own-rows.ts';
import type { StalledEndpoint } from './stalled-endpoint.ts';
import type { Task } from './worker-messages.ts';

/** What has no budget of cost, or varies little, is taken in the first rounds only: all in all it stays below six minutes. */
export const SHORT_ROUNDS_MAX = 3;

/**
 * Runs every peer once a round, one process at a time, so that a machine that drifts hits all alike. Rejects when a
 * paced run is not delivered in full, since then its figures are not those of the same work.
 */
export async function runRounds(
  options: BenchOptions,
  collector: Collector,
  stalled: StalledEndpoint,
  onProgress: (line: string) => void,
): Promise<Results> {
  const results = new Results();
  const task = (peer: Task['peer'], measure: Task['measure'], records: number, warmUpRecords = 0): Task => ({
    peer,
    measure,
    endpoint: measure === 'memory' ? stalled.endpoint : collector.otlpHttp,
    spanlog: options.spanlog,
    records,
    warmUpRecords,
  });

  const runPaced = async (row: string, peer: RowName, records: number): Promise<void> => {
    const run = task(peer, 'throughput', records, options.warmUpRecords);
    const { measured, accepted } = await runWorker(run, collector);
    if (accepted !== records) throw new Error(`${peer} delivered ${accepted} of ${records} records, paced`);
    results.add(row, 'call', measured.callNsPerRecord ?? NaN);
    results.add(row, 'mainThread', measured.mainThreadNsPerRecord ?? NaN);
    results.add(row, 'cpu', measured.cpuNsPerRecord ?? NaN);
  };
  const throughput = (peer: PeerName): Promise<void> => runPaced(peer, peer, options.records);
  const burst = async (peer: PeerName): Promise<void> => {
    const { burstRecords } = options;
    const atOnce = await runWorker(task(peer, 'burst-at-once', burstRecords), collector);
    results.add(peer, 'burstAtOnce', atOnce.accepted / burstRecords);
    const spread = await runWorker(task(peer, 'burst-spread', burstRecords), collector);
    results.add(peer, 'burstSpread', spread.accepted / burstRecords);
  };
  const memory = async (peer: PeerName): Promise<void> => {
    const { measured } = await runWorker(task(peer, 'memory', options.records), collector);
    results.add(peer, 'memory', measured.residentBytes ?? NaN);
  };
  const disabled = async (peer: PeerName): Promise<void> => {
    const { measured } = await runWorker(task(peer, 'disabled', options.records), collector);
    results.add(peer, 'disabled', measured.callNsPerRecord ?? NaN);
  };

  for (let round = 0; round < options.rounds; round++) {
    const label = `round ${round + 1} of ${options.rounds}`;
    for (const measure of round < SHORT_ROUNDS_MAX ? [throughput, burst, memory, disabled] : [throughput]) {
      for (const peer of options.peers) {
        onProgress(`${label}: ${measure.name} of ${peer}`);
        await measure(peer);
      }
    }
    // The long one is long enough to be run once.
    for (const { name, title, peer, records } of round < SHORT_ROUNDS_MAX ? ownRuns(options) : []) {
      if (round > 0 && records > options.records) continue;
      onProgress(`${label}: ${title.replaceAll('*', '')}`);
      await runPaced(name, peer, records);
    }
    onProgress(`${label}: yardsticks`);
    for (const yardstick of YARDSTICK_NAMES) {
      const { measured } = await runWorker(task(yardstick, 'call', options.records, options.warmUpRecords), collector);
      results.add(yardstick, 'call', measured.callNsPerRecord ?? NaN);
    }
  }
  return results;
}
