import type { RowName } from './peer-list.ts';

/** What one worker process is asked to do: one measure on one peer. */
export interface Task {
  peer: RowName;
  measure: 'throughput' | 'call' | 'burst-at-once' | 'burst-spread' | 'memory' | 'disabled';
  /** Base URL of the OTLP/HTTP receiver. */
  endpoint: string;
  /** Whether spanlog is measured as it is built, or from its source. */
  spanlog: 'built' | 'source';
  records: number;
  /** Records that go first and are counted at the Collector before the measured ones start. */
  warmUpRecords: number;
}

/** What a worker answers with; only the fields of its measure are there. */
export interface Measured {
  /** Time inside the calls. */
  callNsPerRecord?: number;
  /** Processor time of the main thread, from the first call until all is delivered. */
  mainThreadNsPerRecord?: number;
  /** Processor time of the whole process, its other threads included, over the same stretch. */
  cpuNsPerRecord?: number;
  /** Bytes of resident memory that the queued records hold. */
  residentBytes?: number;
}

export type FromWorker = { kind: 'warm' } | { kind: 'measured'; measured: Measured };

/** The only message to a worker: the Collector has counted its warm-up. */
export interface ToWorker {
  kind: 'go';
}
