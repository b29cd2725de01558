import type { PeerName } from './peer-list.ts';
import { BASELINE, DISABLED_BASELINE } from './peer-list.ts';
import type { Figure } from './statistics.ts';
import { summarise } from './statistics.ts';

/** ns per record or request, but bytes for `memory`, shares of 1 for the bursts, and ms for `requestP99`. */
export type MeasureName =
  | 'call'
  | 'mainThread'
  | 'cpu'
  | 'memory'
  | 'disabled'
  | 'burstAtOnce'
  | 'burstSpread'
  | 'requestsPerSecond'
  | 'requestP99'
  | 'requestCpu';

/** One value a round, for every row and measure that was run. */
export class Results {
  readonly #values = new Map<string, number[]>();

  add(row: string, measure: MeasureName, value: number): void {
    const key = `${row} ${measure}`;
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  /** The figure of a row, beside that of the baseline row; undefined when it was not run. */
  figure(row: string, measure: MeasureName, baseline: string = baselineOf(measure)): Figure | undefined {
    const values = this.#values.get(`${row} ${measure}`);
    if (values === undefined) return undefined;
    return summarise(values, this.#values.get(`${baseline} ${measure}`));
  }
}

function baselineOf(measure: MeasureName): PeerName {
  return measure === 'disabled' ? DISABLED_BASELINE : BASELINE;
}
