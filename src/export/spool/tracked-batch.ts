import type { Batch } from '../../core/batch.ts';
import type { Segment } from './segment.ts';

/** Records that lie side by side in a segment. */
export interface Place {
  readonly segment: Segment;
  /** Of the first record's frame, or of one before it; frames of scopes may stand before and between. */
  readonly offset: number;
  readonly firstId: number;
  readonly count: number;
}

/** A batch in memory, and how much of it is on disk. */
export class Tracked {
  readonly batch: Batch;
  /** Records from the front that were written, or can't be. */
  written = 0;
  /** Records from the front that are settled, or no longer in memory. */
  prefix = 0;
  /** It gets no further records. */
  isSealed = false;
  /** When that came to be, by the timers' clock: none of its records is younger. */
  sealedAt = Infinity;
  /** Where it lies, in the order of its records; one place, unless a segment failed in the middle of it. */
  places: Place[] = [];
  /** What left memory behind the prefix: of halves, the second can be first. */
  #leftBehind: { readonly firstId: number; readonly count: number }[] = [];
  #gone = 0;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  /** The first record that is to be written next. */
  get next(): number {
    return Math.max(this.written, this.prefix);
  }

  /** True when all that it has by now is written, or need not be. */
  get isWritten(): boolean {
    return this.isGone || this.next >= this.batch.count;
  }

  /** True when none of its records is in memory any more; unless it is sealed, it may get further ones. */
  get isGone(): boolean {
    return this.#gone >= this.batch.count;
  }

  /** A part of it has left memory. */
  leave(part: Batch): void {
    this.#gone += part.count;
    this.#leftBehind.push({ firstId: part.firstId, count: part.count });
    for (let i = 0; i !== -1;) {
      const nextId = this.batch.firstId + this.prefix;
      i = this.#leftBehind.findIndex(({ firstId }) => firstId === nextId);
      if (i !== -1) this.prefix += (this.#leftBehind.splice(i, 1)[0] as { count: number }).count;
    }
  }

  /** Records up to `to` have come to lie there. What left memory meanwhile is settled at once. */
  add(place: Place, to: number): void {
    this.written = to;
    const last = this.places.at(-1);
    if (last?.segment === place.segment && last.firstId + last.count === place.firstId) {
      this.places[this.places.length - 1] = { ...last, count: last.count + place.count };
    } else this.places.push(place);
    settleWithin(place, this.batch.firstId, this.prefix);
    for (const { firstId, count } of this.#leftBehind) settleWithin(place, firstId, count);
  }

  /** Where the records of that part lie, in their order. */
  placesOf(part: Batch): Place[] {
    const found: Place[] = [];
    for (const place of this.places) {
      const both = overlap(place.firstId, place.count, part.firstId, part.count);
      if (both.count > 0) found.push({ ...place, ...both });
    }
    return found;
  }

  /** That segment is gone. */
  forget(segment: Segment): void {
    if (this.places.some((place) => place.segment === segment)) {
      this.places = this.places.filter((place) => place.segment !== segment);
    }
  }

  /** All segments are gone: what is in memory has to be written again. */
  forgetAll(): void {
    this.places = [];
    this.written = 0;
  }
}

/** What lies there of the records from `firstId` on need not be read again. */
export function settleWithin(place: Place, firstId: number, count: number): void {
  const both = overlap(place.firstId, place.count, firstId, count);
  place.segment.settle(both.firstId, both.count);
}

/** Ids that are in both. */
function overlap(a: number, aCount: number, b: number, bCount: number): { firstId: number; count: number } {
  const firstId = Math.max(a, b);
  return { firstId, count: Math.max(0, Math.min(a + aCount, b + bCount) - firstId) };
}
