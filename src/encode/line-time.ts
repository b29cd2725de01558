import type { Instant } from '../core/clock.ts';
import type { LogRecord } from '../core/record.ts';

/** The last second that fits the 64-bit nanoseconds of OTLP: in the year 2554. */
const MAX_SECONDS = 18_446_744_073;

/** True for a time that OTLP can carry; a bridge passes on what its caller gave, which may be any number. */
export function isUnixTime({ seconds, nanos }: Instant): boolean {
  return isIndex(seconds, MAX_SECONDS) && isIndex(nanos, 1_000_000_000);
}

/** Times as ISO 8601 in UTC. Records of the same second share the work. */
export class TimeText {
  #seconds = -1;
  #text = '';

  /** `2026-11-21T08:59:08.123456789Z` */
  nanoseconds(record: LogRecord): string {
    const instant = timeOf(record);
    return `${this.#second(instant.seconds)}.${digits(instant.nanos, 1_000_000_000)}Z`;
  }

  /** `2026-11-21T08:59:08.123Z` */
  milliseconds(record: LogRecord): string {
    const instant = timeOf(record);
    return `${this.#second(instant.seconds)}.${digits(Math.floor(instant.nanos / 1e6), 1_000)}Z`;
  }

  #second(seconds: number): string {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#text = new Date(seconds * 1_000).toISOString().slice(0, 19);
    }
    return this.#text;
  }
}

/** The time that the caller gave, or else when the record was observed. */
function timeOf(record: LogRecord): Instant {
  return isUnixTime(record.time) && record.time.seconds > 0 ? record.time : record.observed;
}

/** The digits of `value` below `limit`, with leading zeros. */
function digits(value: number, limit: number): string {
  return String(limit + value).slice(1);
}

function isIndex(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit;
}
