/** The middle of the values; of an even number of them, the mean of the two middle ones. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** A figure of a peer: its median, and the median, least and greatest of its ratio to the baseline. */
export interface Figure {
  value: number;
  ratio: number | undefined;
  leastRatio: number | undefined;
  greatestRatio: number | undefined;
}

/**
 * Both lists hold one value a round. The ratio is taken within a round and only then summed up, since a machine
 * that slows down or speeds up between rounds hits both sides of it alike.
 */
export function summarise(rounds: readonly number[], baseline: readonly number[] | undefined): Figure {
  const ratios = rounds
    .map((value, round) => value / (baseline?.[round] ?? NaN))
    .filter((ratio) => Number.isFinite(ratio));
  const known = ratios.length > 0;
  return {
    value: median(rounds),
    ratio: known ? median(ratios) : undefined,
    leastRatio: known ? Math.min(...ratios) : undefined,
    greatestRatio: known ? Math.max(...ratios) : undefined,
  };
}
