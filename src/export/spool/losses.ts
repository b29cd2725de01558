import { FRAME_HEADER_BYTES, FRAME_KIND } from './frame.ts';
import type { IdRange } from './frame.ts';
import type { Damage } from './scan.ts';

/** Ids in ranges of any order, as the head of a segment tells them. */
export class SettledIds {
  readonly #ranges: readonly IdRange[];

  constructor(ranges: readonly IdRange[]) {
    this.#ranges = merged(ranges);
  }

  has(id: number): boolean {
    return this.countWithin(id, id) === 1;
  }

  /** How many of the ids `first` to `last` are in it. */
  countWithin(first: number, last: number): number {
    let count = 0;
    for (const range of this.#ranges) {
      if (range.first > last) break;
      count += Math.max(0, Math.min(last, range.last) - Math.max(first, range.first) + 1);
    }
    return count;
  }
}

function merged(ranges: readonly IdRange[]): IdRange[] {
  const result: IdRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = result.at(-1);
    if (last === undefined || range.first > last.last) {
      if (range.last >= range.first) result.push(range);
    } else if (range.last > last.last) result[result.length - 1] = { first: last.first, last: range.last };
  }
  return result;
}

/**
 * Counts the records of a segment that damages took, from the ids on both sides of each: a record without damage beside
 * it is not missed, since what was settled in time is never written.
 *
 * - Between two records: the unsettled ids between them, but no more than frames fit into the damaged bytes, which is one
 *   when the damage is exactly as long as the frame at its start says. Where no id is missing, it took no record.
 * - Behind the last record nothing tells how many there were: each damage there counts 1. It counts none when it is blank,
 *   or the rest of a frame that was never written to its end and is of another kind, or of an id that is there already.
 * - Behind an intact frame whose id does not increase is nothing but remains of a write that was done again.
 */
export class Losses {
  /** Records known or presumed to be lost. */
  count = 0;
  /** Damages, without those that count for nothing: zeros, remains, the rest of a frame that nobody misses. */
  regions = 0;
  /** Of the last intact record; before the first one, the id in front of the segment's first. */
  lastId: number;
  readonly #settled: SettledIds;
  /** The damages since the last record, and the records they may have held. */
  #since = NO_DAMAGE;
  #inRemains = false;

  constructor(firstId: number, settled: SettledIds) {
    this.lastId = firstId - 1;
    this.#settled = settled;
  }

  damage(damage: Damage): void {
    if (this.#inRemains) return;
    const { regions, atMost, atLeast } = this.#since;
    const isOneFrame = claimedBytes(damage) === damage.bytes;
    const mostFrames = isOneFrame ? 1 : Math.max(1, Math.floor(damage.bytes / FRAME_HEADER_BYTES));
    const isOfRecord = !damage.isBlank && (kindOf(damage) === FRAME_KIND.record || !isOneFrame);
    this.#since = {
      regions: regions + (damage.isBlank ? 0 : 1),
      atMost: atMost + mostFrames,
      atLeast: atLeast + (isOfRecord ? 1 : 0),
    };
  }

  /** True when the record is one of the segment; otherwise it is of the remains behind its end. */
  record(id: number): boolean {
    const { regions, atMost } = this.#since;
    this.#since = NO_DAMAGE;
    if (id <= this.lastId) {
      this.#inRemains = true;
      return false;
    }
    if (atMost > 0) {
      const missing = id - this.lastId - 1;
      this.count += Math.min(atMost, missing - this.#settled.countWithin(this.lastId + 1, id - 1));
      this.regions += regions;
    }
    this.lastId = id;
    return true;
  }

  /** @param tail what the segment ends with, when that is no frame */
  end(tail: Damage | undefined): void {
    this.count += this.#since.atLeast;
    this.regions += this.#since.regions;
    if (tail === undefined || tail.isBlank || this.#inRemains) return;
    const isUnfinished = claimedBytes(tail) > tail.bytes;
    const kind = kindOf(tail);
    const isOther = kind !== undefined && kind !== FRAME_KIND.record;
    if (isUnfinished && (isOther || idOf(tail) <= this.lastId)) return;
    this.regions++;
    this.count++;
  }
}

const NO_DAMAGE = { regions: 0, atMost: 0, atLeast: 0 };

/** How long the frame at the start of the damage says it is; infinite when that is not there. */
function claimedBytes({ header }: Damage): number {
  return header.length < 12 ? Infinity : FRAME_HEADER_BYTES + header.readUInt32LE(8);
}

function kindOf({ header }: Damage): number | undefined {
  return header[12];
}

function idOf({ header }: Damage): number {
  return header.length < 20 ? Infinity : header.readUIntLE(14, 6);
}
