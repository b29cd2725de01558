import type { Batch } from '../core/batch.ts';

/** Failures that the batch itself may be the reason for: the request went out, and no proper answer came. */
const SUSPICIOUS: ReadonlySet<string> = new Set(['reset', 'response_broken', 'timeout', 'http_502', 'http_504']);

/** So many in a row make a batch a suspect; of one that came out of a suspect two are enough. */
const MAX_BREAKS = 5;
const MAX_BREAKS_OF_PART = 2;

/** What is to be done with a batch that failed. */
export type Verdict = 'again' | 'last' | 'halve' | 'drop';

interface Suspect {
  breaks: number;
  readonly maxBreaks: number;
  /** Batches that had been delivered when it first failed. */
  readonly delivered: number;
}

/**
 * Finds the record that breaks whatever carries it: one that crashes the other side, or that a firewall answers with a
 * reset. Without this it would hold up all others for good.
 *
 * A batch that fails five times in a row like that is put last. When it fails five times again and others were delivered
 * meanwhile, it is halved, down to the one record, which is dropped in the end. While nothing is delivered it is an
 * outage, and nothing is dropped however long it takes.
 */
export class Suspects {
  readonly #suspects = new WeakMap<Batch, Suspect>();
  #delivered = 0;

  /** Some batch got an answer. */
  answered(): void {
    this.#delivered++;
  }

  failed(batch: Batch, reason: string): Verdict {
    if (!SUSPICIOUS.has(reason)) return 'again';
    const suspect = this.#suspects.get(batch) ?? this.#suspect(batch, MAX_BREAKS);
    if (++suspect.breaks < suspect.maxBreaks) return 'again';
    suspect.breaks = 0;
    if (this.#delivered === suspect.delivered) return 'last';
    return batch.count > 1 ? 'halve' : 'drop';
  }

  /** The halves of a suspect. */
  halves(batch: Batch): readonly [Batch, Batch] {
    const halves = batch.halves();
    for (const half of halves) this.#suspect(half, MAX_BREAKS_OF_PART);
    return halves;
  }

  #suspect(batch: Batch, maxBreaks: number): Suspect {
    const suspect = { breaks: 0, maxBreaks, delivered: this.#delivered };
    this.#suspects.set(batch, suspect);
    return suspect;
  }
}
