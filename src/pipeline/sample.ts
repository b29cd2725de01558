import type { SpanContext } from '@opentelemetry/api';
import { levelOf, parseLevel, SEVERITY } from '../core/level.ts';
import type { LevelName } from '../core/level.ts';
import { PrefixTable } from '../core/prefix-table.ts';

/**
 * Consistent probability sampling (OTEP 235, W3C Trace Context level 2): a record is kept when its randomness R is at
 * least the threshold T of its rate. R is the last 56 bits of the trace id, so every service and the Collector decide
 * alike; a tracestate that carries `ot=rv:…` says R itself; a record outside of a trace draws one.
 *
 * The threshold is made as the Collector's probabilistic sampler makes it (contrib v0.155, pkg/sampling): four hex
 * digits, more near 0 and 1. A kept record says its weight by it: 2^56 / (2^56 - T) records stood where it stands.
 */

/** Shares of 0–1: by event name, by logger-name prefix, by level, and for all else. */
export interface SampleRates {
  readonly rate?: number;
  readonly events?: Readonly<Record<string, number>>;
  readonly loggers?: Readonly<Record<string, number>>;
  readonly levels?: Readonly<Record<string, number>>;
}

export interface Decision {
  readonly keep: boolean;
  /** T-value of the rate the record was kept at, trailing zeros cut; empty when it was not sampled. */
  readonly threshold: string;
  /** R-value in 14 hex digits where the trace id does not say it, for the readers that come after; else empty. */
  readonly randomness: string;
}

export interface Sampler {
  /** False when every record is kept: the caller need not ask. */
  readonly active: boolean;
  /** Never throws; allocates nothing for records of a trace (some 15 ns, measured). */
  decide(loggerName: string, severity: number, eventName: string, span: SpanContext | undefined): Decision;
}

const KEPT_WHOLE: Decision = Object.freeze({ keep: true, threshold: '', randomness: '' });
const DROPPED: Decision = Object.freeze({ keep: false, threshold: '', randomness: '' });

const HEX_DIGITS = 14;
const BITS = 56n;
const HALF = 2 ** 28;
/** The Collector's default `sampling_precision`, in hex digits. */
const PRECISION = 4;
/** Where the last 56 bits of a trace id start. */
const RANDOM_AT = 18;
const NO_TRACE = '0'.repeat(32);
const R_VALUE = /(?:^|;)rv:([0-9a-f]{14})(?:;|$)/;

/** One rate, ready to decide by. */
interface Rate {
  /** T-value, trailing zeros cut; empty for rate 1, `undefined` for rate 0. */
  readonly threshold: string | undefined;
  /** T in two halves of 28 bits, for a drawn R. */
  readonly high: number;
  readonly low: number;
  readonly kept: Decision;
}

/**
 * @param options shares of 0–1; the event's own wins, then the longest logger prefix, then the level, then `rate`. What
 *   is no share keeps everything.
 * @param random uniform in [0, 1), for records outside of a trace
 */
export function createSampler(options: SampleRates = {}, random: () => number = Math.random): Sampler {
  const table = new RateTable(options);
  return {
    active: table.active,
    decide(loggerName, severity, eventName, span) {
      if (severity >= SEVERITY.error) return KEPT_WHOLE;
      const rate = table.rateOf(loggerName, severity, eventName);
      if (rate.threshold === '') return KEPT_WHOLE;
      if (rate.threshold === undefined) return DROPPED;
      if (span?.traceId.length !== 32 || span.traceId === NO_TRACE) return draw(rate, random);
      if (span.traceState !== undefined) {
        const explicit = R_VALUE.exec(span.traceState.get('ot') ?? '')?.[1];
        // The Collector sees no tracestate on a log record, so the randomness that decided goes with it.
        if (explicit !== undefined) {
          return reaches(explicit, 0, rate.threshold)
            ? { keep: true, threshold: rate.threshold, randomness: explicit }
            : DROPPED;
        }
      }
      return reaches(span.traceId, RANDOM_AT, rate.threshold) ? rate.kept : DROPPED;
    },
  };
}

/** Whether the hex digits of `text` from `at` on are at least `threshold`; mostly, the first digit decides. */
function reaches(text: string, at: number, threshold: string): boolean {
  for (let i = 0; i < threshold.length; i++) {
    // Bit 5 set makes letters lower case and leaves digits; in ASCII, hex digits then sort by value.
    const difference = (text.charCodeAt(at + i) | 32) - threshold.charCodeAt(i);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function draw(rate: Rate, random: () => number): Decision {
  const high = Math.trunc(random() * HALF);
  const low = Math.trunc(random() * HALF);
  if (high < rate.high || (high === rate.high && low < rate.low)) return DROPPED;
  return { keep: true, threshold: rate.kept.threshold, randomness: hexText(high, low) };
}

const HEX_CODES = Buffer.from('0123456789abcdef');
const drawn = Buffer.alloc(HEX_DIGITS);

/** Two halves of 28 bits in 14 hex digits; through `toString(16)` and `padStart` it took three times as long. */
function hexText(high: number, low: number): string {
  for (let i = HEX_DIGITS / 2 - 1, a = high, b = low; i >= 0; i--, a >>>= 4, b >>>= 4) {
    drawn[i] = HEX_CODES[a & 15] as number;
    drawn[HEX_DIGITS / 2 + i] = HEX_CODES[b & 15] as number;
  }
  return drawn.toString('latin1');
}

/** Which rate holds for a record. */
class RateTable {
  readonly active: boolean;
  readonly #rate: Rate;
  readonly #events: ReadonlyMap<string, Rate>;
  readonly #loggers: PrefixTable<Rate>;
  readonly #levels: ReadonlyMap<LevelName, Rate>;

  constructor({ rate = 1, events = {}, loggers = {}, levels = {} }: SampleRates) {
    this.#rate = toRate(rate);
    this.#events = new Map(Object.entries(events).map(([name, share]) => [name, toRate(share)]));
    const prefixes = Object.entries(loggers).map(([prefix, share]) => [prefix, toRate(share)] as const);
    this.#loggers = new PrefixTable(prefixes);
    this.#levels = new Map(
      Object.entries(levels).map(([level, share]) => [levelOf(parseLevel(level) ?? SEVERITY.info), toRate(share)]),
    );
    const all = [this.#rate, ...this.#events.values(), ...this.#levels.values(), ...prefixes.map(([, of]) => of)];
    this.active = all.some(({ threshold }) => threshold !== '');
  }

  rateOf(loggerName: string, severity: number, eventName: string): Rate {
    if (eventName !== '' && this.#events.size > 0) {
      const rate = this.#events.get(eventName);
      if (rate !== undefined) return rate;
    }
    const rate = this.#loggers.of(loggerName);
    if (rate !== undefined) return rate;
    return (this.#levels.size > 0 ? this.#levels.get(levelOf(severity)) : undefined) ?? this.#rate;
  }
}

function toRate(share: number): Rate {
  const threshold = thresholdOf(share);
  const digits = (threshold ?? '').padEnd(HEX_DIGITS, '0');
  return {
    threshold,
    high: parseInt(digits.slice(0, 7), 16),
    low: parseInt(digits.slice(7), 16),
    kept: threshold === undefined ? DROPPED : { keep: true, threshold, randomness: '' },
  };
}

/**
 * The T-value of a probability: empty for 1 and for what is no probability, `undefined` when nothing is to be kept.
 * The same digits as `ProbabilityToThresholdWithPrecision(share, 4)` of the Collector's pkg/sampling.
 */
export function thresholdOf(share: number): string | undefined {
  if (!(share >= 0 && share < 1)) return '';
  if (share < 2 ** -56) return undefined;
  const zeros = Math.max(leadingHexZeros(share), leadingHexZeros(1 - share));
  const precision = Math.min(HEX_DIGITS, PRECISION + zeros);
  let threshold = (1n << BITS) - BigInt(Math.round(share * 2 ** 56));
  const shift = BigInt(4 * (HEX_DIGITS - precision));
  if (shift > 0n) threshold = ((threshold + (1n << (shift - 1n))) >> shift) << shift;
  if (threshold >= 1n << BITS) return undefined;
  return threshold.toString(16).padStart(HEX_DIGITS, '0').replace(/0+$/, '');
}

/** Hex digits after the point that are 0; each adds one digit of precision, as in the Collector. */
function leadingHexZeros(fraction: number): number {
  let bits = 0;
  for (let rest = fraction; rest > 0 && rest < 0.5; rest *= 2) bits++;
  return Math.trunc(bits / 4);
}
