/** The five fields of every benchmark record: an id, an integer, a float, a boolean, a short string. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface has no implicit index signature, which attributes need
export type OrderFields = {
  order_id: string;
  item_count: number;
  amount: number;
  express: boolean;
  currency: string;
};

/** Five more, of the same kinds, that a child logger carries. */
export const BOUND_FIELDS = {
  tenant: '018f6b0e-7c11-7d3a-9b57-6a1f0c2d4e88',
  shop_number: 4_711,
  load_factor: 0.75,
  canary: false,
  region: 'eu-central-1',
};

export interface PeerOptions {
  /** Base URL of the Collector's OTLP/HTTP receiver, without a path. */
  endpoint: string;
  /** Whether spanlog is measured as it is built, or from its source. */
  spanlog: 'built' | 'source';
  /**
   * `default`: every limit as the peer ships it. `paced`: the same, but nothing may be lost, so a peer without any
   * means to wait for room gets a queue for all. `roomy`: a queue for all, to see what a queued record costs.
   */
  queue: 'default' | 'paced' | 'roomy';
  /** How many records a queue for all has to hold. */
  queueRecords: number;
}

/** One logger, started and wired to the Collector. */
export interface RunningPeer {
  /** Logs `order_placed` at INFO. */
  log(fields: OrderFields): void;
  /** Logs at DEBUG while the level is INFO, so that nothing may happen. */
  debug(fields: OrderFields): void;
  /**
   * Called after each slice of a paced run: waits, by the peer's own means, until the slice has left. So no queue
   * overflows, and no peer's calls share the machine with a Collector that is busy with the slice before. Never part
   * of the time "in the call".
   */
  pace?(): Promise<void>;
  /** Settles once everything that was logged is delivered, or was given up by the peer. */
  drain(): Promise<void>;
}

/** What a file in `peers/` exports as `peer`. */
export interface Peer {
  /** The row's name in the tables. */
  title: string;
  /** The packages whose versions the results name. */
  packages: readonly string[];
  start: (options: PeerOptions) => Promise<RunningPeer>;
}

/** The event that all peers log. */
export const EVENT_NAME = 'order_placed';

/** The scope or logger name that all peers use. */
export const LOGGER_NAME = 'bench';
