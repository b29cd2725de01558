import type { Batch } from '../../core/batch.ts';
import type { DropTally } from '../drop-tally.ts';
import type { SpoolFiles } from './files.ts';
import { readRange } from './reader.ts';
import type { SegmentLimits } from './reader.ts';
import { isMissing } from './segment.ts';
import type { Segment } from './segment.ts';
import type { Range } from './spool.ts';
import type { Timers } from '../timers.ts';

export interface EvictedRangesParts {
  readonly files: SpoolFiles;
  readonly limits: SegmentLimits;
  /** Records that wait for longer are dropped. */
  readonly maxAgeMs: number;
  readonly timers: Timers;
  /** So many records are lost. */
  readonly onLost: (range: Range, count: number, reason: string) => void;
  /** The disk fails; what could not be read stays where it is. */
  readonly onFailed: (segment: Segment, error: unknown) => void;
}

/** Records of this process that had to leave memory. They are read back one range at a time, in order. */
export class EvictedRanges {
  readonly #parts: EvictedRangesParts;
  readonly #ranges: Range[] = [];
  /** The one that was read last. */
  #current: Range | undefined;

  constructor(parts: EvictedRangesParts) {
    this.#parts = parts;
  }

  get hasMore(): boolean {
    return this.#ranges.length > 0;
  }

  add(range: Range): void {
    this.#ranges.push(range);
  }

  /** What is left of the next range that can be read; empty when there is none. Those that fail go to the end. */
  async next(): Promise<Batch[]> {
    for (let left = this.#ranges.length; left > 0; left--) {
      const range = this.#ranges.shift();
      if (range === undefined) break;
      try {
        const batches = await this.#read(range);
        this.#current = range;
        if (batches.length > 0) return batches;
      } catch (error) {
        this.#parts.onFailed(range.segment, error);
        if (isMissing(error)) this.#lose(range, range.firstId, range.count, 'spool_missing');
        else this.#ranges.push(range);
      }
    }
    return [];
  }

  /** True when the range that was read last has waited too long. */
  get isExpired(): boolean {
    return this.#current !== undefined && this.#isOld(this.#current);
  }

  /** Drops the ranges that have waited too long; true when there were such. */
  expire(): boolean {
    const young = this.#ranges.filter((range) => !this.#isOld(range));
    if (young.length === this.#ranges.length) return false;
    const old = this.#ranges.filter((range) => this.#isOld(range));
    this.#ranges.splice(0, Infinity, ...young);
    for (const range of old) this.#lose(range, range.firstId, range.count, 'spool_expired');
    return true;
  }

  /** A batch of the range that was read last is settled. */
  settled({ firstId, count }: Batch): void {
    this.#current?.segment.settle(firstId, count);
  }

  /** That segment was given up; what it held goes into the tally. */
  forget(segment: Segment, dropped: DropTally): void {
    for (const range of this.#ranges.filter((other) => other.segment === segment)) {
      this.#ranges.splice(this.#ranges.indexOf(range), 1);
      dropped.addAll(range.severities);
      this.#parts.onLost(range, range.count, 'spool_full');
    }
  }

  #isOld({ sealedAt }: Range): boolean {
    return this.#parts.timers.now() - sealedAt > this.#parts.maxAgeMs;
  }

  async #read(range: Range): Promise<Batch[]> {
    const { files, limits } = this.#parts;
    const { segment, offset, firstId, count } = range;
    const { batches } = await readRange(files, segment.path, segment.name, offset, firstId, count, limits);
    let nextId = firstId;
    for (const batch of batches) {
      this.#lose(range, nextId, batch.firstId - nextId, 'spool_damaged');
      nextId = batch.firstId + batch.count;
      batch.flushes = range.flushes;
      batch.isFromDisk = true;
    }
    this.#lose(range, nextId, firstId + count - nextId, 'spool_damaged');
    return [...batches];
  }

  #lose(range: Range, firstId: number, count: number, reason: string): void {
    if (count <= 0) return;
    range.segment.settle(firstId, count);
    this.#parts.onLost(range, count, reason);
  }
}
