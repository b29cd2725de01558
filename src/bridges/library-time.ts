import type { Instant } from '../core/clock.ts';

/** Times in full, with a zone, to the millisecond at least: less would put a record before what caused it. */
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3,9})(Z|[+-]\d\d:?\d\d)$/;
/** The last second whose nanoseconds fit OTLP's 64 bits. */
const MAX_SECONDS = 18_446_744_072;
/** Up to these, a number since 1970 counts seconds, milliseconds, microseconds: each reaches into the year 5138. */
const SECONDS_END = 1e11;
const MS_END = 1e14;
const US_END = 1e17;

/** The time that a library wrote, in any unit since 1970 or as ISO 8601; undefined when it is none. */
export function instantOf(time: unknown): Instant | undefined {
  if (typeof time === 'number') return fromNumber(time);
  if (typeof time === 'bigint') return within(Number(time / 1_000_000_000n), Number(time % 1_000_000_000n));
  if (typeof time !== 'string' || time.length > 40) return undefined;
  if (/^\d{9,20}$/.test(time)) return instantOf(time.length > 16 ? BigInt(time) : Number(time));
  const [, second, digits, zone] = ISO.exec(time) ?? [];
  if (second === undefined || digits === undefined || zone === undefined) return undefined;
  return within(Date.parse(`${second}${zone}`) / 1_000, Number(digits.padEnd(9, '0')));
}

function fromNumber(time: number): Instant | undefined {
  const perSecond = time < SECONDS_END ? 1 : time < MS_END ? 1_000 : time < US_END ? 1e6 : 1e9;
  const seconds = Math.floor(time / perSecond);
  return within(seconds, Math.round((time - seconds * perSecond) * (1e9 / perSecond)));
}

function within(seconds: number, nanos: number): Instant | undefined {
  return seconds > 0 && seconds <= MAX_SECONDS && nanos >= 0 && nanos < 1e9 ? { seconds, nanos } : undefined;
}
