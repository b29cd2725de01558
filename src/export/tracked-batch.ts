import type { Batch } from '../core/batch.ts';
import type { Segment } from './spool-segment.ts';

/** Records that lie side by side in a segment. */
export interface Place {
  readonly segment: Segment;
  /** Of the first record's frame; frames of scopes may stand before and between. */
  readonly offset: number;
  readonly firstId: number;
  readonly count: number;
}

/** A batch in memory, and how much of it is on disk. */
export class Tracked {
  readonly batch: Batch;
  /** Records from the front that were written, or need not be. */
  written = 0;
  /** Records from the front that are settled, or no longer in memory. */
  prefix = 0;
  /** Where it lies; one place, unless a segment failed in the middle of it. */
  places: Place[] = [];
  #gone = 0;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  get isWritten(): boolean {
    return Math.max(this.written, this.prefix) >= this.batch.count;
  }

  /** True when none of its records is in memory any more; the newest batch may get further ones. */
  get isGone(): boolean {
    return this.#gone >= this.batch.count;
  }

  /** A part of it has left memory. */
  leave(part: Batch): void {
    this.#gone += part.count;
    if (part.firstId === this.batch.firstId + this.prefix) this.prefix += part.count;
  }

  /** Records up to `to` have come to lie there. */
  add(place: Place, to: number): void {
    this.written = to;
    const last = this.places.at(-1);
    if (last?.segment === place.segment && last.firstId + last.count === place.firstId) {
      this.places[this.places.length - 1] = { ...last, count: last.count + place.count };
    } else this.places.push(place);
  }

  /** That segment is gone. */
  forget(segment: Segment): void {
    this.places = this.places.filter((place) => place.segment !== segment);
  }
}

/** Where all records of that part lie, if they lie in one place. */
export function placeOf(tracked: Tracked, part: Batch): Place | undefined {
  return tracked.places.find(
    ({ firstId, count }) => firstId <= part.firstId && part.firstId + part.count <= firstId + count,
  );
}
